/** Phase `preflight`: reads repository and cluster, changes nothing, and collects every reason not to begin. */
import { isClusterError } from '../../cluster/errors.ts';
import { findCiphertext } from '../../cluster/ciphertext.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { nameOf } from '../../cluster/objects.ts';
import { canonicalJson, sha256 } from '../../plan/digest.ts';
import { stringify } from 'yaml';
import type { EvidenceReference, FailureType, Finding, PreflightResult } from '../contract.ts';
import { explain, failure, logUnexpected, refusal, unexpected } from '../failure.ts';
import { ownerOfPlan, planAt, planChanged, type Planned } from '../planned.ts';
import { decryptionFindings } from '../secrets.ts';
import type { Session } from '../session.ts';
import { checkLegacy } from './legacy.ts';
import { findIn, type Look, lookAtCluster } from './look.ts';
import { checkPermissions, checkPrograms, checkPulls, checkPush } from './means.ts';
import { checkPlace, wrongClusterId } from './place.ts';

/** @throws Refused | PlanChanged | WrongCluster | LockHeld | Forbidden | Unreachable, each with every finding */
export async function preflight(session: Session): Promise<PreflightResult> {
  const findings: Finding[] = [];
  const types = new Set<FailureType>();
  /** Runs a check; what it throws becomes a finding, so that a person sees everything at once. */
  async function collect<Value>(work: () => Promise<Value>): Promise<Value | null> {
    try {
      return await work();
    } catch (error) {
      session.signal.throwIfAborted();
      const { type, finding } = explain(error, {
        cluster: session.input.cluster,
        context: session.settings.context,
        namespace: session.namespace,
      });
      if (finding.id === unexpected) logUnexpected(error, session.redact);
      types.add(type);
      const what = session.redact(finding.what);
      // Several checks may meet the same wall.
      if (!findings.some((other) => other.what === what)) findings.push({ ...finding, what });
      return null;
    }
  }
  const add = (found: Finding[] | null) => void findings.push(...(found ?? []));

  session.progress('reading repository and cluster');
  const [planned, seen, programs] = await Promise.all([
    collect(() => planAtHead(session)),
    collect(() => lookAtCluster(session)),
    collect(() => checkPrograms(session)),
  ]);
  add(programs?.findings ?? null);
  if (planned) add(planned.plan.hazards);
  const look: Look | null = planned && seen ? { session, plan: planned.plan, ...seen } : null;

  session.progress('checking what the handover needs');
  await Promise.all([
    collect(() => checkPush(session)).then(() => undefined),
    ...(seen
      ? [
          collect(() => checkPermissions(session)).then(add),
          collect(() => ciphertextFindings(session)).then(add),
        ]
      : []),
    ...(look
      ? [
          collect(async () => checkPlace(look)).then(add),
          collect(() => checkLegacy(look)).then(add),
          collect(() => checkPulls(look)).then(add),
          collect(async () => (await decryptionFindings(session, look.plan)).findings).then(add),
        ]
      : []),
  ]);
  if (look) add(identityFindings(look));
  const refused = findings.filter(({ severity }) => severity === 'refuse');
  if (refused.length > 0 || !planned || !look) {
    await session.evidence.keep('findings.json', `${JSON.stringify(findings, undefined, 2)}\n`);
    throw failure(typeOf(refused, types), refused);
  }
  if (planned.plan.digest !== session.input.planDigest) throw planChanged(session, planned.plan.digest, []);
  return result(look, findings, programs?.versions ?? {});
}

async function planAtHead(session: Session): Promise<Planned> {
  const repository = await session.repository();
  await repository.fetch();
  return planAt(session, await repository.head(session.settings.branch));
}

function identityFindings({ session, snapshot }: Look): Finding[] {
  const { input, settings, cluster } = session;
  const expected = [input.clusterUid, settings.uid].find((uid) => uid && uid !== snapshot.clusterUid);
  if (!expected) return [];
  return [
    refusal(
      wrongClusterId,
      `behind context ${settings.context} (${cluster.connection.server}) is the cluster with kube-system UID ${snapshot.clusterUid}, but ${input.cluster} has UID ${expected}`,
      'the steps of one cluster on another would take its Flux apart',
      `make context ${settings.context} point at ${input.cluster}`,
    ),
  ];
}

async function ciphertextFindings({ cluster }: Session): Promise<Finding[]> {
  return (await findCiphertext(cluster)).map((name) =>
    refusal(
      'ciphertext-live',
      `${name} holds SOPS ciphertext (ENC[…) on the cluster`,
      'somebody applied it without decrypting; later nobody could tell it from harm done by the handover',
      'let the right Kustomization (with decryption) apply it again',
    ),
  );
}

/** The one type if all refusals share it; a cluster that is the wrong one outweighs all. Being out of reach only counts alone. */
function typeOf(refused: Finding[], types: Set<FailureType>): FailureType {
  const ids = new Set(refused.map(({ id }) => id));
  if (ids.has(wrongClusterId)) return 'WrongCluster';
  if (ids.has('lock-held') && ids.size === 1) return 'LockHeld';
  if (refused.every(({ id }) => id.endsWith('unreachable'))) return 'Unreachable';
  const rest = [...types].filter((type) => type !== 'Unreachable');
  return rest.length === 1 && rest[0] === 'Forbidden' && refused.every(({ id }) => id.endsWith('forbidden'))
    ? 'Forbidden'
    : 'Refused';
}

async function result(
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
