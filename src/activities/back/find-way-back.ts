/** Where the way back begins on a cluster whose workflow has ended: read from the run's record and the steps on the branch. */
import { phasesOf } from '../../plan/phases.ts';
import { stepState } from '../../repo/steps.ts';
import { recordInGit, recordOnCluster } from '../baseline.ts';
import type { StepInput, WayBackFound } from '../contract.ts';
import { failure, refusal } from '../failure.ts';
import { assertIdentity } from '../guard.ts';
import { plannedAtBase } from '../planned.ts';
import { inputOfRecord } from '../run-record.ts';
import type { Session } from '../session.ts';

/** @throws NotReady when the run left no record, PlanChanged when its plan can not be made again */
export async function findWayBack(session: Session): Promise<WayBackFound> {
  const step = await recordedStep(session);
  const recorded: Session = { ...session, input: step };
  await assertIdentity(recorded);
  const { plan } = await plannedAtBase(recorded);
  const repository = await session.repository();
  await repository.fetch();
  const steps = await stepState(repository, session.settings.branch, step);
  const inForce = new Set(steps.flatMap(({ step: name, undone }) => (undone ? [] : [name])));
  const { shape, owner, bootstrapPath } = plan.legacy;
  const phases = phasesOf(shape) ?? [];
  // Everything up to the last step that is in force: what has no commit may still have acted live, and undoing nothing is harmless.
  const last = phases.findLastIndex(({ name }) => inForce.has(name) || inForce.has(`undo-${name}`));
  const due = phases
    .slice(0, last + 1)
    .flatMap(({ name: phase, compensation }) => (compensation ? [{ name: compensation, phase }] : []))
    .toReversed();
  const place = owner && { kind: owner.kind, namespace: owner.namespace, name: owner.name, file: owner.file };
  return {
    step,
    shape,
    install: { target: plan.target, owner: place, bootstrapPath },
    due,
    misfits: [],
  };
}

/** What every step of the run was called with, from the record on the cluster, else from Git. */
async function recordedStep(session: Session): Promise<StepInput> {
  const { input, cluster, namespace } = session;
  const onCluster = await recordOnCluster({ cluster, namespace });
  if (onCluster?.run === input.run) return inputOfRecord(input.config, onCluster);
  const repository = await session.repository();
  await repository.fetch();
  const inGit = await recordInGit(repository, { run: input.run, cluster: input.cluster });
  if (inGit) return inputOfRecord(input.config, inGit);
  throw failure('NotReady', [
    refusal(
      'run-record-missing',
      `neither the cluster nor refs/handover/${input.run} holds a record of ${input.cluster}`,
      'nobody can tell which plan is to be undone',
      `was the run another one? git ls-remote origin 'refs/handover/*' lists them; retry once the record is there`,
    ),
  ]);
}
