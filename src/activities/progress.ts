/** Says what an activity is doing, and hears that it is cancelled: by heartbeats inside Temporal, by plain calls in one process. */
import { Context } from '@temporalio/activity';

export interface Progress {
  /** Cancelled by the workflow or by the worker's end; in one process, by a person. */
  signal: AbortSignal;
  /** One sentence, e.g. `waiting for HelmRelease flux-system/flux-operator: Ready`. */
  report: (sentence: string) => void;
  /** Throws the cancellation, as whoever drives wants to see it, if there is one. */
  throwIfCancelled(): Promise<void>;
  end(): void;
}

/** Called once per activity, as it begins. */
export type StartProgress = () => Progress;

/** Between two heartbeats; a worker's death is seen within the heartbeat timeout of the workflow. Milliseconds. */
const beat = 2_000;

/** Inside Temporal. @throws IllegalStateError outside of an activity */
export function activityProgress(): Progress {
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

/** In one process without Temporal: a command on the command line. @param report is called when the sentence changes */
export function directProgress(
  signal: AbortSignal,
  report: (sentence: string) => void = () => {},
): StartProgress {
  return () => {
    let current = '';
    return {
      signal,
      report(sentence) {
        if (sentence === current) return;
        current = sentence;
        report(sentence);
      },
      throwIfCancelled: async () => signal.throwIfAborted(),
      end: () => {},
    };
  };
}
