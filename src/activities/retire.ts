/** Phase `retire`: the legacy install leaves Git, and its owner the cluster, after it can no longer take anything with it. */
import { keyOf, nameOf } from '../cluster/objects.ts';
import { inventoryOf } from '../cluster/inventory.ts';
import { healthOf } from '../cluster/health.ts';
import { missingForOperator } from '../cluster/ownership.ts';
import { type Carrying, carrying, commitPhase } from './carry.ts';
import type { PhaseInput, PhaseResult } from './contract.ts';
import { failure, refusal } from './failure.ts';
import { instanceOf } from './planned.ts';
import type { Session } from './session.ts';
import { stepsOf } from './shapes/index.ts';
import { syncFault } from './sync.ts';

export function retireLegacyOwner(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carrying(session, async (opened) => {
    await assertAdopted(opened);
    const awaitEffect = await stepsOf(opened.plan).beforeRetire(opened);
    const arrival = await commitPhase(opened, 'retire');
    return {
      commit: arrival.commit,
      alreadyDone: arrival.alreadyDone,
      summary: await awaitEffect(arrival),
      evidence: [],
      findings: [],
    };
  });
}

/** The controllers belong to Flux Operator, each object of them, before their former owner goes. @throws Refused */
async function assertAdopted({ session, plan, view }: Carrying): Promise<void> {
  const reference = instanceOf(plan);
  const instance = view.find(reference);
  const wrong: string[] = [];
  if (!instance) wrong.push(`${nameOf(reference)} does not exist`);
  else {
    const { state, reason } = healthOf(instance);
    if (state !== 'ready' || reason !== 'ReconciliationSucceeded')
      wrong.push(`${nameOf(reference)} is ${state} (${reason})`);
    const fault = syncFault(instance, plan.target.sync);
    if (fault) wrong.push(`${nameOf(reference)} ${fault}`);
    const objects = inventoryOf(instance);
    if (objects.length === 0) wrong.push('its inventory is empty');
    const owned = await Promise.all(
      objects.map(async (object) => ({ object, live: await session.cluster.find(object) })),
    );
    for (const { object, live } of owned) {
      const missing = live ? missingForOperator(live) : ['it does not exist'];
      if (missing.length > 0) wrong.push(`${nameOf(object)}: ${missing.join(', ')}`);
    }
    // What only the legacy owner manages would be left without any owner: harmless, but not as planned.
    const managed = new Set(objects.map(keyOf));
    const controllers = plan.target.components.filter(
      (name) => !managed.has(`Deployment.apps/${plan.target.namespace}/${name}`),
    );
    if (controllers.length > 0) wrong.push(`it does not manage ${controllers.join(', ')}`);
  }
  if (wrong.length > 0)
    throw failure('Refused', [
      refusal(
        'not-adopted',
        `Flux Operator does not own the controllers: ${wrong.slice(0, 10).join('; ')}`,
        'without the legacy owner nobody would keep them, and what it still owns could be collected',
        'look at the FluxInstance, then retry; or roll back',
      ),
    ]);
}
