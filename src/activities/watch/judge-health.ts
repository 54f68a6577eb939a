/** Regressions: what was Ready when the run began and is not any more, or lags behind, fails or restarts again and again. Pure. */
import { healthOf, revisionOf } from '../../cluster/health.ts';
import {
  conditionOf,
  field,
  keyOf,
  listField,
  type LiveObject,
  nameOf,
  referenceOf,
  textField,
} from '../../cluster/objects.ts';
import { sourceKeyOf } from '../../cluster/record.ts';
import { isOrphaned, ownerOfPlan } from '../planned.ts';
import { courseAt } from './course.ts';
import { type Fault, fault, type Sight } from './fault.ts';
import { failuresOf, restartsOf, type Tally } from './tally.ts';
import { fetchesFromElsewhere, idOfUnready, isWaitingOrWorking, patienceOf } from './unready.ts';

export function judgeHealth(sight: Sight, tally: Tally): Fault[] {
  const { plan, stand, objects, baseline, limits } = sight;
  const course = courseAt(stand, plan);
  if (!course.atRest) {
    tally.clocks.clear();
    return [];
  }
  const ours = plan.legacy.owner && isOrphaned(plan) ? keyOf(ownerOfPlan(plan)) : '';
  const revisions = new Map<string, string>();
  for (const object of objects.values())
    revisions.set(`${object.kind}/${object.metadata.namespace}/${object.metadata.name}`, revisionOf(object));
  const faults: Fault[] = [];
  for (const [key, object] of objects) {
    if (!object.apiVersion.includes('fluxcd') || key === ours || course.moving.has(key)) continue;
    const before = baseline.objects[key]?.health?.state;
    // What was not well before need not be well now; of what is new, only Flux's own namespace is our concern.
    if (before ? before !== 'ready' && before !== 'static' : object.metadata.namespace !== baseline.namespace)
      continue;
    const failing = judgeFailures(key, object, sight, tally);
    const now = judgeObject(key, object, revisions, limits, tally);
    faults.push(...now.filter(({ id }) => id !== failing[0]?.id), ...failing);
  }
  return [...faults, ...judgeRestarts(sight, tally)];
}

function judgeObject(
  key: string,
  object: LiveObject,
  revisions: Map<string, string>,
  limits: Sight['limits'],
  tally: Tally,
): Fault[] {
  const subject = nameOf(referenceOf(object));
  const { state, reason, message } = healthOf(object);
  if (state === 'suspended' || state === 'static' || state === 'ready') tally.clocks.delete(key);
  if (state === 'suspended' || state === 'static') return [];
  if (state !== 'ready') {
    const since = conditionOf(object, 'Ready')?.lastTransitionTime;
    const said = [reason, message].filter(Boolean).join(': ') || state;
    return [
      fault(
        idOfUnready(object),
        subject,
        `is not Ready${since ? ` since ${since}` : ''}: ${said}`,
        patienceOf(key, object, limits, tally),
      ),
    ];
  }
  if (object.kind !== 'Kustomization') return [];
  const wanted = revisions.get(sourceKeyOf(object)) ?? '';
  const applied = revisionOf(object);
  return wanted && applied !== wanted
    ? [fault('behind', subject, `is at ${applied || 'no revision'}, its source at ${wanted}`, limits.behind)]
    : [];
}

/** It recovers in between, so that no single failure lasts: what counts is how often it turned. */
function judgeFailures(key: string, object: LiveObject, { stand, limits }: Sight, tally: Tally): Fault[] {
  const ready = conditionOf(object, 'Ready');
  const at = ready?.lastTransitionTime ?? '';
  const failed =
    ready?.status === 'False' && at >= stand.since.replace(/\.\d+Z$/, 'Z') && !isWaitingOrWorking(object);
  const times = failuresOf(tally, key, failed ? at : '');
  if (times <= limits.failures) return [];
  const said =
    ready?.status === 'False' ? `, the last time with ${ready.reason ?? ''}: ${ready.message ?? ''}` : '';
  return [
    fault(
      fetchesFromElsewhere(object) ? 'source-unready' : 'failing',
      nameOf(referenceOf(object)),
      `failed ${times} times within an hour${said.slice(0, 300)}`,
      0,
    ),
  ];
}

/** @returns containers of the controllers' pods that restarted more often than allowed, with what ended them */
function judgeRestarts({ objects, baseline, limits }: Sight, tally: Tally): Fault[] {
  const names = baseline.controllers.map(({ name }) => name);
  const faults: Fault[] = [];
  for (const pod of objects.values()) {
    if (pod.kind !== 'Pod' || pod.metadata.namespace !== baseline.namespace) continue;
    const controller = names.find((name) =>
      new RegExp(`^${name}-[a-z0-9]+-[a-z0-9]+$`).test(pod.metadata.name),
    );
    if (!controller) continue;
    for (const container of listField(pod, 'status', 'containerStatuses')) {
      const count = Number(field(container, 'restartCount') ?? 0);
      const key = `${pod.metadata.uid} ${textField(container, 'name') ?? ''}`;
      // A pod that this watch has seen begin had none. What an older one had, was told or passed over.
      const young = Date.parse(pod.metadata.creationTimestamp ?? '') >= tally.begunAt;
      const restarts = restartsOf(tally, key, young ? 0 : count, count);
      if (restarts <= limits.restarts) continue;
      const ended = field(container, 'lastState', 'terminated');
      const why = ended
        ? `, the last time with ${textField(ended, 'reason') ?? 'Error'} (exit code ${Number(field(ended, 'exitCode') ?? 0)}) at ${textField(ended, 'finishedAt') ?? '?'}`
        : '';
      faults.push(
        fault(
          'restarts',
          nameOf(referenceOf(pod)),
          `of ${controller} restarted ${restarts} times within an hour${why}`,
          0,
        ),
      );
    }
  }
  return faults;
}
