// Waits until every Flux object of a cluster is Ready and Flux owns itself, asking for another try wherever one failed.

import { setTimeout as sleep } from 'node:timers/promises';
import type { FluxObject, Unready } from './flux-objects.ts';
import { fluxKinds, unready } from './flux-objects.ts';
import type { KubectlOf } from './kubectl.ts';

export interface Settling {
  /** Milliseconds. */
  readonly timeout: number;
  readonly onProgress?: (message: string) => void;
}

interface Deployment {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly generation: number;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

const pollInterval = 700;
/** A failed object is asked again after this many milliseconds: its own interval may be half an hour. */
const askAgainAfter = 4000;
const ownerLabel = 'kustomize.toolkit.fluxcd.io/name';

/** @throws Error that lists what is not Ready when the time is over. */
export async function waitUntilSettled(kubectl: KubectlOf, { timeout, onProgress }: Settling): Promise<void> {
  const end = Date.now() + timeout;
  const asked = new Map<string, number>();
  for (;;) {
    const [waiting, foreign] = await Promise.all([unreadyObjects(kubectl), controllersNotOwned(kubectl)]);
    const reasons = [...waiting.map(({ why }) => why), ...foreign];
    if (reasons.length === 0) return;
    if (Date.now() > end) throw new Error(unsettled(kubectl.cluster, timeout, reasons));
    onProgress?.(`${reasons.length} not Ready: ${reasons[0] ?? ''}`);
    await askAgain(kubectl, waiting, asked);
    await sleep(pollInterval);
  }
}

async function unreadyObjects(kubectl: KubectlOf): Promise<Unready[]> {
  return unready(await kubectl.list<FluxObject>(fluxKinds));
}

/** The controllers that the Kustomization `flux` has not applied, or that still roll out. */
async function controllersNotOwned(kubectl: KubectlOf): Promise<string[]> {
  const deployments = await kubectl.list<Deployment>(['deployments.apps']);
  const controllers = deployments.filter(({ metadata }) => metadata.namespace === 'flux-system');
  return controllers.flatMap(({ metadata, spec, status }) => {
    if (metadata.labels?.[ownerLabel] !== 'flux')
      return [`Deployment/${metadata.name}: not applied by the Kustomization flux yet`];
    const rolledOut =
      status.observedGeneration === metadata.generation && status.updatedReplicas === spec.replicas;
    return rolledOut && status.availableReplicas === spec.replicas
      ? []
      : [`Deployment/${metadata.name}: rolls out`];
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
