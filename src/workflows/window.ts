/** Whether a maintenance window is open at a moment, and when the next one opens: pure, safe inside a workflow. */
import { Cron } from 'croner';
import type { MaintenanceWindow } from '../config/schema.ts';
import { durationMs } from '../config/duration.ts';

export type WindowState =
  | { open: true; closes: Date | null }
  /** `opens` is null when no schedule ever fires again. */
  | { open: false; opens: Date | null };

/**
 * Windows are alternatives: one that is open is enough; none configured means always open (`closes: null`).
 * A window lasts its `duration` in elapsed time from the moment its schedule fires in its time zone, so a change of
 * the clocks neither shortens nor lengthens it. A firing inside the hour that a clock change skips happens right after it.
 */
export function windowAt(windows: readonly MaintenanceWindow[], now: Date): WindowState {
  if (windows.length === 0) return { open: true, closes: null };
  let closes: Date | null = null;
  let opens: Date | null = null;
  for (const window of windows) {
    const closing = closingOf(window, now);
    if (closing && (!closes || closing > closes)) closes = closing;
    const next = scheduleOf(window).nextRun(now);
    if (next && (!opens || next < opens)) opens = next;
  }
  return closes ? { open: true, closes } : { open: false, opens };
}

/** When the window that is open at `now` closes; null when it is closed. It is open at its first moment, closed at its last. */
function closingOf(window: MaintenanceWindow, now: Date): Date | null {
  // `previousRuns` looks strictly before its reference: one millisecond more includes a firing at `now` itself.
  const [fired] = scheduleOf(window).previousRuns(1, new Date(now.getTime() + 1));
  if (!fired) return null;
  const closes = new Date(fired.getTime() + durationMs(window.duration));
  return closes > now ? closes : null;
}

function scheduleOf({ schedule, timeZone }: MaintenanceWindow): Cron {
  return new Cron(schedule, { timezone: timeZone, mode: '5-part', paused: true });
}
