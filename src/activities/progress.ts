/** Says what an activity is doing: heartbeats inside Temporal, silence outside (a `verify` on the command line). */
import { asyncLocalStorage, Context } from '@temporalio/activity';

export interface Progress {
  /** Cancelled by the workflow, or by the worker's end. */
  signal: AbortSignal;
  /** One sentence, e.g. `waiting for HelmRelease flux-system/flux-operator: Ready`. */
  report: (sentence: string) => void;
  /** Throws the cancellation, as Temporal wants to see it, if there is one. */
  throwIfCancelled(): Promise<void>;
  end(): void;
}

/** Between two heartbeats; a worker's death is seen within the heartbeat timeout of the workflow. Milliseconds. */
const beat = 2_000;

export function startProgress(): Progress {
  if (!asyncLocalStorage.getStore()) {
    return {
      signal: new AbortController().signal,
      report: () => {},
      throwIfCancelled: async () => {},
      end: () => {},
    };
  }
  const context = Context.current();
  let current = 'starting';
  const timer = setInterval(() => context.heartbeat(current), beat);
  context.heartbeat(current);
  return {
    signal: context.cancellationSignal,
    report(sentence) {
      if (sentence === current) return;
      current = sentence;
      context.heartbeat(sentence);
    },
    async throwIfCancelled() {
      if (context.cancellationSignal.aborted) await context.cancelled;
    },
    end: () => clearInterval(timer),
  };
}
