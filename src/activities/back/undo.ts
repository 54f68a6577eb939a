/** What the ways back share: the commit that takes a step out of Git again, if it ever got there. */
import type { PhaseName } from '../../plan/phases.ts';
import type { FileChange } from '../../plan/types.ts';
import { stepState } from '../../repo/steps.ts';
import { type Arrival, type Carrying, commitAndFetch } from '../carry.ts';
import type { PhaseResult } from '../contract.ts';
import { changeOf } from '../planned.ts';

type File = Pick<FileChange, 'path' | 'before' | 'after'>;

export interface Undo extends Arrival {
  /** The step never reached the branch, so there is nothing of it to take back from Git. */
  untouched: boolean;
}

/** Restores the files of a phase to what they were before it, unless `also` says otherwise. A step that is not on the branch is left. */
export async function undoInGit(carrying: Carrying, phase: PhaseName, also: File[] = []): Promise<Undo> {
  const { session, plan } = carrying;
  const repository = await session.repository();
  await carrying.fetched;
  const known = async () =>
    (await stepState(repository, session.settings.branch, session.input)).some(
      ({ step, undone: taken }) => !taken && (step === phase || step === `undo-${phase}`),
    );
  if (!(await known())) {
    // A push that its client gave up may have landed since the mirror was brought up to date: absence is concluded from what is there now.
    await repository.fetch();
    if (!(await known()))
      return { ...carrying, commit: '', alreadyDone: true, reached: () => true, untouched: true };
  }
  const { files, message } = changeOf(plan, phase);
  const inverse = files
    .map(({ path, before, after }) => ({ path, before: after, after: before }))
    .filter(({ path }) => !also.some((other) => other.path === path));
  const subject = message.split('\n')[0] ?? phase;
  const arrival = await commitAndFetch(carrying, {
    step: `undo-${phase}`,
    message: `revert: ${subject}`,
    files: [...inverse, ...also],
    checkPlan: false,
    fetched: carrying.fetched !== undefined,
  });
  return { ...arrival, untouched: false };
}

export function undone({ commit, alreadyDone, untouched }: Undo, summary: string): PhaseResult {
  return { commit: untouched ? null : commit, alreadyDone, summary, evidence: [], findings: [] };
}
