/** What preflight found good: the evidence it keeps, and the digest that the start gate is bound to. */
import { stringify } from 'yaml';
import { isClusterError } from '../../cluster/errors.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { nameOf } from '../../cluster/objects.ts';
import { canonicalJson, sha256 } from '../../plan/digest.ts';
import type { EvidenceReference, Finding, PreflightResult } from '../contract.ts';
import { ownerOfPlan } from '../planned.ts';
import { findIn, type Look } from './look.ts';

export async function preflightResult(
  look: Look,
  findings: Finding[],
  versions: Record<string, string>,
): Promise<PreflightResult> {
  const { session, plan, snapshot } = look;
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
    findings,
    baselineDigest: baseline.digest,
    evidence: [baseline, ...evidence],
    gateDigest: sha256(
      canonicalJson({
        planDigest: plan.digest,
        clusterUid: snapshot.clusterUid,
        findings: findings
          .map(({ id, severity, what }) => ({ id, severity, what }))
          .sort((a, b) => (a.what < b.what ? -1 : 1)),
      }),
    ),
  };
}

/** The legacy install as it is on the cluster: every object that its owner manages, ready to be applied again in an emergency. */
async function legacyManifests({ session, plan, flux }: Look): Promise<EvidenceReference> {
  const owner = plan.legacy.owner && ownerOfPlan(plan);
  const live = owner && findIn(flux, 'Kustomization', owner.namespace, owner.name);
  const documents = await Promise.all(
    (live ? inventoryOf(live) : []).map(async (reference) => {
      const object = await session.cluster.find(reference).catch((error: unknown) => {
        if (isClusterError(error, 'unreachable')) throw error;
        return null;
      });
      if (!object) return `# ${nameOf(reference)} could not be read\n`;
      const { status: _status, metadata, ...rest } = object;
      const {
        managedFields: _managed,
        resourceVersion: _version,
        uid: _uid,
        generation: _generation,
        creationTimestamp: _created,
        ...kept
      } = metadata;
      return stringify({ ...rest, metadata: kept });
    }),
  );
  return session.evidence.keep(
    'legacy-manifests.yaml',
    documents.map((document) => `---\n${document}`).join(''),
  );
}
