/** Judges the controllers: one set in the whole cluster, written by their owner alone, with the settings they had. Pure. */
import { controllersIn, secondSets, settingsLost } from '../../cluster/controller-set.ts';
import { type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { legacyManager, managersOf, operatorManager, writesOnlyNotes } from '../../cluster/ownership.ts';
import { courseAt } from './course.ts';
import { type Fault, fault, moment, type Sight } from './fault.ts';

/** Ours, and what keeps the rollout's revision. */
const harmless = [/^flux-handover/, /^kube-controller-manager:/];
/** What Flux Operator takes over for good: after the adoption such a manager is somebody's new write. */
const takenOver = [/^kubectl/, /^flux:/, /^helm:/, /^before-first-apply:/, new RegExp(`^${legacyManager}:`)];

export function judgeControllers(sight: Sight): Fault[] {
  const { baseline, objects, plan, stand } = sight;
  const course = courseAt(stand, plan);
  const deployments = [...objects.values()].filter(({ kind }) => kind === 'Deployment');
  const controllers = controllersIn(deployments);
  const faults = judgeSets(sight, deployments);
  if (!course.atRest) return faults;
  for (const before of baseline.controllers) {
    const now = controllers.find(
      ({ namespace, name }) => namespace === before.namespace && name === before.name,
    );
    const live = objects.get(`Deployment.apps/${before.namespace}/${before.name}`);
    if (!now || !live) continue;
    // Before the adoption people apply a bootstrap by hand, and what counts is what it changed.
    const strangers = course.ownedBy === 'operator' ? strangersOf(sight, live) : [];
    const lost = settingsLost(before, now);
    const detail = [
      ...(strangers.length > 0 ? [`was written by ${strangers.join(' and ')}`] : []),
      ...lost,
    ].join(', ');
    if (detail)
      faults.push(
        fault(
          'controllers-changed',
          nameOf(referenceOf(live)),
          detail,
          strangers.length > 0 ? moment : 10_000,
        ),
      );
  }
  return faults;
}

/**
 * Managers that wrote a controller of the operator's and are neither the operator nor known from before. Whoever restarts it (kubectl, k9s,
 * Lens, Reloader, each by a name of its own) notes that on the pod template, and changes nothing.
 */
function strangersOf({ baseline }: Sight, live: LiveObject): string[] {
  const before =
    baseline.objects[`Deployment.apps/${live.metadata.namespace}/${live.metadata.name}`]?.managers ?? [];
  const known = new Set([
    ...before.filter((manager) => !takenOver.some((pattern) => pattern.test(manager))),
    `${operatorManager}:Apply`,
  ]);
  return managersOf(live, (entry) => !writesOnlyNotes(entry)).filter(
    (manager) => !known.has(manager) && !harmless.some((pattern) => pattern.test(manager)),
  );
}

/** The newcomer is stopped: the set that was there before goes on. */
function judgeSets({ baseline }: Sight, deployments: LiveObject[]): Fault[] {
  const controllers = controllersIn(deployments).filter(({ replicas }) => replicas > 0);
  const known = new Set(baseline.controllers.map(({ namespace, name }) => `${namespace}/${name}`));
  const twice = secondSets(controllers);
  if (twice.length === 0) return [];
  const newcomers = deployments.filter(
    ({ metadata }) =>
      controllers.some(({ uid }) => uid === metadata.uid) &&
      !known.has(`${metadata.namespace}/${metadata.name}`),
  );
  return [
    fault(
      'second-controllers',
      'the controllers',
      twice.join('; '),
      newcomers.length > 0 ? 0 : moment,
      newcomers.map((deployment) => ({ do: 'scale-down', object: referenceOf(deployment) })),
    ),
  ];
}
