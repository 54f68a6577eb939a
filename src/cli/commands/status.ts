/** `status`: where each cluster stands, once or until the run ends. */
import { systemClock } from '../../report/moment.ts';
import { forPrograms } from '../../report/programs-view.ts';
import { type FleetView, isHeld } from '../../report/view.ts';
import type { Run } from '../command.ts';
import { clusterNamed, readConfig } from '../config-file.ts';
import { follow, type Until } from '../follow.ts';
import { exitCode, refuse, type ExitCode } from '../outcome.ts';
import { renderStatus } from '../render/status.ts';
import { withRunLink } from '../../client/run-link.ts';

interface StatusOptions {
  watch?: boolean;
  direct?: boolean;
  until: string;
}

const untils: readonly string[] = ['end', 'attention'] satisfies Until[];

/** 1 when a cluster is held or the run failed; a gate that waits is no finding. */
export function exitCodeOf(view: FleetView): ExitCode {
  if (view.state === 'failed' || view.state === 'terminated' || view.state === 'timed-out')
    return exitCode.finding;
  return view.clusters.some(isHeld) ? exitCode.finding : exitCode.done;
}

export const run: Run<StatusOptions> = async (call) => {
  const { terminal, words, options, signal } = call;
  if (options.direct === true) return (await import('../direct/status.ts')).directStatus(call);
  const { config } = await readConfig(options.config);
  const name = words[0] === undefined ? undefined : clusterNamed(config, words[0]).name;
  if (!untils.includes(options.until))
    refuse({ what: `--until ${options.until} is no moment`, mend: `choose one of: ${untils.join(', ')}` });
  return withRunLink(config, async (link) => {
    const look = async (): Promise<FleetView> => {
      const view = await link.look();
      return name === undefined
        ? view
        : { ...view, clusters: view.clusters.filter(({ cluster }) => cluster === name) };
    };
    if (options.watch === true)
      return exitCodeOf(await follow({ terminal, look, until: options.until as Until, signal }));
    const view = await look();
    if (terminal.json) terminal.printJson(forPrograms(view));
    else
      terminal.print(
        renderStatus(view, { paint: terminal.paint, columns: terminal.columns, clock: systemClock() }),
      );
    return exitCodeOf(view);
  });
};
