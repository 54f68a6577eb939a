/** Did an earlier run leave commits in force on the branch? A new run on top of them would lose the first one's way back. */
import { stepsOfRuns } from '../../repo/steps.ts';
import type { Finding } from '../contract.ts';
import { refusal } from '../failure.ts';
import type { Session } from '../session.ts';
import { runStates, type RunState } from '../standing/run-state.ts';

export async function checkEarlierRun(session: Session): Promise<Finding[]> {
  const { settings, input } = session;
  const steps = await stepsOfRuns(await session.repository(), settings.branch, input.cluster);
  return judgeEarlierRuns(runStates(steps), input);
}

/** Pure. A run that was undone whole is none. */
export function judgeEarlierRuns(
  states: RunState[],
  { run, cluster }: { run: string; cluster: string },
): Finding[] {
  return states
    .filter((state) => state.run !== run && state.inForce.length > 0)
    .map((state) =>
      refusal(
        'earlier-run',
        `of run ${state.run}, ${state.inForce.join(', ')} ${state.inForce.length > 1 ? 'are' : 'is'} still in force on the branch of ${cluster}`,
        'a run on top of it would take what is half moved for how the cluster was, and lose the way back',
        `flux-handover status --direct ${cluster} says where it stands; flux-handover rollback --direct ${cluster} brings it back, then start again`,
      ),
    );
}
