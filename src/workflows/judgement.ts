/** Judges a cluster by preflight or by verify, and keeps what the next gate is bound to. */
import type { PhaseResult, PreflightResult, VerifyResult } from '../activities/contract.ts';
import type { Phase } from '../plan/phases.ts';
import { perform, phaseInput, stepInput, type Handover } from './handover.ts';

/** @throws ActivityFailure with the refusals */
export async function judgeByPreflight(handover: Handover): Promise<PreflightResult> {
  const { progress } = handover.state;
  const result = await perform(
    handover,
    'look',
    'preflight',
    'look at cluster and repository, change nothing',
    stepInput(handover),
  );
  progress.clusterUid = result.clusterUid;
  progress.baseCommit = result.baseCommit;
  progress.shape = result.shape;
  progress.install = { target: result.target, owner: result.owner, bootstrapPath: result.bootstrapPath };
  progress.judgement = {
    at: new Date().toISOString(),
    ok: true,
    gateDigest: result.gateDigest,
    sentences: [
      `Flux ${result.target.distributionVersion} runs (${result.shape}); it will be adopted as it is`,
      ...result.findings.map(({ severity, what, mend }) => `${severity}: ${what}${mend ? ` (${mend})` : ''}`),
    ],
    evidence: result.evidence,
  };
  return result;
}

/** The checklist after a phase; a bad verdict is returned, not thrown. */
export async function judgeByVerify(
  handover: Handover,
  phase: Phase,
  done?: PhaseResult,
): Promise<VerifyResult> {
  const { progress } = handover.state;
  const input = { ...phaseInput(handover, phase.name), shown: progress.shown };
  const verdict = await perform(handover, 'step', 'verify', `checklist after ${phase.name}`, input);
  const held = verdict.checks.filter(({ ok }) => ok).length;
  progress.judgement = {
    at: new Date().toISOString(),
    ok: verdict.ok,
    gateDigest: verdict.gateDigest,
    sentences: [
      ...(done
        ? [
            `${phase.name}: ${done.summary}`,
            ...done.findings.map(({ severity, what }) => `${severity}: ${what}`),
          ]
        : []),
      `checklist after ${phase.name}: ${held} of ${verdict.checks.length} checks hold`,
    ],
    evidence: verdict.evidence,
  };
  return verdict;
}
