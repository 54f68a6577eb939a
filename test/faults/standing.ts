/** Where a run stands, seen from outside: the memo of its workflow, which needs no worker, and the commits on the branch. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { PhaseName } from '../../src/plan/phases.ts';
import { clusterWorkflowId, type ClusterState, type ClusterStatus } from '../../src/workflows/contract.ts';
import type { Lab } from '../../lab/description.ts';
import { gitServer } from '../lab/person.ts';
import type { Moment } from './cells.ts';

export interface Standing {
  /** Null while nothing is known: before the cluster's workflow began, or with Temporal away. */
  readonly status: ClusterStatus | null;
  /** The workflow has ended. */
  readonly ended: boolean;
  /** Steps on the branch since the run began, oldest first; `undo-<phase>` for what was taken back. */
  readonly steps: readonly string[];
}

/** Milliseconds between two looks. */
const interval = 150;

export class Watcher {
  readonly #lab: Lab;
  readonly #client: Client;
  readonly #workflowId: string;
  readonly #branch: string;
  readonly #base: string;

  /** @param base head of the branch before the run */
  constructor(lab: Lab, client: Client, run: { fleet: string; cluster: string; base: string }) {
    this.#lab = lab;
    this.#client = client;
    this.#workflowId = clusterWorkflowId(run.fleet, run.cluster);
    this.#branch = run.cluster;
    this.#base = run.base;
  }

  async look(): Promise<Standing> {
    const [described, steps] = await Promise.all([
      this.#client
        .withDeadline(Date.now() + 3000, () => this.#client.workflow.getHandle(this.#workflowId).describe())
        .catch(() => null),
      this.steps(),
    ]);
    const memo = described?.memo as { status?: ClusterStatus } | undefined;
    return {
      status: memo?.status ?? null,
      ended: described !== null && described.status.name !== 'RUNNING',
      steps,
    };
  }

  /** What a run that does not come to an end waits for, e.g. `running in settle, watchHealth (attempt 1)`. */
  async waitsFor(): Promise<string> {
    const described = await this.#client.workflow.getHandle(this.#workflowId).describe();
    const { status } = described.memo as { status?: ClusterStatus };
    const activities = (described.raw.pendingActivities ?? []).map(
      ({ activityType, attempt, lastFailure }) =>
        `${activityType?.name} (attempt ${attempt}${lastFailure?.message ? `: ${lastFailure.message}` : ''})`,
    );
    return [`${status?.state} in ${status?.phase}`, ...activities].join(', ');
  }

  async steps(): Promise<string[]> {
    const format = '--format=%(trailers:key=Handover-Step,valueonly,separator=)';
    const log = await gitServer(this.#lab, 'log', '--reverse', format, `${this.#base}..${this.#branch}`);
    return log.split('\n').filter(Boolean);
  }

  /** Looks until something is found. @returns undefined when the time is up */
  async until<Found>(
    seconds: number,
    find: (standing: Standing) => Found | undefined,
  ): Promise<Found | undefined> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(interval)) {
      const found = find(await this.look());
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** States in which a run no longer goes forward by itself. */
const stopped: readonly ClusterState[] = ['held', 'rolling-back', 'rolled-back', 'stopped'];

/** Whether the run has come to a moment of a phase: not yet, now, or it is past it. */
export function momentOf(
  { status, steps }: Standing,
  order: readonly PhaseName[],
  { phase, moment }: { phase: PhaseName; moment: Moment | 'begin' },
): 'not yet' | 'now' | 'past' {
  if (status === null || status.phase === null) return 'not yet';
  if (status.state === 'done') return moment === 'after' && phase === order.at(-2) ? 'now' : 'past';
  if (stopped.includes(status.state)) return 'past';
  const distance = order.indexOf(status.phase) - order.indexOf(phase);
  if (distance < 0) return 'not yet';
  const committed = steps.includes(phase);
  if (moment === 'after') return distance === 0 ? 'not yet' : distance === 1 ? 'now' : 'past';
  if (distance > 0) return 'past';
  if (moment === 'during') return committed ? 'now' : 'not yet';
  return committed ? 'past' : 'now';
}

export type End = 'went-on' | 'came-back' | 'held';

/** The stable end that a cell has reached, if any. */
export function endOf(
  { status, steps, ended }: Standing,
  order: readonly PhaseName[],
  { phase, moment }: { phase: PhaseName; moment: Moment },
): End | undefined {
  if (status === null) return undefined;
  if (status.state === 'held') return 'held';
  if (status.state === 'rolled-back') return 'came-back';
  if (status.state === 'done') return 'went-on';
  if (status.state !== 'running' && status.state !== 'soaking') return undefined;
  if (ended || status.phase === null) return undefined;
  const distance = order.indexOf(status.phase) - order.indexOf(phase);
  // A fault after a phase meets the next one: that must have got something done since.
  const next = order[order.indexOf(phase) + 1];
  const gone =
    moment === 'after' ? distance > 1 || (next !== undefined && steps.includes(next)) : distance > 0;
  return gone ? 'went-on' : undefined;
}
