/** `plan`: decisions, hazards and every Git change, without changing anything. */
import { refusals } from '../../plan/make-plan.ts';
import { readPlan } from '../../plan/read-plan.ts';
import type { Plan } from '../../plan/types.ts';
import type { Run } from '../command.ts';
import { clusterNamed, readConfig } from '../config-file.ts';
import { exitCode, refuse } from '../outcome.ts';
import { page } from '../pager.ts';
import { writePlan } from '../plan-file.ts';
import { renderPlanMarkdown } from '../render/plan-markdown.ts';
import { renderPlan } from '../render/plan.ts';

interface PlanOptions {
  format: string;
  output: string;
  pager: boolean;
  diff: boolean;
}

export const run: Run<PlanOptions> = async ({ terminal, words, options }) => {
  if (!['terminal', 'markdown'].includes(options.format))
    refuse({
      what: `--format ${options.format} is unknown`,
      mend: 'choose terminal or markdown; --json for programs',
    });
  const { config } = await readConfig(options.config);
  const name = words[0] === undefined ? undefined : clusterNamed(config, words[0]).name;
  const { plan: whole } = await readPlan(config);
  // The file holds the whole plan: its digest covers every cluster.
  await writePlan(options.output, whole);
  const plan: Plan = {
    ...whole,
    clusters: whole.clusters.filter((cluster) => name === undefined || cluster.name === name),
  };
  if (terminal.json) terminal.printJson(plan);
  else if (options.format === 'markdown') terminal.print(renderPlanMarkdown(plan));
  else {
    const text = renderPlan(plan, { paint: terminal.paint, columns: terminal.columns, diffs: options.diff });
    await page(terminal, text, { pager: options.pager });
    terminal.remark(terminal.paint.dim(`written to ${options.output}`));
  }
  return plan.clusters.some((cluster) => refusals(cluster).length > 0) ? exitCode.finding : exitCode.done;
};
