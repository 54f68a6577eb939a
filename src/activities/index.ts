/** The activities of one cluster, as the contract lists them: each a short function behind a session. */
import type { ClusterActivities, StepInput } from './contract.ts';
import type { PhaseName } from '../plan/phases.ts';
import { adoptControllers } from './adopt.ts';
import { findDependents } from './back/dependents.ts';
import { findWayBack } from './back/find-way-back.ts';
import { handBack } from './back/hand-back.ts';
import { removeInstance } from './back/remove-instance.ts';
import { removeOperator } from './back/remove-operator.ts';
import { restoreLegacyOwner } from './back/restore-legacy-owner.ts';
import { restoreRetired } from './back/restore-retired.ts';
import { beginRun } from './begin-run.ts';
import { endRun } from './end-run.ts';
import { installOperator } from './operator.ts';
import { type ActivityOptions, resolveOptions } from './options.ts';
import { orphanLegacyOwner } from './orphan.ts';
import { preflight } from './preflight/preflight.ts';
import { retireLegacyOwner } from './retire.ts';
import { checkSecrets } from './secrets.ts';
import { type Session, withSession } from './session.ts';
import { stageInstance } from './stage.ts';
import { verify } from './verify.ts';
import { liftFirstAid } from './watch/lift.ts';
import { watchHealth } from './watch/watch-health.ts';

/** One set serves every cluster of a configuration; which one is in the input. In one process, without Temporal, give them a `startProgress`. */
export function createClusterActivities(options: ActivityOptions = {}): ClusterActivities {
  const resolved = resolveOptions(options);
  const inPhase =
    <Input extends StepInput & { phase: PhaseName }, Result>(
      work: (session: Session<Input>) => Promise<Result>,
    ) =>
    (input: Input) =>
      withSession(resolved, input, input.phase, work);
  const inPreflight =
    <Result>(work: (session: Session) => Promise<Result>) =>
    (input: StepInput) =>
      withSession(resolved, input, 'preflight', work);
  return {
    preflight: inPreflight(preflight),
    beginRun: inPreflight(beginRun),
    endRun: inPreflight(endRun),
    checkSecrets: inPhase(checkSecrets),
    orphanLegacyOwner: inPhase(orphanLegacyOwner),
    installOperator: inPhase(installOperator),
    stageInstance: inPhase(stageInstance),
    adoptControllers: inPhase(adoptControllers),
    retireLegacyOwner: inPhase(retireLegacyOwner),
    verify: inPhase(verify),
    watchHealth: inPhase(watchHealth),
    liftFirstAid: inPhase(liftFirstAid),
    findWayBack: inPreflight(findWayBack),
    findDependents: inPreflight(findDependents),
    restoreLegacyOwner: inPhase(restoreLegacyOwner),
    removeOperator: inPhase(removeOperator),
    removeInstance: inPhase(removeInstance),
    handBack: inPhase(handBack),
    restoreRetired: inPhase(restoreRetired),
  };
}
