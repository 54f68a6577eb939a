/** Phase `preflight`: reads repository and cluster, changes nothing, and collects every reason not to begin. */
import { findCiphertext } from '../../cluster/ciphertext.ts';
import type { FailureType, Finding, PreflightResult } from '../contract.ts';
import { explain, failure, logUnexpected, refusal, unexpected } from '../failure.ts';
import { planAt, planChanged, type Planned } from '../planned.ts';
import { decryptionFindings } from '../secrets.ts';
import type { Session } from '../session.ts';
import { checkControllers } from './controllers.ts';
import { checkEarlierRun } from './earlier-run.ts';
import { checkLeftovers } from './leftovers.ts';
import { type Look, lookAtCluster } from './look.ts';
import { checkPermissions, checkPrograms, checkPulls, checkPush } from './means.ts';
import { preflightResult } from './result.ts';
import { checkOwner } from './owner.ts';
import { checkPlace, wrongClusterId } from './place.ts';
import { checkState } from './state.ts';

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
    ...(planned ? [collect(() => checkEarlierRun(session)).then(add)] : []),
    ...(seen
      ? [
          collect(() => checkPermissions(session)).then(add),
          collect(() => ciphertextFindings(session)).then(add),
        ]
      : []),
    ...(look
      ? [
          collect(async () => checkPlace(look)).then(add),
          collect(() => checkOwner(look)).then(add),
          collect(async () => [...checkControllers(look), ...checkLeftovers(look)]).then(add),
          collect(() => checkPulls(look)).then(add),
          ...(planned ? [collect(() => checkState(look, planned.tree)).then(add)] : []),
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
  return preflightResult(look, findings, programs?.versions ?? {});
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
