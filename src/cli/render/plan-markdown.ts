/** The plan as Markdown, for a pull request or a wiki. */
import type { ClusterPlan, Plan } from '../../plan/types.ts';
import { cell, fence } from '../../report/markdown.ts';
import { hunks } from './plan.ts';

function clusterMarkdown(cluster: ClusterPlan): string {
  const { legacy } = cluster;
  const parts = [
    `## ${cluster.name}`,
    `Branch \`${cluster.branch}\` at \`${cluster.commit}\`, Flux ${legacy.version}, ${legacy.shape}, components ${legacy.components.join(', ')}. Plan \`${cluster.digest}\`.`,
    '### Hazards',
    cluster.hazards.length === 0
      ? 'None found.'
      : cluster.hazards
          .map(
            ({ severity, what, why, mend, where }) =>
              `- **${severity}**: ${what}${where ? ` (\`${where.file}:${where.line}\`)` : ''}\n  - why: ${why}\n  - mend: ${mend}`,
          )
          .join('\n'),
    '### Decisions',
    [
      '| Decision | Answer | Because | Not |',
      '|---|---|---|---|',
      ...cluster.decisions.map(
        (each) =>
          `| ${cell(each.question)} | ${cell(each.answer)} | ${cell(each.reason)} | ${cell(each.alternatives.join('; '))} |`,
      ),
    ].join('\n'),
    '### Commits',
  ];
  for (const [index, change] of cluster.changes.entries()) {
    parts.push(`#### ${index + 1}. ${change.phase}: ${change.message.split('\n')[0]}`);
    for (const file of change.files)
      parts.push(`\`${file.path}\` (${file.action})`, fence('diff', hunks(file.diff).join('\n')));
    if (change.collects.length > 0)
      parts.push(
        `Leaves the cluster with this commit: ${change.collects.map(({ kind, namespace, name }) => `\`${kind} ${namespace === '' ? '' : `${namespace}/`}${name}\``).join(', ')}.`,
      );
  }
  return parts.join('\n\n');
}

export function renderPlanMarkdown(plan: Plan): string {
  return [
    `# Handover plan`,
    `Repository \`${plan.repo.url}\`. Plan \`${plan.digest}\`.`,
    ...plan.clusters.map(clusterMarkdown),
  ].join('\n\n');
}
