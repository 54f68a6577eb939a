// Waits until every Flux object of a cluster is Ready and the controllers have their owner, asking for another try wherever one failed.

import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterReader } from './cluster-reader.ts';
import type { Unready } from './flux-objects.ts';
import { unready } from './flux-objects.ts';
import type { KubectlOf } from './kubectl.ts';

export interface Settling {
  /** Milliseconds. */
  readonly timeout: number;
  readonly onProgress?: (message: string) => void;
}

interface Owned extends Settling {
  /** Kustomization that must have applied the controllers; null where nothing owns them. */
  readonly owner: string | null;
}

const pollInterval = 700;
/** A failed object is asked again after this many milliseconds: its own interval may be half an hour. */
const askAgainAfter = 4000;
const ownerLabel = 'kustomize.toolkit.fluxcd.io/name';

/** @throws Error that lists what is not Ready when the time is over. */
export async function waitUntilSettled(
  kubectl: KubectlOf,
  { timeout, onProgress, owner }: Owned,
): Promise<void> {
  const end = Date.now() + timeout;
  const asked = new Map<string, number>();
  const reader = new ClusterReader(kubectl.kubeconfig, kubectl.cluster);
  for (;;) {
    const { waiting, reasons } = await look(reader, owner);
    if (reasons.length === 0) return;
    if (Date.now() > end) throw new Error(unsettled(kubectl.cluster, timeout, reasons));
    onProgress?.(`${reasons.length} not Ready: ${reasons[0] ?? ''}`);
    await askAgain(kubectl, waiting, asked);
    await sleep(pollInterval);
  }
}

/** A failed look is one more reason to wait: an API server that opens storage for a changed definition answers 429 meanwhile. */
async function look(
  reader: ClusterReader,
  owner: string | null,
): Promise<{ waiting: Unready[]; reasons: string[] }> {
  try {
    const [objects, foreign] = await Promise.all([reader.fluxObjects(), controllersNotOwned(reader, owner)]);
    const waiting = unready(objects);
    return { waiting, reasons: [...waiting.map(({ why }) => why), ...foreign] };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { waiting: [], reasons: [`the API server did not answer: ${why.replaceAll('\n', ' ')}`] };
  }
}

/** The controllers that their owner has not applied, or that still roll out. */
async function controllersNotOwned(reader: ClusterReader, owner: string | null): Promise<string[]> {
  const controllers = await reader.controllers();
  return controllers.flatMap(({ metadata, spec, status }) => {
    const name = `Deployment/${metadata?.name ?? ''}`;
    if (owner !== null && metadata?.labels?.[ownerLabel] !== owner)
      return [`${name}: not applied by the Kustomization ${owner} yet`];
    const wanted = spec?.replicas;
    const observed = status?.observedGeneration === metadata?.generation;
    const rolledOut = observed && status?.updatedReplicas === wanted && status?.availableReplicas === wanted;
    return rolledOut ? [] : [`${name}: rolls out`];
  });
}

async function askAgain(
  kubectl: KubectlOf,
  waiting: readonly Unready[],
  asked: Map<string, number>,
): Promise<void> {
  const now = Date.now();
  for (const { object, stuck } of waiting) {
    const { kind, metadata } = object;
    const key = `${kind}/${metadata.namespace}/${metadata.name}`;
    if (!stuck || now - (asked.get(key) ?? 0) < askAgainAfter) continue;
    asked.set(key, now);
    const request = `reconcile.fluxcd.io/requestedAt=${new Date(now).toISOString()}`;
    const target = [`${kind.toLowerCase()}/${metadata.name}`, `--namespace=${metadata.namespace}`];
    await kubectl.run(
      ['annotate', '--overwrite', '--field-manager=flux-client-side-apply', ...target, request],
      { mayFail: true },
    );
  }
}

function unsettled(cluster: string, timeout: number, reasons: readonly string[]): string {
  const list = reasons.map((reason) => `  ${reason}`).join('\n');
  return `Flux on ${cluster} is not Ready ${timeout / 1000} s after its installation began:\n${list}\nSee "flux get all -A" there, then run "make lab" again.`;
}
