/** Waits until a live view satisfies a judgement, saying all along what it waits for. */
import type { LiveView } from './live-view.ts';

/** Either the value that was waited for, or one sentence about what is missing. `hopeless` ends the wait at once. */
export type Waited<Value> = { value: Value } | { waiting: string; hopeless?: boolean };

export interface WaitOptions {
  /** Milliseconds. */
  timeout: number;
  signal: AbortSignal;
  /** Told the sentence whenever it changes. */
  progress: (sentence: string) => void;
}

/** Thrown when the time is over, or when waiting longer can not help. */
export class WaitEnded extends Error {
  override readonly name = 'WaitEnded';
  readonly waiting: string;
  readonly hopeless: boolean;

  constructor(waiting: string, hopeless: boolean) {
    super(waiting);
    this.waiting = waiting;
    this.hopeless = hopeless;
  }
}

/**
 * Judges now and after every change of the view.
 * @throws WaitEnded when the timeout passes or the judgement is hopeless
 * @throws the signal's reason when it is aborted
 */
export async function waitFor<Value>(
  view: LiveView,
  judge: () => Waited<Value>,
  options: WaitOptions,
): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  let last = 'the first look at the cluster';
  let queued = false;
  const look = () => {
    queued = false;
    try {
      const found = judge();
      if ('value' in found) return resolve(found.value);
      if (found.hopeless) return reject(new WaitEnded(found.waiting, true));
      if (found.waiting !== last) options.progress(`waiting for ${found.waiting}`);
      last = found.waiting;
    } catch (error) {
      reject(error);
    }
  };
  // Many events arrive in one tick; one look serves them all.
  const stop = view.onChange(() => {
    if (!queued) setImmediate(look);
    queued = true;
  });
  // Some judgements depend on time as well (a request that may be repeated).
  const again = setInterval(look, 1_000);
  const timer = setTimeout(
    () => reject(new WaitEnded(view.trouble ? `${last} (${view.trouble.message})` : last, false)),
    options.timeout,
  );
  const abort = () => reject(options.signal.reason as Error);
  options.signal.addEventListener('abort', abort, { once: true });
  try {
    options.signal.throwIfAborted();
    look();
    return await promise;
  } finally {
    stop();
    clearTimeout(timer);
    clearInterval(again);
    options.signal.removeEventListener('abort', abort);
  }
}
