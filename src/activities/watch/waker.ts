/** Wakes the watch when something changed, and after a while in any case. */
import type { LiveView } from '../../cluster/live-view.ts';

/** Between two looks when nothing happens: what lasts too long shows without an event. Milliseconds. */
const every = 1_000;

/** Each call resolves at the next change of the view. @throws the signal's reason */
export function wakerOf(view: LiveView, signal: AbortSignal): () => Promise<void> {
  let changed = false;
  let wake = (): void => {};
  view.onChange(() => {
    changed = true;
    wake();
  });
  return () =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        wake = () => {};
        changed = false;
        // Many events arrive in one tick; one look serves them all.
        setImmediate(resolve);
      };
      const abort = (): void => (clearTimeout(timer), reject(signal.reason as Error));
      const timer = setTimeout(end, every);
      signal.addEventListener('abort', abort, { once: true });
      wake = end;
      if (changed) end();
    });
}
