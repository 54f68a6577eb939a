/** What preflight found good: the evidence it keeps, and the digest that the start gate is bound to. */
import { canonicalJson, sha256 } from '../../plan/digest.ts';
import type { EvidenceReference, Finding, PreflightResult } from '../contract.ts';
import { behindId } from './arrival.ts';
import { legacyManifests } from './legacy-manifests.ts';
import type { Look } from './look.ts';

export async function preflightResult(
  look: Look,
  findings: Finding[],
  versions: Record<string, string>,
): Promise<PreflightResult> {
  const { session, plan, snapshot } = look;
  const { owner, bootstrapPath } = plan.legacy;
  session.progress('keeping the evidence');
  const baseline = await session.evidence.keep(
    'baseline.json',
    `${JSON.stringify(snapshot, undefined, 2)}\n`,
  );
  const evidence: EvidenceReference[] = await Promise.all([
    session.evidence.keep('plan.json', `${JSON.stringify(plan, undefined, 2)}\n`),
    session.evidence.keep(
      'findings.json',
      `${JSON.stringify({ findings, programs: versions }, undefined, 2)}\n`,
    ),
    legacyManifests(look),
  ]);
  return {
    clusterUid: snapshot.clusterUid,
    baseCommit: plan.commit,
    planDigest: plan.digest,
    shape: plan.legacy.shape,
    target: plan.target,
    owner: owner && { kind: owner.kind, namespace: owner.namespace, name: owner.name, file: owner.file },
    bootstrapPath,
    findings,
    baselineDigest: baseline.digest,
    evidence: [baseline, ...evidence],
    gateDigest: sha256(
      canonicalJson({
        planDigest: plan.digest,
        clusterUid: snapshot.clusterUid,
        findings: findings
          .filter(({ id }) => id !== behindId)
          .map(({ id, severity, what }) => ({ id, severity, what }))
          .sort((a, b) => (a.what < b.what ? -1 : 1)),
      }),
    ),
  };
}
