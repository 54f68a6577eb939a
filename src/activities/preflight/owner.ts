/** Is the legacy owner on the cluster what Git says, healthy, and the only owner of the controllers? */
import { healthOf } from '../../cluster/health.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { field, keyOf, type LiveObject, nameOf } from '../../cluster/objects.ts';
import { missingForLegacy } from '../../cluster/ownership.ts';
import type { Finding } from '../contract.ts';
import { refusal } from '../failure.ts';
import { ownerOfPlan } from '../planned.ts';
import { findIn, type Look } from './look.ts';

export async function checkOwner(look: Look): Promise<Finding[]> {
  const { session, plan, flux } = look;
  if (!plan.legacy.owner) return [];
  const reference = ownerOfPlan(plan);
  const name = nameOf(reference);
  const live = findIn(flux, 'Kustomization', reference.namespace, reference.name);
  const mend = `compare Git and cluster: flux --context ${session.settings.context} -n ${reference.namespace} reconcile kustomization ${reference.name}`;
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
  const objects = await Promise.all(
    inventory.map(async (entry) => ({ entry, object: await session.cluster.find(entry) })),
  );
  const strange = objects
    .map(({ entry, object }) => ({
      entry,
      missing: object ? missingForLegacy(object, reference) : ['it does not exist'],
    }))
    .filter(({ missing }) => missing.length > 0);
  for (const { entry, missing } of strange)
    findings.push(
      refusal(
        'owned-by-others',
        `${nameOf(entry)}: ${missing.join(', ')}`,
        'the inventory says the legacy owner manages it, the object says otherwise',
        'let the legacy owner reconcile; if that does not help, look at its managed fields',
      ),
    );
  return findings;
}
