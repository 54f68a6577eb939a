/** What is new between two looks at a run, as plain lines: for logs, pipes and tests. */
import { type Clock, moment } from '../../report/moment.ts';
import { type ClusterView, type FleetView } from '../../report/view.ts';
import { approveCommand } from './question.ts';
import { cut, shortCommit, shortDigest } from './words.ts';

/** A line and when it happened. */
type Line = [at: string, text: string];

function clusterChanges(before: ClusterView | undefined, after: ClusterView, clock: Clock): Line[] {
  const old = before?.status ?? null;
  const now = after.status;
  if (now === null) return [];
  const lines: Line[] = [];
  const at = clock.now.toISOString();
  const tell = (...texts: string[]): void => void lines.push(...texts.map((text): Line => [at, text]));
  for (const record of now.phases) {
    const known = old?.phases.find(
      (each) => each.phase === record.phase && each.startedAt === record.startedAt,
    );
    if (known === undefined) lines.push([record.startedAt, `${record.phase} begins`]);
    if (record.endedAt !== null && (known === undefined || known.endedAt === null)) {
      const commit = record.commit === null ? '' : `, commit ${shortCommit(record.commit)}`;
      lines.push([
        record.endedAt,
        `${record.phase} ended${commit}${record.summary === '' ? '' : `: ${record.summary}`}`,
      ]);
    }
  }
  if (now.gate !== null && now.gate.digest !== old?.gate?.digest) {
    tell(`waits for a person at gate ${now.gate.gate} (${shortDigest(now.gate.digest)})`);
    tell(
      ...now.gate.shown.map((sentence) => `  - ${sentence}`),
      `  ${approveCommand(after.cluster, now.gate)}`,
    );
  }
  if (now.hold !== null && now.hold.since !== old?.hold?.since) {
    tell(`HELD in ${now.hold.phase}: a person is asked`);
    for (const { what, why, mend } of now.hold.findings)
      tell(`  ${what}`, `    why:  ${why}`, `    mend: ${mend}`);
    tell(...now.hold.choices.map((choice) => `  ${choice}`));
    if (now.hold.byHand.length > 0)
      tell('  or by hand, then retry or skip:', ...now.hold.byHand.map((line) => `    ${line}`));
  }
  for (const entry of now.audit.slice(old?.audit.length ?? 0))
    lines.push([entry.at, `${entry.asked} by ${entry.approver}: ${entry.verdict}, ${entry.why}`]);
  if (now.state !== old?.state) {
    if (now.state === 'soaking' || now.state === 'waiting-for-window')
      tell(
        `${now.state === 'soaking' ? (now.phase === 'settle' ? 'settles' : 'soaks') : 'waits for its window'} until ${now.until === null ? '?' : moment(now.until, clock)}`,
      );
    if (now.state === 'rolling-back' && old?.state !== 'held')
      tell(
        now.back
          ? `takes the way back on the word of ${now.back.by}${now.back.reason ? `: ${now.back.reason}` : ''}`
          : 'takes the way back',
      );
    if (now.state === 'done') tell('is handed over, healthy');
    if (now.state === 'rolled-back') tell('is rolled back: legacy, healthy');
    if (now.state === 'stopped') tell('is stopped');
  }
  for (const activity of after.pending) {
    const known = before?.pending.find(({ name }) => name === activity.name);
    if (activity.lastFailure !== null && activity.lastFailure !== known?.lastFailure)
      tell(
        `${activity.name} failed (attempt ${Math.max(1, activity.attempt - 1)}): ${cut(activity.lastFailure, 300)}`,
      );
    if (activity.progress !== null && activity.progress !== known?.progress)
      tell(`${activity.name}: ${cut(activity.progress, 200)}`);
  }
  return lines;
}

/** Lines such as `21:14:03 edge  adopt begins`, in the order of their times; empty when nothing changed. */
export function changesBetween(before: FleetView | null, after: FleetView, clock: Clock): string[] {
  const width = Math.max(...after.clusters.map(({ cluster }) => cluster.length), 5);
  const said = (at: string, who: string, text: string): string =>
    `${moment(at, clock)} ${who.padEnd(width)}  ${text}`;
  const lines = after.clusters.flatMap((cluster) => {
    const known = before?.clusters.find((each) => each.cluster === cluster.cluster);
    // Sorting is stable: what happened at one moment stays in its order.
    const changes = clusterChanges(known, cluster, clock).toSorted(
      ([one], [other]) => Date.parse(one) - Date.parse(other),
    );
    return changes.map(([at, text]) => said(at, cluster.cluster, text));
  });
  if (after.state !== (before?.state ?? 'running'))
    lines.push(
      said(
        clock.now.toISOString(),
        'fleet',
        `${after.state}${after.failure === null ? '' : `: ${after.failure}`}`,
      ),
    );
  return lines;
}
