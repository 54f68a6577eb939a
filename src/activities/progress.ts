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

/**
 * Between two heartbeats, in milliseconds: while what it says still changes, and for a while after, and once it rests. A worker's death
 * is seen within the heartbeat timeout of the workflow; a cancellation comes as the answer to a beat, and is not to keep a person
 * waiting. A soak lasts for days, and each beat costs the server a write.
 */
const beat = { busy: 500, calm: 2_000, calmAfter: 10_000 };

/** Inside Temporal. @throws IllegalStateError outside of an activity */
export function activityProgress(): Progress {
  const context = Context.current();
  let current = 'starting';
  let changedAt = Date.now();
  let beatAt = changedAt;
  const say = (): void => {
    beatAt = Date.now();
    context.heartbeat(current);
  };
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - changedAt <= beat.calmAfter || now - beatAt >= beat.calm) say();
  }, beat.busy);
  say();
  return {
    signal: context.cancellationSignal,
    report(sentence) {
      if (sentence === current) return;
      current = sentence;
      changedAt = Date.now();
      say();
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
