// Reads Flux objects and controllers of a cluster again and again, in this process: a kubectl for each look would cost more than the look.

import { AppsV1Api, CustomObjectsApi, KubeConfig } from '@kubernetes/client-node';
import type { V1Deployment } from '@kubernetes/client-node';
import { fluxKinds } from './flux-objects.ts';
import type { FluxObject } from './flux-objects.ts';

export class ClusterReader {
  readonly #custom: CustomObjectsApi;
  readonly #apps: AppsV1Api;

  constructor(kubeconfig: string, context: string) {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    config.setCurrentContext(context);
    this.#custom = config.makeApiClient(CustomObjectsApi);
    this.#apps = config.makeApiClient(AppsV1Api);
  }

  /** Every object of the kinds that have a Ready condition. */
  async fluxObjects(): Promise<FluxObject[]> {
    const lists = await Promise.all(
      fluxKinds.map(({ group, version, plural }) =>
        this.#custom.listCustomObjectForAllNamespaces({ group, version, resourcePlural: plural }),
      ),
    );
    return lists.flatMap((list) => (list as { items: FluxObject[] }).items);
  }

  /** The Deployments of the controllers' namespace. */
  async controllers(): Promise<V1Deployment[]> {
    return (await this.#apps.listNamespacedDeployment({ namespace: 'flux-system' })).items;
  }
}
