/** The plan as Markdown, for a pull request or a wiki: what is long is folded. */
import { refusals } from '../../plan/make-plan.ts';
import type { Change, ClusterPlan, Hazard, Plan } from '../../plan/types.ts';
import { cell, fence, markdownTable } from '../../report/markdown.ts';
import { hunks } from './commits.ts';
import { effectLines, objectName } from './effects.ts';
import { sortedHazards, tally } from './hazards.ts';
import { byOutcome, outcomeWords } from './way-back.ts';
import { count } from './words.ts';

function clusterMarkdown(cluster: ClusterPlan): string {
  const { legacy } = cluster;
  const refused = refusals(cluster).length > 0;
  const facts = [
    `branch \`${cluster.branch}\` at \`${cluster.commit}\``,
    legacy.version === '' ? 'Flux of unknown version' : `Flux ${legacy.version}`,
    legacy.shape,
    ...(legacy.components.length > 0 ? [`components ${legacy.components.join(', ')}`] : []),
  ];
  const told = [count(cluster.changes.length, 'commit'), tally(cluster.hazards)].filter(Boolean).join(', ');
  return [
    `## ${refused ? '❌' : '✅'} ${cluster.name}: ${refused ? 'refused' : cluster.changes.length === 0 ? 'nothing to hand over' : 'can be handed over'}`,
    `${told}. ${facts.join(', ')}. Plan \`${cluster.digest}\`.`,
    '### Decisions',
    decisions(cluster),
    '### Hazards',
    cluster.hazards.length === 0 ? 'None found.' : hazards(sortedHazards(cluster.hazards)),
    ...(cluster.wayBack.length > 0 ? ['### The way back', wayBack(cluster)] : []),
    '### Commits',
    ...(cluster.changes.length === 0 ? ['None.'] : cluster.changes.map(commit)),
  ].join('\n\n');
}

function decisions(cluster: ClusterPlan): string {
  if (cluster.decisions.length === 0) return 'None: there is nothing to decide on.';
  return markdownTable(
    ['Decision', 'Answer', 'Because', 'Instead', 'Where'],
    cluster.decisions.map(({ id, question, answer, reason, alternatives, where }) => [
      `${question} (\`${id}\`)`,
      answer,
      reason,
      alternatives.join('; '),
      where.map(({ file, line }) => `\`${file}:${line}\``).join(', '),
    ]),
  );
}

/** Refusals and warnings in the open, notes folded. */
function hazards(sorted: Hazard[]): string {
  const item = ({ id, severity, what, why, mend, where }: Hazard): string =>
    `- **${severity}** \`${id}\`: ${oneLine(what)}${where ? ` (\`${where.file}:${where.line}\`)` : ''}\n  - why: ${oneLine(why)}\n  - mend: ${oneLine(mend)}`;
  const notes = sorted.filter(({ severity }) => severity === 'note');
  const open = sorted.filter(({ severity }) => severity !== 'note').map(item);
  return [
    ...(open.length > 0 ? [open.join('\n')] : []),
    ...(notes.length > 0 ? [fold(count(notes.length, 'note'), notes.map(item).join('\n'))] : []),
  ].join('\n\n');
}

/** In the open: it is part of what is approved. */
function wayBack(cluster: ClusterPlan): string {
  return byOutcome(cluster.wayBack)
    .map(([outcome, limits]) =>
      [
        `${outcomeWords[outcome]}:\n`,
        ...limits.map(
          ({ id, since, what, mend }) =>
            `- ${oneLine(what)} (from ${since} on; \`${id}\`). ${oneLine(mend)}.`,
        ),
      ].join('\n'),
    )
    .join('\n\n');
}

function commit(change: Change, index: number): string {
  const files = change.files.map((file) =>
    fold(`${file.action} <code>${html(file.path)}</code>`, fence('diff', hunks(file.diff).join('\n'))),
  );
  const leaves =
    change.collects.length === 0
      ? []
      : [
          `Leaves the cluster with this commit, and nothing else does: ${change.collects.map((object) => `\`${objectName(object)}\``).join(', ')}.`,
        ];
  const effects = effectLines(change).map(({ who, does, unknown }) =>
    [`- \`${who}\` ${does}`, ...unknown.map((each) => `  - ❓ ${oneLine(each)}`)].join('\n'),
  );
  const onCluster =
    effects.length > 0 ? [`On the cluster, built before and after:\n\n${effects.join('\n')}`] : [];
  const [subject = ''] = change.message.split('\n');
  return [`#### ${index + 1}. ${change.phase}: ${oneLine(subject)}`, ...onCluster, ...leaves, ...files].join(
    '\n\n',
  );
}

/** GitHub, GitLab and Forgejo fold alike; the empty lines make what is inside Markdown again. */
function fold(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

function oneLine(text: string): string {
  return cell(text).replaceAll(String.raw`\|`, '|');
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function renderPlanMarkdown(plan: Plan): string {
  return [
    `# Handover plan`,
    `Repository \`${plan.repo.url}\`. Plan \`${plan.digest}\`.`,
    ...plan.clusters.map(clusterMarkdown),
  ].join('\n\n');
}
