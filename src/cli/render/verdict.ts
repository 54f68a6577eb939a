/** A checklist's verdict, check by check. */
import type { Check, EvidenceReference } from '../../activities/contract.ts';
import type { PhaseName } from '../../plan/phases.ts';
import type { Terminal } from '../terminal.ts';
import { evidenceLine } from './question.ts';
import { count, symbols, wrap } from './words.ts';

/** What one cluster was judged to be. */
export interface ClusterVerdict {
  cluster: string;
  /** The phase it is judged after. */
  phase: PhaseName;
  ok: boolean;
  checks: Check[];
  evidence: EvidenceReference[];
}

export function renderVerdict(
  { cluster, phase, ok, checks, evidence }: ClusterVerdict,
  { paint, columns }: Pick<Terminal, 'paint' | 'columns'>,
): string {
  const { done, bad } = symbols(paint);
  const failed = checks.filter((check) => !check.ok).length;
  const width = Math.min(44, Math.max(...checks.map(({ name }) => name.length), 10));
  const head = `${paint.bold(cluster)} as it must be after ${phase}: ${ok ? paint.green(`${checks.length} of ${checks.length} checks hold`) : paint.red(`${count(failed, 'check')} of ${checks.length} failed`)}`;
  const lines = checks.map(({ name, ok: held, detail }) => {
    const [first = '', ...rest] = detail.trim().split('\n');
    const summary = rest.length > 0 ? `${first} …` : first;
    // A name that is too long stands on a line of its own.
    const gap = name.length > width ? `\n${' '.repeat(width + 6)}` : ' '.repeat(width - name.length + 2);
    return `  ${held ? done : bad} ${name}${gap}${held ? paint.dim(wrap(summary, columns - width - 6, ' '.repeat(width + 6))) : wrap(detail.trim(), columns - width - 6, ' '.repeat(width + 6))}`;
  });
  return [
    head,
    ...lines,
    ...evidence.map((each) => `  ${paint.dim('see')} ${evidenceLine(each, paint)}`),
  ].join('\n');
}
