/** The record of a run as Markdown. */
import type { Check, EvidenceReference } from '../activities/contract.ts';
import type { ClusterOutcome, WayBack } from '../workflows/contract.ts';
import { markdownTable } from './markdown.ts';
import { type Clock, fullMoment, span, spanBetween } from './moment.ts';
import type { ClusterReport, Report } from './report.ts';

const outcomes: Record<ClusterOutcome, string> = {
  operator: 'handed over to Flux Operator, healthy',
  legacy: 'rolled back: the legacy install runs, healthy',
  rejected: 'rejected: nothing was begun',
  abandoned: 'abandoned: a person took over',
};

function checkLines(checks: Check[]): string {
  if (checks.length === 0) return '';
  const failed = checks.filter(({ ok }) => !ok);
  const names = checks.map(({ name, ok }) => `${ok ? '✔' : '✘'} \`${name}\``).join(', ');
  return [names, ...failed.map(({ name, detail }) => `- **${name}** failed: ${detail}`)].join('\n');
}

function evidenceRows(evidence: EvidenceReference[], phase: string): string[][] {
  return evidence.map(({ name, place, bytes, digest }) => [
    phase,
    name,
    `\`${place}\``,
    String(bytes),
    `\`${digest}\``,
  ]);
}

function backSentence({ by, reason, since, findings, left }: WayBack, clock: Clock): string {
  const because = findings.map(({ what }) => `\n- ${what}`).join('');
  const rest = left.length > 0 ? `Not undone: ${left.join(', ')}.` : 'Everything that was begun is undone.';
  return `On the word of ${by}${reason ? ` (${reason})` : ''}, since ${fullMoment(since, clock)}. ${rest}${because}`;
}

function clusterSection(report: ClusterReport, clock: Clock): string {
  const parts = [
    `## ${report.cluster}`,
    `**${report.outcome === null ? report.state : outcomes[report.outcome]}.** Branch \`${report.branch}\`, plan \`${report.planDigest ?? 'unknown'}\`.` +
      (report.milliseconds === null
        ? ''
        : ` ${span(report.milliseconds)} in all, ${span(report.workingMilliseconds)} of it work, the rest soaks and waits.`),
  ];
  if (report.back) parts.push('### Way back', backSentence(report.back, clock));
  if (report.phases.length > 0)
    parts.push(
      '### Phases',
      markdownTable(
        ['Phase', 'Began', 'Took', 'Commit', 'What happened'],
        report.phases.map((each) => [
          each.phase,
          fullMoment(each.startedAt, clock),
          spanBetween(each.startedAt, each.endedAt, clock),
          each.commit === null ? '' : `\`${each.commit}\``,
          each.summary,
        ]),
      ),
    );
  parts.push(
    '### Approvals and other words of people',
    !report.complete
      ? 'Not known: no worker answered. Start one and make the report again.'
      : report.audit.length === 0
        ? 'None recorded.'
        : markdownTable(
            ['When', 'Who', 'Asked', 'Reason', 'Verdict', 'Why'],
            report.audit.map((each) => [
              fullMoment(each.at, clock),
              each.approver,
              each.asked,
              each.reason,
              each.verdict,
              each.why,
            ]),
          ),
  );
  const checked = report.phases.filter(({ checks }) => checks.length > 0);
  if (checked.length > 0)
    parts.push(
      '### Checklist',
      ...checked.map(({ phase, checks }) => `**after ${phase}**: ${checkLines(checks)}`),
    );
  if (report.decisions.length > 0)
    parts.push(
      '### Decisions',
      markdownTable(
        ['Decision', 'Answer', 'Because'],
        report.decisions.map(({ question, answer, reason }) => [question, answer, reason]),
      ),
    );
  const evidence = report.phases.flatMap((each) => evidenceRows(each.evidence, each.phase));
  if (evidence.length > 0)
    parts.push('### Evidence', markdownTable(['Phase', 'Name', 'Place', 'Bytes', 'Digest'], evidence));
  return parts.join('\n\n');
}

export function renderReport(report: Report, clock: Clock): string {
  const time = (iso: string | null): string => (iso === null ? 'unknown' : fullMoment(iso, clock));
  const facts = [
    ['Run', `\`${report.run ?? 'unknown'}\``],
    ['State', report.state],
    ['Plan', `\`${report.planDigest ?? 'unknown'}\``],
    ['Started', `${time(report.startedAt)}${report.startedBy === null ? '' : ` by ${report.startedBy}`}`],
    [
      'Ended',
      report.endedAt === null
        ? 'not yet'
        : `${time(report.endedAt)}${report.startedAt === null ? '' : ` (${spanBetween(report.startedAt, report.endedAt, clock)})`}`,
    ],
    ['Temporal UI', report.uiUrl],
    ['Evidence', `\`${report.evidenceDirectory}\`; places below are relative to it`],
  ];
  const summary = markdownTable(
    ['Cluster', 'Outcome', 'Commits', 'In all', 'Work'],
    report.clusters.map((each) => [
      each.cluster,
      each.outcome === null ? each.state : outcomes[each.outcome],
      String(each.phases.filter(({ commit }) => commit !== null).length),
      each.milliseconds === null ? '' : span(each.milliseconds),
      span(each.workingMilliseconds),
    ]),
  );
  return (
    [
      `# Handover of fleet ${report.fleet}`,
      markdownTable(['', ''], facts),
      summary,
      ...report.clusters.map((each) => clusterSection(each, clock)),
    ].join('\n\n') + '\n'
  );
}
