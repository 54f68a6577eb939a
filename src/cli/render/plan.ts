/** The plan as a page for people: decisions as a table, hazards, commits with diffs. */
import { refusals } from '../../plan/make-plan.ts';
import type { Change, ClusterPlan, FileChange, Hazard, Plan } from '../../plan/types.ts';
import type { Paint } from '../terminal.ts';
import { table } from './table.ts';
import { count, shortCommit, shortDigest, symbols, wrap } from './words.ts';

export interface PlanPage {
  paint: Paint;
  columns: number;
  diffs: boolean;
}

export function hazardLines(hazard: Hazard, { paint, columns }: Pick<PlanPage, 'paint' | 'columns'>): string {
  const symbol = { refuse: symbols(paint).bad, warn: symbols(paint).warn, note: symbols(paint).ahead }[
    hazard.severity
  ];
  const where = hazard.where === null ? '' : paint.dim(`  ${hazard.where.file}:${hazard.where.line}`);
  const part = (name: string, text: string): string =>
    `    ${paint.dim(name.padEnd(5))} ${wrap(text, columns - 12, ' '.repeat(10))}`;
  return [
    `  ${symbol} ${paint.bold(wrap(hazard.what, columns - 6, '    '))}${where}`,
    part('why', hazard.why),
    part('mend', hazard.mend),
  ].join('\n');
}

function hazardSection(cluster: ClusterPlan, page: PlanPage): string {
  const { paint } = page;
  if (cluster.hazards.length === 0) return `${paint.bold('Hazards')}\n  ${symbols(paint).done} none found`;
  const order = ['refuse', 'warn', 'note'];
  const sorted = cluster.hazards.toSorted(
    (one, other) => order.indexOf(one.severity) - order.indexOf(other.severity),
  );
  return [paint.bold('Hazards'), ...sorted.map((hazard) => hazardLines(hazard, page))].join('\n');
}

function decisionSection(cluster: ClusterPlan, { paint, columns }: PlanPage): string {
  const rows = cluster.decisions.map(({ question, answer, reason, alternatives, where }) => {
    const place = where[0] === undefined ? '' : `\n${paint.dim(`${where[0].file}:${where[0].line}`)}`;
    const instead = alternatives.length === 0 ? '' : `\n${paint.dim(`not: ${alternatives.join('; ')}`)}`;
    return [question, paint.cyan(answer), `${reason}${instead}${place}`];
  });
  const columnsOf = [
    { title: 'Decision', share: 3 },
    { title: 'Answer', share: 4 },
    { title: 'Because', share: 6 },
  ];
  return table(columnsOf, rows, { width: columns, paint });
}

/** One diff line in its colour. */
function diffLine(line: string, paint: Paint): string {
  if (/^(\+\+\+|---|diff |index |=====)/.test(line)) return paint.dim(line);
  if (line.startsWith('@@')) return paint.cyan(line);
  if (line.startsWith('+')) return paint.green(line);
  return line.startsWith('-') ? paint.red(line) : line;
}

/** The hunks of a diff, without the header lines that repeat the file's name. */
export function hunks(diff: string): string[] {
  const lines = diff.replace(/\n$/, '').split('\n');
  const first = lines.findIndex((line) => line.startsWith('@@'));
  return first === -1 ? lines : lines.slice(first);
}

function fileLines(file: FileChange, { paint, diffs }: PlanPage): string[] {
  const verb = {
    add: paint.green('new     '),
    modify: paint.yellow('changed '),
    delete: paint.red('deleted '),
  }[file.action];
  const name = `    ${verb} ${file.path}`;
  return diffs ? [name, ...hunks(file.diff).map((line) => `      ${diffLine(line, paint)}`), ''] : [name];
}

function changeLines(change: Change, index: number, page: PlanPage): string {
  const { paint } = page;
  const [subject = ''] = change.message.split('\n');
  const lines = [
    `  ${paint.bold(`${index + 1}. ${change.phase}`)}  ${subject}`,
    ...change.files.flatMap((file) => fileLines(file, page)),
  ];
  if (change.collects.length > 0) {
    lines.push(`    ${paint.yellow('leaves the cluster with this commit, and nothing else does:')}`);
    for (const { kind, namespace, name } of change.collects)
      lines.push(`      ${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`);
  }
  return lines.join('\n');
}

function clusterPage(cluster: ClusterPlan, page: PlanPage): string {
  const { paint, columns } = page;
  const { legacy } = cluster;
  const owner =
    legacy.owner === null
      ? 'no owner found'
      : `owner ${legacy.owner.kind} ${legacy.owner.namespace}/${legacy.owner.name}`;
  const refused = refusals(cluster).length;
  const verdict =
    refused > 0 ? paint.red(`refused: ${count(refused, 'finding')}`) : paint.green('can be handed over');
  return [
    paint.dim('━'.repeat(columns)),
    `${paint.bold(cluster.name)}  ${verdict}`,
    `  branch ${cluster.branch} at ${shortCommit(cluster.commit)}, Flux ${legacy.version}, ${legacy.shape}, ${count(legacy.components.length, 'controller')}, ${owner}`,
    `  plan ${shortDigest(cluster.digest)}`,
    '',
    hazardSection(cluster, page),
    '',
    decisionSection(cluster, page),
    '',
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
  ].join('\n');
}
