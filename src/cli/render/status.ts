/** Where each cluster stands, as a page for people. */
import { type Clock, moment, spanBetween } from '../../report/moment.ts';
import {
  type ClusterView,
  type FleetView,
  hasEnded,
  isHeld,
  phaseLines,
  type PhaseLine,
  type PendingActivity,
} from '../../report/view.ts';
import type { Paint } from '../terminal.ts';
import { headline } from './headline.ts';
import { renderGate, renderHold } from './question.ts';
import { cut, shortCommit, shortDigest, symbols } from './words.ts';

export interface StatusPage {
  paint: Paint;
  columns: number;
  clock: Clock;
  /** Fold the phases that are done into one line, for a small screen. */
  compact?: boolean;
}

function activityLines(activity: PendingActivity, { paint, columns, clock }: StatusPage): string[] {
  const attempt = activity.attempt > 1 ? `, attempt ${activity.attempt}` : '';
  const beat =
    activity.lastHeartbeat === null
      ? ''
      : `, heard of ${spanBetween(activity.lastHeartbeat, null, clock)} ago`;
  const next = activity.nextAttempt === null ? '' : `, again at ${moment(activity.nextAttempt, clock)}`;
  const state = {
    scheduled: paint.yellow(
      `no worker has taken it${activity.since ? ` for ${spanBetween(activity.since, null, clock)}` : ''}`,
    ),
    started: `runs${activity.since ? ` for ${spanBetween(activity.since, null, clock)}` : ''}`,
    'backing-off': paint.yellow('failed, is tried again'),
    cancelling: 'is asked to stop',
  }[activity.state];
  const lines = [`     ${paint.dim('└')} ${activity.name} ${state}${paint.dim(`${attempt}${beat}${next}`)}`];
  if (activity.progress) lines.push(`       ${paint.dim(cut(activity.progress, columns - 8))}`);
  if (activity.lastFailure)
    lines.push(`       ${paint.red('last failure:')} ${cut(activity.lastFailure, columns - 22)}`);
  return lines;
}

/** What a phase that lies ahead will ask or take. */
function aheadNote({ phase }: PhaseLine, view: ClusterView): string {
  if (phase.name === 'soak' || phase.name === 'settle') return `${view.soak[phase.name]}, watched`;
  return phase.gate === null ? phase.meaning : `gate ${phase.gate}, then: ${phase.meaning}`;
}

/** Why it goes back, and what is still to be undone. */
function backLines({ status }: ClusterView, { paint, columns, clock }: StatusPage): string[] {
  const back = status?.back;
  if (!back) return [];
  const why = back.reason ? `: ${back.reason}` : '';
  const left =
    back.left.length > 0 ? `still to be undone: ${back.left.join(', then ')}` : 'everything is undone';
  return [
    `   ${paint.yellow('way back')} on the word of ${back.by}${cut(why, columns - 40)} ${paint.dim(`since ${moment(back.since, clock)}`)}`,
    ...back.findings.map(({ what }) => `     ${paint.dim('because')} ${cut(what, columns - 14)}`),
    `     ${paint.dim(left)}`,
  ];
}

function phaseLine(line: PhaseLine, view: ClusterView, page: StatusPage): string {
  const { paint, columns, clock } = page;
  const { phase, progress, record } = line;
  const failed = record?.checks.some(({ ok }) => !ok) ?? false;
  const mark =
    symbols(paint)[
      record?.summary.startsWith('undone')
        ? 'undone'
        : record?.summary.startsWith('not undone')
          ? 'warn'
          : progress === 'done'
            ? failed
              ? 'warn'
              : 'done'
            : progress === 'now' && isHeld(view)
              ? 'bad'
              : progress
    ];
  const took = record === null ? '' : spanBetween(record.startedAt, record.endedAt, clock);
  const commit = record?.commit ? shortCommit(record.commit) : '';
  const said = record?.summary || (progress === 'ahead' ? aheadNote(line, view) : phase.meaning);
  const left = `   ${mark} ${phase.name.padEnd(10)}${took.padEnd(14)}${paint.dim(commit.padEnd(10))}`;
  const text = cut(said, Math.max(20, columns - 39));
  return left + (progress === 'ahead' ? paint.dim(text) : text);
}

function phaseBlock(view: ClusterView, page: StatusPage): string[] {
  const all = phaseLines(view).filter(({ progress }) => progress !== 'ahead' || !view.status?.back);
  const done = all.filter(({ progress }) => progress === 'done');
  const fold = page.compact === true && done.length > 1;
  const shown = fold ? all.filter((line) => line.progress !== 'done') : all;
  const lines = fold
    ? [`   ${symbols(page.paint).done} ${page.paint.dim(done.map(({ phase }) => phase.name).join(', '))}`]
    : [];
  let told = false;
  for (const line of shown) {
    lines.push(phaseLine(line, view, page));
    if (line.progress === 'now' && !told) {
      lines.push(...view.pending.flatMap((activity) => activityLines(activity, page)));
      told = true;
    }
  }
  // Between phases, and on the way back, activities belong to no line.
  if (!told) lines.push(...view.pending.flatMap((activity) => activityLines(activity, page)));
  return lines;
}

function clusterBlock(view: ClusterView, previous: ClusterView | undefined, page: StatusPage): string {
  const { paint } = page;
  const lines = [` ${paint.bold(view.cluster)}  ${headline(view, previous, page)}`];
  lines.push(...backLines(view, page));
  if (view.status !== null && !(page.compact === true && view.status.state === 'done'))
    lines.push(...phaseBlock(view, page));
  if (view.answeredBy === 'memo' && view.run === 'running')
    lines.push(
      `   ${symbols(paint).warn} ${paint.yellow('no worker answers; this is what the run last noted.')} Start one: flux-handover worker`,
    );
  if (view.run === 'running' && view.status?.gate) lines.push('', renderGate(view, page));
  if (view.run === 'running' && view.status?.hold) lines.push('', renderHold(view, page));
  return lines.join('\n');
}

export function renderStatus(view: FleetView, page: StatusPage): string {
  const { paint, clock } = page;
  const times =
    view.startedAt === null
      ? ''
      : hasEnded(view)
        ? `took ${spanBetween(view.startedAt, view.endedAt, clock)}`
        : `for ${spanBetween(view.startedAt, null, clock)}`;
  const state = {
    running: paint.cyan,
    completed: paint.green,
    failed: paint.red,
    terminated: paint.red,
    'timed-out': paint.red,
    cancelled: paint.yellow,
    unknown: paint.dim,
    'not-started': paint.dim,
  };
  const head = `${paint.bold(`Fleet ${view.fleet}`)}  ${state[view.state](view.state)} ${times}`;
  const lines = [
    head,
    paint.dim(
      `run ${view.run ?? '?'}, plan ${view.planDigest === null ? '?' : shortDigest(view.planDigest)}`,
    ),
    paint.dim(view.uiUrl),
  ];
  if (view.failure !== null) lines.push(`${symbols(paint).bad} ${view.failure}`);
  for (const [index, cluster] of view.clusters.entries())
    lines.push('', clusterBlock(cluster, view.clusters[index - 1], page));
  return lines.join('\n');
}
