/** Doctor's look at the clusters and the repository: do they answer, and may we? */
import { readIdentity } from '../../cluster/identity.ts';
import { openCluster } from '../../cluster/cluster.ts';
import type { ClusterConfig } from '../../config/schema.ts';
import { dryRunPush } from '../../repo/commit.ts';
import { openRepository, type Repository } from '../../repo/repository.ts';
import type { ConfigFile } from '../config-file.ts';
import { check, type Checked } from './check.ts';

async function checkCluster({ name, context, kubeconfig, uid }: ClusterConfig): Promise<Checked> {
  const look = async (): Promise<{ detail: string }> => {
    const signal = AbortSignal.timeout(10_000);
    const cluster = openCluster({ context, kubeconfig, signal });
    try {
      const { clusterUid, kubernetesVersion } = await readIdentity(cluster);
      if (uid !== undefined && uid !== clusterUid)
        throw new Error(`context ${context} leads to another cluster: ${clusterUid}, not ${uid}`);
      return { detail: `context ${context}, Kubernetes ${kubernetesVersion}` };
    } finally {
      cluster.connection.close();
    }
  };
  return check(
    'Clusters',
    name,
    look,
    () =>
      `kubectl --context ${context} get --raw /readyz; then mend clusters[].context or kubeconfig in handover.yaml`,
  );
}

export async function checkClusters(file: ConfigFile): Promise<Checked[]> {
  return Promise.all(file.config.clusters.map((cluster) => checkCluster(cluster)));
}

export async function checkRepository({ config }: ConfigFile): Promise<Checked[]> {
  const { url, credentials } = config.repository;
  const mend = (): string =>
    'mend repository.url, repository.credentials or clusters[].branch in handover.yaml';
  let repository: Repository | undefined;
  const read = await check(
    'Git',
    'read',
    async () => {
      repository = await openRepository({ url, credentials });
      return { detail: `${repository.url}, ${(await repository.branches()).length} branches` };
    },
    mend,
  );
  const opened = repository;
  if (opened === undefined) return [read];
  const branches = [...new Set(config.clusters.map(({ branch }) => branch))];
  const pushes = branches.map((branch) =>
    check(
      'Git',
      `push to ${branch}`,
      async () => {
        await dryRunPush({ repository: opened, branch });
        return { detail: 'allowed, as far as a dry run tells' };
      },
      mend,
    ),
  );
  return [read, ...(await Promise.all(pushes))];
}
