/** Where clusters stand by Git and cluster alone, as a page for people. */
import type { Check } from '../../activities/contract.ts';
import type { Standing } from '../../activities/standing/standing.ts';
import type { Terminal } from '../terminal.ts';
import { findingLines } from '../render/question.ts';
import { count, symbols, wrap } from '../render/words.ts';

type Page = Pick<Terminal, 'paint' | 'columns'>;

/** One sentence: what the cluster is now. */
export function placeSentence({ at, run, phase, way, misfits }: Standing): string {
  if (at === 'legacy') return 'legacy, and no handover has touched it';
  if (at === 'operator') return `on Flux Operator, handed over by run ${run ?? ''}`;
  if (at === 'rolled-back') return `legacy again: run ${run ?? ''} was rolled back`;
  if (at === 'between') return `between: ${count(misfits.length, 'thing does', 'things do')} not fit`;
  if (phase === null) return `held by run ${run ?? ''}, which has changed nothing`;
  if (way === 'back') return `on the way back of run ${run ?? ''}, ${phase} undone last`;
  // Soaks leave no commit: what comes after is told by the phase before.
  const watched = phase === 'adopt' || phase === 'retire' ? ', or watched after it' : '';
  return `in run ${run ?? ''}, in ${phase}${watched}`;
}

const meanings: Record<string, string> = {
  restoreRetired: 'the legacy install returns to Git, owning nothing yet',
  handBack: 'the FluxInstance is disabled, and every object goes back to where it came from',
  removeInstance: 'the FluxInstance leaves Git and cluster, disabled',
  removeOperator: 'Flux Operator leaves Git and cluster',
  restoreLegacyOwner: 'exactly the legacy files again; the legacy owner reconciles as before',
};

/** What a rollback would do, in its order. */
function dueLines({ due }: Pick<Standing, 'due'>, { paint, columns }: Page): string[] {
  return due.map(
    ({ name, phase }, index) =>
      `     ${index + 1}. ${`undo ${phase}`.padEnd(15)} ${paint.dim(wrap(meanings[name] ?? name, columns - 24, ' '.repeat(24)))}`,
  );
}

export function rollbackCommand({ cluster, lease }: Standing): string {
  const takeOver = lease?.fresh === true ? ' --take-over' : '';
  return `flux-handover rollback --direct ${cluster}${takeOver}`;
}

/** Whether a rollback has anything to do. */
export function canGoBack({ at, due, record }: Standing): boolean {
  return (at === 'underway' || at === 'operator') && record !== null && (due.length > 0 || at === 'underway');
}

export function renderStanding(standing: Standing, page: Page): string {
  const { paint, columns } = page;
  const { done, bad, now, undone } = symbols(paint);
  const { at } = standing;
  const mark = { legacy: done, operator: done, 'rolled-back': undone, underway: now, between: bad }[at];
  const lines = [
    `${mark} ${paint.bold(standing.cluster)}  ${placeSentence(standing)}`,
    ...standing.evidence.map((sentence) => `   ${paint.dim('-')} ${wrap(sentence, columns - 5, '     ')}`),
    ...[...standing.misfits, ...standing.notes].flatMap((finding) => findingLines(finding, page, '   ')),
  ];
  if (canGoBack(standing)) {
    lines.push(
      standing.due.length > 0
        ? '   a rollback would undo, in this order:'
        : '   a rollback would judge the cluster, and release the Lease:',
      ...dueLines(standing, page),
    );
    if (standing.lease?.fresh === true)
      lines.push(
        `   ${paint.yellow('somebody drives it now')}: let that end first (flux-handover rollback ${standing.cluster}), unless it is gone for good`,
      );
    lines.push(`     ${paint.cyan(rollbackCommand(standing))}`);
  } else if (at === 'underway') lines.push(`     ${paint.cyan('flux-handover start --take-over')}`);
  return lines.join('\n');
}

/** The checks that do not hold. */
export function failedChecks(checks: Check[], { paint, columns }: Page): string[] {
  return checks
    .filter(({ ok }) => !ok)
    .map(
      ({ name, detail }) => `   ${symbols(paint).bad} ${name}: ${wrap(detail.trim(), columns - 6, '     ')}`,
    );
}
