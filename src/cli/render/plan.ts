/** The plan as a page for people: decisions as a table, hazards, limits of the way back, commits with diffs. */
import { refusals } from '../../plan/make-plan.ts';
import type { ClusterPlan, Plan } from '../../plan/types.ts';
import type { Paint } from '../terminal.ts';
import { changeLines } from './commits.ts';
import { hazardSection, tally } from './hazards.ts';
import { table } from './table.ts';
import { wayBackSection } from './way-back.ts';
import { count, shortCommit, shortDigest, symbols, wrap } from './words.ts';

export interface PlanPage {
  paint: Paint;
  columns: number;
  diffs: boolean;
}

/** Short, so that it is read: alternatives, every place and the rule are in `--explain`. */
function decisionSection(cluster: ClusterPlan, { paint, columns }: PlanPage): string {
  if (cluster.decisions.length === 0)
    return `${paint.bold('Decisions')}\n  none: there is nothing to decide on`;
  const rows = cluster.decisions.map(({ id, question, answer, reason, where }) => {
    const [place] = where;
    const more = where.length > 1 ? ` +${where.length - 1}` : '';
    return [
      `${question}\n${paint.dim(id)}`,
      paint.cyan(answer),
      `${reason}${place ? `\n${paint.dim(`${place.file}:${place.line}${more}`)}` : ''}`,
    ];
  });
  const columnsOf = [
    { title: 'Decision', share: 3 },
    { title: 'Answer', share: 4 },
    { title: 'Because', share: 6 },
  ];
  return table(columnsOf, rows, { width: columns, paint });
}

function clusterPage(cluster: ClusterPlan, page: PlanPage): string {
  const { paint, columns } = page;
  const { legacy } = cluster;
  const owner =
    legacy.owner === null
      ? 'no owner found'
      : `owner ${legacy.owner.kind} ${legacy.owner.namespace}/${legacy.owner.name}`;
  const [first] = refusals(cluster);
  const verdict = first
    ? `${symbols(paint).bad} ${paint.bold(cluster.name)}  ${paint.red('refused')}: ${tally(cluster.hazards)}`
    : `${symbols(paint).done} ${paint.bold(cluster.name)}  ${cluster.changes.length === 0 ? paint.green('nothing to hand over') : paint.green('can be handed over')}: ${[count(cluster.changes.length, 'commit'), tally(cluster.hazards)].filter(Boolean).join(', ')}`;
  const facts = [
    `branch ${cluster.branch} at ${shortCommit(cluster.commit)}`,
    legacy.version === '' ? 'Flux of unknown version' : `Flux ${legacy.version}`,
    legacy.shape,
    ...(legacy.components.length > 0 ? [count(legacy.components.length, 'controller')] : []),
    owner,
  ].join(', ');
  return [
    paint.dim('━'.repeat(columns)),
    verdict,
    `  ${wrap(facts, columns - 2, '  ')}`,
    `  plan ${shortDigest(cluster.digest)}`,
    '',
    decisionSection(cluster, page),
    '',
    hazardSection(cluster, page),
    '',
    ...wayBackSection(cluster, page),
    paint.bold(`Commits on branch ${cluster.branch}`),
    ...(cluster.changes.length === 0
      ? ['  none']
      : cluster.changes.map((change, index) => changeLines(change, index, page))),
  ].join('\n');
}

/** One line a cluster, then the plan's digest. */
export function planSummary(plan: Plan, { paint }: { paint: Paint }): string {
  const lines = plan.clusters.map((cluster) => {
    const refused = refusals(cluster).length;
    const warnings = cluster.hazards.filter(({ severity }) => severity === 'warn').length;
    const { done, bad } = symbols(paint);
    const told =
      refused > 0
        ? paint.red(count(refused, 'refusal'))
        : `${count(cluster.changes.length, 'commit')} on branch ${cluster.branch}`;
    return `${refused > 0 ? bad : done} ${cluster.name.padEnd(10)} Flux ${cluster.legacy.version}, ${told}${warnings > 0 ? paint.yellow(`, ${count(warnings, 'warning')}`) : ''}`;
  });
  return [...lines, `plan ${paint.bold(shortDigest(plan.digest))}`].join('\n');
}

export function renderPlan(plan: Plan, page: PlanPage): string {
  const head = `${page.paint.bold('Plan')}  ${plan.repo.url}`;
  return [
    head,
    ...plan.clusters.map((cluster) => clusterPage(cluster, page)),
    page.paint.dim('━'.repeat(page.columns)),
    planSummary(plan, page),
    page.paint.dim('facts, alternatives and rule behind each: flux-handover plan --explain ID'),
  ].join('\n');
}
