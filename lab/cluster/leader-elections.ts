// Releases the leader elections of pods that were killed, so that their successors need not wait for the leases to expire.

import type { LabCluster } from '../description.ts';
import { kubectl } from './kubectl.ts';

interface Lease {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly holderIdentity?: string };
}

/** client-go's elections name their holder `<pod>_<uuid>`; other leases (a node's, a handover's) are none of ours. */
const electedHolder = /_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Empties the holder, as a controller does that ends in good order. Only for a cluster without a running pod. */
export async function releaseElections(cluster: LabCluster, bin: string): Promise<void> {
  const listing = ['get', 'leases.coordination.k8s.io', '--all-namespaces', '--output=json'];
  const { items } = JSON.parse((await kubectl(cluster, bin, listing)).stdout) as { items: Lease[] };
  const elected = items.filter(
    ({ metadata, spec }) =>
      metadata.namespace !== 'kube-system' && electedHolder.test(spec.holderIdentity ?? ''),
  );
  const patch = '--patch={"spec":{"holderIdentity":""}}';
  await Promise.all(
    elected.map(({ metadata }) =>
      kubectl(cluster, bin, [
        'patch',
        'lease',
        metadata.name,
        `--namespace=${metadata.namespace}`,
        '--type=merge',
        patch,
      ]),
    ),
  );
}
