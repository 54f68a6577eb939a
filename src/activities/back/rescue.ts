/** The urgent part of the way back, for when Git is away. */
import { RepositoryError } from '../../repo/errors.ts';
import { recordOnCluster } from '../baseline.ts';
import { failure, refusal } from '../failure.ts';
import { disableFirst, handOverLive } from './hand-over-live.ts';
import type { RunRecord } from '../run-record.ts';
import type { Session } from '../session.ts';

export interface Rescue {
  /** What was done, one sentence. */
  summary: string;
}

/**
 * Disables the FluxInstance, and hands its objects back as far as that needs no Git. Doing it again is harmless; the way back of
 * `adopt` later finds it done. Objects are not handed to a root that prunes and does not list them any more: disabled, nothing
 * touches them.
 * @param retired the legacy install has left Git already
 * @throws WrongCluster | LockHeld | NotReady
 */
export async function rescue(session: Session, record: RunRecord, retired: boolean): Promise<Rescue> {
  if (!(await disableFirst(session, record, retired ? 'retire' : 'adopt')))
    return { summary: 'there is no FluxInstance: nothing is urgent' };
  const disabled = 'the FluxInstance is disabled: Flux Operator changes nothing any more';
  if (record.shape === 'flux-bootstrap' && retired) return { summary: disabled };
  try {
    const { length } = await handOverLive(session, record);
    return { summary: `${disabled}; ${length} objects are handed back` };
  } catch (error) {
    // What they were was too large for the cluster to keep, and lies in Git alone.
    if (isGitAway(error)) return { summary: disabled };
    throw error;
  }
}

/** Does a step of the way back; where Git does not answer, what is urgent is done without it, and the failure says so. @throws Unreachable */
export async function urgentWithoutGit<Result>(
  session: Session,
  retired: boolean,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isGitAway(error)) throw error;
    const record = await recordOnCluster(session);
    if (record?.run !== session.input.run) throw error;
    const { summary } = await rescue(session, record, retired);
    throw failure('Unreachable', [
      refusal(
        'git-unreachable',
        session.redact(error.what),
        `the rest of the way back is commits. What is urgent is done: ${summary}`,
        `${session.redact(error.mend)}. It is tried again for about ten minutes; after that, retry once Git answers`,
      ),
    ]);
  }
}

export function isGitAway(error: unknown): error is RepositoryError {
  return error instanceof RepositoryError && error.kind === 'unreachable';
}
