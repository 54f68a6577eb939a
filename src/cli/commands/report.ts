/** `report`: the record of the run. */
import { writeFile } from 'node:fs/promises';
import { systemClock } from '../../report/moment.ts';
import { renderReport } from '../../report/render-report.ts';
import { makeReport } from '../../report/report.ts';
import type { Run } from '../command.ts';
import { readConfig } from '../config-file.ts';
import { exitCode } from '../outcome.ts';
import { namingConfig } from '../naming-config.ts';
import { findPlan } from '../plan-file.ts';
import { symbols } from '../render/words.ts';
import { withRunLink } from '../../client/run-link.ts';

/** Milliseconds; a report has no second look, and without a worker's answer it lacks the approvals. */
const patience = 15_000;

export const run: Run<{ output?: string }> = async ({ terminal, options }) => {
  const { config, evidence } = await readConfig(options.config);
  const view = await withRunLink(config, (link) => link.look(patience));
  const report = makeReport(view, await findPlan(evidence, view.run, view.planDigest), evidence);
  const text = terminal.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report, systemClock());
  if (options.output === undefined) terminal.print(text.trimEnd());
  else {
    await writeFile(options.output, namingConfig(text, options.config));
    terminal.remark(`${symbols(terminal.paint).done} written to ${options.output}`);
  }
  if (view.clusters.some(({ answeredBy }) => answeredBy === 'memo'))
    terminal.remark(
      `${symbols(terminal.paint).warn} no worker answered: the audit list and the checks are missing. Start one (flux-handover worker) and make the report again`,
    );
  return exitCode.done;
};
