/** Carries one phase through: its compensation is registered first, then it acts, then the checklist judges it. */
import { forwardActivity, type PhaseResult } from '../activities/contract.ts';
import { refusal } from '../activities/finding.ts';
import { phasesOf, type Phase } from '../plan/phases.ts';
import { findingsOfChecks } from './findings.ts';
import { choicesNow, perform, phaseInput, stepInput, type Handover, type Obstacle } from './handover.ts';
import { judgeByPreflight, judgeByVerify } from './judgement.ts';
import { soak } from './soak.ts';
import { startWatch } from './watch.ts';

/** Null when the phase is done. @throws ActivityFailure */
export async function runPhase(handover: Handover, phase: Phase): Promise<Obstacle | null> {
  const { state } = handover;
  const record = state.record(phase.name);
  state.show({ state: 'running', phase: phase.name, gate: null });
  state.publish();
  if (phase.name === 'preflight') return runPreflight(handover, phase);

  const { progress } = state;
  const { compensation } = phase;
  if (compensation && !progress.compensations.some(({ name }) => name === compensation))
    progress.compensations.push({ name: compensation, phase: phase.name });

  const acted = await act(handover, phase);
  record.commit = acted.commit ?? record.commit;
  record.summary = acted.summary;
  record.evidence = acted.evidence;
  progress.shown = merge(progress.shown, acted.evidence);

  const verdict = await judgeByVerify(handover, phase, acted);
  record.checks = verdict.checks;
  record.evidence = merge(acted.evidence, verdict.evidence);
  if (!verdict.ok)
    return { findings: findingsOfChecks(verdict), actions: choicesNow(handover), failed: 'Checklist' };
  record.endedAt = new Date().toISOString();
  return null;
}

/** The Lease and the baseline: after the start gate and before the first phase that acts. Again, it only takes the Lease. */
export async function beginRun(handover: Handover): Promise<void> {
  const { progress } = handover.state;
  progress.lease = 'unsure';
  const begun = await perform(
    handover,
    'step',
    'beginRun',
    'take the Lease, keep the baseline',
    stepInput(handover),
  );
  progress.lease = 'held';
  startWatch(handover);
  const record = handover.state.status.phases.findLast(({ phase }) => phase === 'preflight');
  if (record && progress.direction === 'forward')
    Object.assign(record, {
      evidence: merge(record.evidence, begun.evidence),
      summary: `${record.summary}; ${begun.summary}`,
    });
}

async function runPreflight(handover: Handover, phase: Phase): Promise<Obstacle | null> {
  const result = await judgeByPreflight(handover);
  if (!phasesOf(result.shape))
    return {
      findings: [
        refusal(
          'shape-not-offered',
          `the legacy install is of shape ${result.shape}`,
          'no proven way forward and back exists for it',
          'abandon; run flux-handover plan to see what was found',
        ),
      ],
      actions: choicesNow(handover),
    };
  const record = handover.state.record(phase.name);
  record.evidence = result.evidence;
  record.summary = `${result.shape}, Flux ${result.target.distributionVersion}; ${result.findings.length} notes`;
  record.endedAt = new Date().toISOString();
  return null;
}

async function act(handover: Handover, phase: Phase): Promise<PhaseResult> {
  if (phase.name === 'soak' || phase.name === 'settle') return soak(handover, phase, phase.name);
  if (phase.name === 'preflight') throw new TypeError('preflight has no forward activity');
  return perform(
    handover,
    'step',
    forwardActivity[phase.name],
    phase.meaning,
    phaseInput(handover, phase.name),
  );
}

function merge<Item extends { place: string; digest: string }>(some: Item[], more: Item[]): Item[] {
  const places = new Set(more.map(({ place }) => place));
  return [...some.filter(({ place }) => !places.has(place)), ...more];
}
