/** Watches Deployments from outside and keeps the longest time one of them had no ready replica. */
import { KubeConfig, Watch, type V1Deployment } from '@kubernetes/client-node';
import type { LabCluster } from '../lab/description.ts';

export class ReadinessGap {
  readonly #cluster: LabCluster;
  readonly #names: readonly string[];
  readonly #since = new Map<string, number>();
  #longest = 0;
  #abort: AbortController | undefined;
  #stopped = false;

  constructor(cluster: LabCluster, names: readonly string[]) {
    this.#cluster = cluster;
    this.#names = names;
  }

  async start(): Promise<void> {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromFile(this.#cluster.kubeconfig);
    this.#abort = await new Watch(kubeConfig).watch(
      '/apis/apps/v1/namespaces/flux-system/deployments',
      {},
      (type: string, deployment: V1Deployment) => this.#see(type, deployment),
      // A quiet watch is ended by the server; a new one begins with the present state.
      () => void (this.#stopped ? undefined : this.start().catch(() => undefined)),
    );
  }

  /** @returns the longest gap in ms */
  async stop(): Promise<number> {
    this.#stopped = true;
    this.#abort?.abort();
    for (const name of this.#since.keys()) this.#close(name);
    return this.#longest;
  }

  #see(type: string, deployment: V1Deployment): void {
    const name = deployment.metadata?.name ?? '';
    if (!this.#names.includes(name)) return;
    const ready = type !== 'DELETED' && (deployment.status?.readyReplicas ?? 0) > 0;
    if (ready) this.#close(name);
    else if (!this.#since.has(name)) this.#since.set(name, performance.now());
  }

  #close(name: string): void {
    const since = this.#since.get(name);
    if (since === undefined) return;
    this.#longest = Math.max(this.#longest, performance.now() - since);
    this.#since.delete(name);
  }
}
