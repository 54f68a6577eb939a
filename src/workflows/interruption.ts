/** What stops the way forward from outside of its own steps, and the scope in which the way forward can be stopped. */
import { ActivityFailure } from '@temporalio/common';
import { CancellationScope, ContinueAsNew, isCancellation } from '@temporalio/workflow';
import type { Finding } from '../activities/contract.ts';
import type { Progress } from './progress.ts';

/** A person's word to go back or to wait, or what the watch over the invariants has seen. */
export type Interruption =
  | { by: 'rollback'; approver: string; reason: string }
  | { by: 'pause'; approver: string; reason: string }
  | { by: 'breach'; findings: Finding[]; onBreach: 'hold' | 'rollback' };

export class Interruptible {
  private readonly progress: Progress;
  private scope: CancellationScope | null = null;

  constructor(progress: Progress) {
    this.progress = progress;
  }

  /**
   * Stops what the way forward is doing, whatever it is: an activity, a wait, a soak. Synchronous and never throwing, so a message
   * handler may call it. On the way back there is nothing to stop, and nothing happens.
   */
  raise(interruption: Interruption): void {
    if (this.progress.direction === 'back') return;
    this.progress.interruption = weightier(this.progress.interruption, interruption);
    this.scope?.cancel();
  }

  /** The interruption that stopped the way forward, handed over once. */
  take(): Interruption | null {
    const { interruption } = this.progress;
    this.progress.interruption = null;
    return interruption;
  }

  /**
   * Carries `work` on until it ends by itself or is interrupted. Its activities have ended by then: they are cancelled with
   * WAIT_CANCELLATION_COMPLETED. A cancellation of the workflow passes through as such.
   */
  async run<Result>(work: () => Promise<Result>): Promise<Result | 'interrupted'> {
    if (this.progress.interruption) return 'interrupted';
    this.scope = new CancellationScope();
    try {
      const result = await this.scope.run(work);
      // Accepted in the very moment in which the work ended: the word counts.
      return this.progress.interruption ? 'interrupted' : result;
    } catch (failure) {
      const stopped =
        isCancellation(failure) || failure instanceof ActivityFailure || failure instanceof ContinueAsNew;
      if (!this.progress.interruption || !stopped || CancellationScope.current().consideredCancelled)
        throw failure;
      return 'interrupted';
    } finally {
      this.scope = null;
    }
  }
}

/** A word to go back outweighs all else, and a breach that goes back one that asks; findings are kept. */
function weightier(before: Interruption | null, now: Interruption): Interruption {
  if (!before || before.by === 'rollback') return before ?? now;
  if (now.by === 'rollback' || before.by === 'pause') return now;
  if (now.by === 'pause') return before;
  const back = before.onBreach === 'rollback' || now.onBreach === 'rollback';
  return {
    by: 'breach',
    findings: [...before.findings, ...now.findings],
    onBreach: back ? 'rollback' : 'hold',
  };
}
