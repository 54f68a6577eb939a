/** Where the way back begins on a cluster whose workflow has ended: concluded from Git and the cluster, as `status --direct` does. */
import type { Finding, WayBackFound } from '../contract.ts';
import type { RepositoryError } from '../../repo/errors.ts';
import { failure, refusal } from '../failure.ts';
import { assertIdentity } from '../guard.ts';
import { plannedAtBase } from '../planned.ts';
import { inputOfRecord } from '../run-record.ts';
import type { Session } from '../session.ts';
import { standing } from '../standing/look.ts';
import type { Standing } from '../standing/standing.ts';
import { isGitAway } from './rescue.ts';

/** @throws Unreachable without Git, PlanChanged when the run's plan can not be made again */
export async function findWayBack(session: Session): Promise<WayBackFound> {
  // Without Git nobody could tell what was committed: that is waited for, not guessed.
  try {
    await (await session.repository()).fetch();
  } catch (error) {
    throw isGitAway(error) ? waitsForGit(session, error) : error;
  }
  const found = await standing(session);
  const misfits = misfitsFor(session.input.run, found);
  const { record, due, commits } = found;
  // A run that is to be undone and left no record is a misfit; where nothing is to be undone, none is needed.
  if (misfits.length > 0 || !record)
    return {
      step: null,
      shape: record?.shape ?? 'self-managed',
      install: null,
      due: [],
      commits: [],
      misfits,
    };
  const step = inputOfRecord(session.input.config, record);
  const recorded: Session = { ...session, input: step };
  await assertIdentity(recorded);
  const { plan } = await plannedAtBase(recorded);
  const { shape, owner, bootstrapPath } = plan.legacy;
  const place = owner && { kind: owner.kind, namespace: owner.namespace, name: owner.name, file: owner.file };
  const install = { target: plan.target, owner: place, bootstrapPath };
  return { step, shape, install, due, commits, misfits };
}

function waitsForGit({ input, redact }: Session, { what, mend }: RepositoryError): Error {
  return failure('Unreachable', [
    refusal(
      'git-unreachable',
      redact(what),
      'what is to be undone stands in the commits of the run',
      `${redact(mend)}, then retry. What is urgent needs no Git: flux-handover rollback --direct ${input.cluster} disables the FluxInstance at once`,
    ),
  ]);
}

/** What keeps a run from being undone: whatever does not fit, and that another run is the one at hand. Pure. */
export function misfitsFor(run: string, { misfits, run: atHand, cluster }: Standing): Finding[] {
  if (atHand === null || atHand === run) return misfits;
  return [
    ...misfits,
    refusal(
      'another-run',
      `run ${run} is to be undone on ${cluster}, and what is there is of run ${atHand}`,
      'the way back of one run would take the ground from under the other',
      `flux-handover status --direct ${cluster} shows what is there; undo that run first: flux-handover rollback --direct ${cluster}`,
    ),
  ];
}
