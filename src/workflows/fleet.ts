/** The workflow of a fleet: one cluster after the other, each one only after the one before it was handed over. */
import { ApplicationFailure } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import {
  messageNames,
  type AuditEntry,
  type FleetInput,
  type FleetResult,
  type FleetRollbackRequest,
  type FleetStatus,
  type PauseRequest,
  type RollbackRequest,
  type WayBackWord,
} from './contract.ts';
import { startMember, type Member } from './fleet-member.ts';
import { FleetState, type Recall } from './fleet-state.ts';

const rollback = defineSignal<[FleetRollbackRequest]>(messageNames.rollback);
const rollbackUpdate = defineUpdate<AuditEntry, [FleetRollbackRequest]>(messageNames.rollbackUpdate);
const statusQuery = defineQuery<FleetStatus>(messageNames.status);

/**
 * The status tells of a cluster only what its parent knows: pending, running, or how it ended. Never do two clusters move: while
 * one goes back, the one that was under way stands still, and none is begun.
 */
export async function fleetHandover(input: FleetInput): Promise<FleetResult> {
  const state = new FleetState(input);
  listen(state);
  const { result } = state;
  if (input.back) {
    const names = input.plans.map(({ name }) => name).toReversed();
    await bringBack(input, state, names, input.back);
    return result;
  }
  for (const [index, plan] of input.plans.entries()) {
    if (state.ending) break;
    state.begin(plan.name, 'running');
    const member = await startMember(input, plan);
    const ended = await accompany(input, state, member);
    state.end(ended);
    if (ended.outcome === 'operator' && !state.ending) continue;
    result.untouched = input.plans.slice(index + 1).map(({ name }) => name);
    result.why = `${plan.name} ended as ${ended.outcome}${result.untouched.length > 0 ? `, so ${result.untouched.join(', ')} was not touched` : ''}`;
    break;
  }
  if (state.ending) {
    const begun = new Set(result.clusters.map(({ cluster }) => cluster));
    result.untouched = input.plans.map(({ name }) => name).filter((name) => !begun.has(name));
    const last = result.clusters.at(-1);
    // One that a person took over half-way wants all eyes: nothing else moves then.
    if (last?.outcome === 'abandoned') result.why = stoppedBy(state, last.cluster);
    else await bringBack(input, state, state.handedOver(), state.ending);
  }
  return result;
}

/** Lets a cluster's workflow run to its end, and passes on what people want meanwhile. @throws CancelledFailure with the fleet */
async function accompany(
  input: FleetInput,
  state: FleetState,
  member: Member,
): Promise<Awaited<Member['ended']>> {
  for (;;) {
    const first = await Promise.race([member.ended, state.woken()]);
    if (first !== 'word') return first;
    const recall = state.take();
    if (!recall) continue;
    const { clusters, requestId, approver, reason } = recall;
    const word = { requestId: `${requestId}/${member.cluster}`, approver, reason };
    if (!clusters || clusters.includes(member.cluster))
      await told(member.workflow.signal<[RollbackRequest]>(messageNames.rollback, word));
    else
      await told(
        member.workflow.signal<[PauseRequest]>(messageNames.pause, {
          ...word,
          reason: `${clusters.join(', ')} goes back${reason ? `: ${reason}` : ''}`,
        }),
      );
    // A whole fleet goes back in order, the cluster under way first.
    if (clusters)
      await bringBack(
        input,
        state,
        state.handedOver().filter((name) => clusters.includes(name)),
        recall,
      );
  }
}

/** One after the other; one that does not end as legacy stops the rest. */
async function bringBack(
  input: FleetInput,
  state: FleetState,
  names: string[],
  { approver, reason }: WayBackWord | Recall,
): Promise<void> {
  const { result } = state;
  for (const [index, name] of names.entries()) {
    const plan = input.plans.find((each) => each.name === name);
    if (!plan) continue;
    state.begin(name, 'rolling-back');
    const { ended } = await startMember(input, plan, { approver, reason });
    const { outcome } = await ended;
    state.end({ cluster: name, outcome });
    if (outcome === 'legacy') continue;
    const rest = names.slice(index + 1);
    result.why = `the way back of ${name} ended as ${outcome}${rest.length > 0 ? `, so ${rest.join(', ')} was not brought back` : ''}`;
    return;
  }
  if (names.length > 0 || state.ending)
    result.why = `brought back on the word of ${approver}${reason ? ` (${reason})` : ''}: ${broughtBack(state)}`;
}

function stoppedBy(state: FleetState, cluster: string): string {
  const kept = state.handedOver();
  const { untouched } = state.result;
  const rest = [
    ...(kept.length > 0 ? [`${kept.join(', ')} was not brought back`] : []),
    ...(untouched.length > 0 ? [`${untouched.join(', ')} was not touched`] : []),
  ];
  return `${cluster} ended as abandoned${rest.length > 0 ? `, so ${rest.join(' and ')}` : ''}`;
}

function broughtBack({ result }: FleetState): string {
  const back = result.clusters.filter(({ outcome }) => outcome === 'legacy').map(({ cluster }) => cluster);
  const stays = result.clusters.filter(({ outcome }) => outcome === 'operator').map(({ cluster }) => cluster);
  return `${back.join(', ') || 'nothing, for nothing was begun'}${stays.length > 0 ? `; ${stays.join(', ')} stays on the operator` : ''}`;
}

/** One that ended in this very moment needs no word any more. */
async function told(sent: Promise<void>): Promise<void> {
  await sent.catch(() => {});
}

function listen(state: FleetState): void {
  setHandler(rollback, (request) => void state.rollback(request), {
    description: 'Bring clusters back: all that were begun, or those named',
  });
  setHandler(rollbackUpdate, (request) => state.rollback(request), {
    description: 'The same as rollback, with the verdict as the answer',
    validator: (request) => {
      const { verdict, why } = state.judge(request);
      if (verdict !== 'accepted') throw ApplicationFailure.nonRetryable(why, verdict);
    },
  });
  setHandler(statusQuery, () => state.status, { description: 'Where the fleet stands' });
}
