/** `plan`: decisions, hazards and every Git change, without changing anything. */
import { explainId, nearestIds } from '../../plan/explain.ts';
import { refusals } from '../../plan/make-plan.ts';
import { type PlanReading, readPlan } from '../../plan/read-plan.ts';
import type { Plan } from '../../plan/types.ts';
import type { Run } from '../command.ts';
import { clusterNamed, readConfig } from '../config-file.ts';
import { type ExitCode, exitCode, fail, refuse } from '../outcome.ts';
import { page } from '../pager.ts';
import { writePlan } from '../plan-file.ts';
import { renderExplanation } from '../render/explain.ts';
import { renderPlanMarkdown } from '../render/plan-markdown.ts';
import { renderPlan } from '../render/plan.ts';
import type { Terminal } from '../terminal.ts';

interface PlanOptions {
  format: string;
  explain?: string;
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
  const reading = await readPlan(config, { checkout: true });
  // The file holds the whole plan: its digest covers every cluster.
  await writePlan(options.output, reading.plan);
  const plan: Plan = {
    ...reading.plan,
    clusters: reading.plan.clusters.filter((cluster) => name === undefined || cluster.name === name),
  };
  if (options.explain !== undefined) explain(terminal, { ...reading, plan }, options.explain);
  else if (terminal.json) terminal.printJson(plan);
  else if (options.format === 'markdown') terminal.print(renderPlanMarkdown(plan));
  else {
    const text = renderPlan(plan, { paint: terminal.paint, columns: terminal.columns, diffs: options.diff });
    await page(terminal, text, { pager: options.pager });
    terminal.remark(terminal.paint.dim(`written to ${options.output}`));
  }
  return outcomeOf(plan);
};

/** Notes and warnings pass. */
function outcomeOf(plan: Plan): ExitCode {
  return plan.clusters.some((cluster) => refusals(cluster).length > 0) ? exitCode.finding : exitCode.done;
}

function explain(terminal: Terminal, { plan, trees }: Pick<PlanReading, 'plan' | 'trees'>, id: string): void {
  const branches = new Map(plan.clusters.map(({ name, branch }) => [name, branch]));
  const explained = explainId(plan, id, (cluster) => trees.get(branches.get(cluster) ?? ''));
  if (!explained) {
    const near = nearestIds(id);
    fail({
      what: `there is no decision or hazard with the id ${id}`,
      mend:
        near.length > 0
          ? `did you mean ${near.join(' or ')}? docs/rules.md lists all`
          : 'docs/rules.md lists all ids',
    });
  }
  if (terminal.json) terminal.printJson(explained);
  else terminal.print(renderExplanation(explained, terminal));
}
