/** Sees from outside when an object came to be as a reaction: by a Kubernetes watch, on the clock of this machine. */
import { KubeConfig, Watch } from '@kubernetes/client-node';
import type { LabCluster } from '../../lab/description.ts';
import type { LiveObject } from '../lab/kubectl.ts';

const paths: Record<string, string> = {
  deployments: '/apis/apps/v1/namespaces/flux-system/deployments',
  'kustomizations.kustomize.toolkit.fluxcd.io':
    '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations',
};

/** @returns `seenAt`: ms since 1970, null as long as it is not so */
export async function watchFor(
  cluster: LabCluster,
  { resource, name, is }: { resource: string; name: string; is: (object: LiveObject) => boolean },
): Promise<{ seenAt: () => number | null; stop: () => void }> {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(cluster.kubeconfig);
  let seenAt: number | null = null;
  const controller = await new Watch(kubeConfig).watch(
    paths[resource] ?? '',
    {},
    (_: string, object: LiveObject) => {
      if (object.metadata.name === name && is(object)) seenAt ??= Date.now();
    },
    () => {},
  );
  return { seenAt: () => seenAt, stop: () => controller.abort() };
}
