/** Phase `secrets`: what the plan needs from SOPS and External Secrets is on the cluster and Ready. Reads only. */
import { nameOf, type LiveObject } from '../cluster/objects.ts';
import { conditionOf, field } from '../cluster/objects.ts';
import type { ClusterPlan, ObjectReference } from '../plan/types.ts';
import type { Finding, PhaseInput, PhaseResult } from './contract.ts';
import { failure, refusal } from './failure.ts';
import { guard } from './guard.ts';
import { plannedAtBase } from './planned.ts';
import type { Session } from './session.ts';

/** @throws Refused */
export async function checkSecrets(session: Session<PhaseInput>): Promise<PhaseResult> {
  const [, { plan }] = await Promise.all([guard(session), plannedAtBase(session)]);
  const [decryption, external] = await Promise.all([
    decryptionFindings(session, plan),
    externalSecretFindings(session),
  ]);
  const findings = [...decryption.findings, ...external];
  const { evidence } = session;
  const kept = await evidence.keep(
    'secrets.json',
    `${JSON.stringify({ needed: decryption.needed, externalSecrets: session.input.config.install.externalSecrets, findings }, undefined, 2)}\n`,
  );
  if (findings.length > 0) throw failure('Refused', findings);
  const count = decryption.needed.length + session.input.config.install.externalSecrets.length;
  return {
    commit: null,
    alreadyDone: false,
    summary: `${count} secrets and sources of substitution are there`,
    evidence: [kept],
    findings: [],
  };
}

/** Names of entries that kustomize-controller's decryptor takes a key from. */
const keyEntry = /\.(agekey|asc)$|^sops\.(vault-token|aws-kms|azure-kv|gcp-kms)$/;

/** Decryption keys, substitution sources and the Git credentials that the roots name. Secrets are read, their values not kept. */
export async function decryptionFindings(
  { cluster }: Session,
  plan: ClusterPlan,
): Promise<{ needed: string[]; findings: Finding[] }> {
  const findings: Finding[] = [];
  const needed = new Map<string, { reference: ObjectReference; key: boolean; of: string }>();
  const need = (kind: string, namespace: string, name: string, of: string, key = false) =>
    needed.set(`${kind}/${namespace}/${name}`, {
      reference: { apiVersion: 'v1', kind, namespace, name },
      key,
      of,
    });
  for (const root of plan.roots) {
    const of = `Kustomization ${root.namespace}/${root.name}`;
    if (root.decryption?.secretRef) need('Secret', root.namespace, root.decryption.secretRef, of, true);
    for (const { kind, name, optional } of root.substituteFrom)
      if (!optional) need(kind, root.namespace, name, of);
  }
  if (plan.source?.secretRef)
    need(
      'Secret',
      plan.source.namespace,
      plan.source.secretRef,
      `GitRepository ${plan.source.namespace}/${plan.source.name}`,
    );
  await Promise.all(
    [...needed.values()].map(async ({ reference, key, of }) => {
      const object = await cluster.find(reference);
      const { namespace, name } = reference;
      if (!object)
        findings.push(
          refusal(
            'secret-missing',
            `${nameOf(reference)}, named by ${of}, is not on the cluster`,
            'the next reconcile would fail to decrypt or to substitute, in the middle of the handover',
            `create it: kubectl -n ${namespace} create ${reference.kind.toLowerCase()} ${reference.kind === 'Secret' ? 'generic ' : ''}${name} --from-file=…`,
          ),
        );
      else if (key && !entriesOf(object).some((entry) => keyEntry.test(entry)))
        findings.push(
          refusal(
            'decryption-key-missing',
            `${nameOf(reference)} holds no decryption key (its entries: ${entriesOf(object).join(', ') || 'none'})`,
            'kustomize-controller takes keys from entries that end in .agekey or .asc only',
            `put the key into it: kubectl -n ${namespace} create secret generic ${name} --from-file=age.agekey=<file>`,
          ),
        );
    }),
  );
  return { needed: [...needed.keys()].sort(), findings };
}

function entriesOf(object: LiveObject): string[] {
  return Object.keys(field(object, 'data') ?? {});
}

async function externalSecretFindings({ cluster, input, namespace }: Session): Promise<Finding[]> {
  const { externalSecrets } = input.config.install;
  if (externalSecrets.length === 0) return [];
  const apiVersion = await cluster.discovery.preferredVersion('external-secrets.io');
  if (!apiVersion)
    return [
      refusal(
        'external-secrets-missing',
        'the cluster has no External Secrets API',
        `handover.yaml names ${externalSecrets.map(({ name }) => name).join(', ')}`,
        'install external-secrets, or take these out of install.externalSecrets',
      ),
    ];
  const findings = await Promise.all(
    externalSecrets.map(async ({ kind, name, namespace: home }) => {
      const reference: ObjectReference = {
        apiVersion,
        kind,
        name,
        namespace: kind === 'ClusterSecretStore' ? '' : (home ?? namespace),
      };
      const object = await cluster.find(reference);
      const ready = object && conditionOf(object, 'Ready');
      if (ready?.status === 'True') return null;
      const why = object ? (ready?.message ?? 'it has no Ready condition') : 'it does not exist';
      return refusal(
        'external-secret-unready',
        `${nameOf(reference)} is not Ready: ${why}`,
        'what is installed next needs the Secret it makes',
        `kubectl -n ${reference.namespace || namespace} describe ${kind.toLowerCase()} ${name}`,
      );
    }),
  );
  return findings.filter((finding) => finding !== null);
}
