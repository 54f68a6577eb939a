/** Is the legacy owner on the cluster what Git says, healthy, and the only owner of the controllers? */
import { healthOf } from '../../cluster/health.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { field, keyOf, type LiveObject, nameOf } from '../../cluster/objects.ts';
import { marks } from '../../cluster/ownership.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import type { Finding } from '../contract.ts';
import { refusal } from '../failure.ts';
import { ownerOfPlan } from '../planned.ts';
import { stepsOf } from '../shapes/index.ts';
import { findIn, type Look } from './look.ts';
import { checkRelease } from './release.ts';

export async function checkOwner(look: Look): Promise<Finding[]> {
  const { session, plan, flux } = look;
  // Without changes there is a refusal already, and nothing that the owner would have to be ready for.
  if (plan.changes.length === 0) return [];
  if (!plan.legacy.owner) return judgeOwnerless(plan.target, look, session.settings.context);
  const reference = ownerOfPlan(plan);
  const name = nameOf(reference);
  const live = findIn(flux, reference.kind, reference.namespace, reference.name);
  const mend = `compare Git and cluster: flux --context ${session.settings.context} -n ${reference.namespace} reconcile ${reference.kind.toLowerCase()} ${reference.name}`;
  if (!live)
    return [
      refusal(
        'owner-missing',
        `${name}, which owns Flux according to ${plan.legacy.owner.file}, is not on the cluster`,
        'the plan would orphan something that is not there',
        mend,
      ),
    ];
  const findings: Finding[] = [];
  const { state, message } = healthOf(live);
  if (state !== 'ready')
    findings.push(
      refusal(
        'owner-unready',
        `${name} is ${state}: ${message}`,
        'a handover begins from a healthy Flux',
        mend,
      ),
    );
  if (reference.kind === 'HelmRelease') return [...findings, ...(await checkRelease(look, live))];
  if ((field(live, 'spec', 'prune') === true) !== plan.legacy.owner.prune)
    findings.push(
      refusal(
        'owner-differs',
        `${name} has prune: ${String(field(live, 'spec', 'prune'))} on the cluster, Git says ${plan.legacy.owner.prune}`,
        'somebody edited it by hand, or a parent patches it',
        mend,
      ),
    );
  return [...findings, ...(await checkInventory(look, live))];
}

/** Every controller is in its inventory, in no other, and the objects themselves agree. */
async function checkInventory({ session, plan, flux }: Look, live: LiveObject): Promise<Finding[]> {
  const reference = ownerOfPlan(plan);
  const findings: Finding[] = [];
  const inventory = inventoryOf(live);
  const managed = new Set(inventory.map(keyOf));
  const absent = plan.target.components.filter(
    (component) => !managed.has(`Deployment.apps/${plan.target.namespace}/${component}`),
  );
  if (absent.length > 0)
    findings.push(
      refusal(
        'owner-not-owning',
        `${nameOf(reference)} does not manage ${absent.join(', ')}`,
        'something else owns these controllers, and the plan does not know it',
        `find it: kubectl --context ${session.settings.context} -n ${plan.target.namespace} get deploy ${absent[0]} --show-managed-fields -o yaml`,
      ),
    );
  const rivals = flux.filter(
    (object) =>
      object !== live &&
      object.kind === 'Kustomization' &&
      inventoryOf(object).some(
        (entry) =>
          entry.kind === 'Deployment' &&
          plan.target.components.includes(entry.name) &&
          entry.namespace === plan.target.namespace,
      ),
  );
  for (const rival of rivals)
    findings.push(
      refusal(
        'two-owners',
        `Kustomization ${rival.metadata.namespace}/${rival.metadata.name} also manages controllers`,
        'orphaning one owner leaves the other in charge',
        'take the controllers out of one of them first',
      ),
    );
  const { ownership } = await stepsOf(plan).legacyOwnership(session, plan, live);
  for (const { object, missing } of ownership)
    findings.push(
      refusal(
        'owned-by-others',
        `${object}: ${missing.join(', ')}`,
        'the inventory says the legacy owner manages it, the object says otherwise',
        'let the legacy owner reconcile; if that does not help, look at its managed fields',
      ),
    );
  return findings;
}

/** Nothing in Git owns the controllers: then nothing on the cluster may, or it goes on writing (and could collect) unseen. */
export function judgeOwnerless(
  target: Pick<ClusterPlan['target'], 'namespace' | 'components'>,
  { flux, deployments }: Pick<Look, 'flux' | 'deployments'>,
  context: string,
): Finding[] {
  const ours = deployments.filter(
    ({ metadata }) => metadata.namespace === target.namespace && target.components.includes(metadata.name),
  );
  const owners = ours.flatMap(({ metadata }) => {
    const { labels = {}, annotations = {} } = metadata;
    const kustomization = labels[marks.kustomizationName];
    const release = annotations['meta.helm.sh/release-name'];
    return [
      ...(kustomization ? [`Kustomization ${kustomization}`] : []),
      ...(release ? [`Helm release ${release}`] : []),
    ].map((owner) => `${metadata.name} belongs to ${owner}`);
  });
  const listed = flux
    .filter((object) => object.kind === 'Kustomization')
    .filter((object) =>
      inventoryOf(object).some(
        ({ kind, namespace, name }) =>
          kind === 'Deployment' && namespace === target.namespace && target.components.includes(name),
      ),
    )
    .map(({ metadata }) => `Kustomization ${metadata.namespace}/${metadata.name} lists controllers`);
  return [...new Set([...owners, ...listed])].map((sentence) =>
    refusal(
      'owner-unexpected',
      sentence,
      'nothing in Git says so: that owner goes on applying its own, and could collect the controllers',
      `bring the owner back to Git, or, if it is a leftover, orphan and remove it first: kubectl --context ${context} -n ${target.namespace} get kustomizations,helmreleases`,
    ),
  );
}
