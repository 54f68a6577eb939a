/** Follows a run: redraws a page on a terminal, prints what changed elsewhere, a line of JSON a change with `--json`. */
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../report/moment.ts';
import { forPrograms } from '../report/programs-view.ts';
import { type FleetView, hasEnded, waitingForPerson } from '../report/view.ts';
import { explain } from './failure.ts';
import { Interrupted } from './outcome.ts';
import { changesBetween } from './render/changes.ts';
import { renderStatus } from './render/status.ts';
import { openScreen } from './screen.ts';
import type { Terminal } from './terminal.ts';

export type Until = 'end' | 'attention';

export interface Following {
  terminal: Terminal;
  look: () => Promise<FleetView>;
  until: Until;
  signal: AbortSignal;
}

/** Milliseconds between two looks. */
const pace = 1000;
/** A server that is away is waited for: the run lives on in its database. */
const patience = 5 * 60_000;

function isReached(view: FleetView, until: Until): boolean {
  return hasEnded(view) || (until === 'attention' && waitingForPerson(view).length > 0);
}

/** Everything but what moves by itself, so that an unchanged run prints nothing. */
function essence(view: FleetView): string {
  return JSON.stringify(view, (key, value: unknown) => (key === 'lastHeartbeat' ? undefined : value));
}

interface Show {
  view(view: FleetView, before: FleetView | null): void;
  trouble(words: string): void;
  close(): void;
}

function pageShow(terminal: Terminal): Show {
  const screen = openScreen(process.stdout);
  let last = '';
  const draw = (view: FleetView, compact: boolean): string =>
    renderStatus(view, { paint: terminal.paint, columns: terminal.columns, clock: systemClock(), compact });
  return {
    view(view) {
      const page = draw(view, false);
      last = page.split('\n').length < terminal.rows - 2 ? page : draw(view, true);
      screen.show(`${last}\n\n${terminal.paint.dim('Ctrl-C leaves; the run goes on')}`);
    },
    trouble: (words) => screen.show(`${last}\n\n${terminal.paint.yellow(words)}`),
    close() {
      screen.show(last);
      screen.close();
    },
  };
}

function lineShow(terminal: Terminal): Show {
  let known = '';
  return {
    view(view, before) {
      if (!terminal.json)
        return changesBetween(before, view, systemClock()).forEach((line) => terminal.print(line));
      const now = essence(view);
      if (now !== known) terminal.printJson(forPrograms(view), 'line');
      known = now;
    },
    trouble: (words) => terminal.remark(words),
    close() {},
  };
}

/** Comes back with the last view. @throws Interrupted on Ctrl-C; the run is not touched */
export async function follow({ terminal, look, until, signal }: Following): Promise<FleetView> {
  const show = process.stdout.isTTY && !terminal.json ? pageShow(terminal) : lineShow(terminal);
  let before: FleetView | null = null;
  let heard = Date.now();
  try {
    for (;;) {
      const view: FleetView | Error = await look().catch((error: Error) => error);
      if (view instanceof Error) {
        if (!explain(view).known || before === null || Date.now() - heard > patience) throw view;
        show.trouble(`${explain(view).what}; trying again`);
      } else {
        heard = Date.now();
        show.view(view, before);
        before = view;
        if (isReached(view, until)) return view;
      }
      await pause(pace, undefined, { signal });
    }
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw error;
  } finally {
    show.close();
  }
}
