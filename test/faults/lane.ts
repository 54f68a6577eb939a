/** One lane of the fault matrix: a cluster of the lab with a worker, a Temporal server, credentials and a disk of its own. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { restoreCluster } from '../../lab/checkpoint.ts';
import { clusterLayout, type ClusterLayout } from '../../lab/cluster/layout.ts';
import { clusterOf, type Lab, type LabCluster } from '../../lab/description.ts';
import type { LabIdentity } from '../../lab/network/identity.ts';
import { writeHandoverConfig } from '../../lab/rehearsal/handover-config.ts';
import { checkpoint } from '../../lab/rehearsal/legacy-lab.ts';
import { Product, type WorkerProcess } from '../../lab/rehearsal/product.ts';
import { Kubectl } from '../lab/kubectl.ts';
import { makeCredentials, type WorkerCredentials } from './credentials.ts';
import { mountDisk, type SmallDisk } from './disk.ts';
import { refusal, type Refusal } from './network.ts';
import { laneTemporal, type LaneTemporal } from './temporal.ts';

export interface Lane {
  readonly lab: Lab;
  readonly identity: LabIdentity;
  /** Of the cluster, the lane and the branch. */
  readonly name: string;
  readonly cluster: LabCluster;
  readonly layout: ClusterLayout;
  readonly kubectl: Kubectl;
  readonly temporal: LaneTemporal;
  readonly client: Client;
  readonly credentials: WorkerCredentials;
  readonly disk: SmallDisk;
  /** Group id of the worker's processes, by which its connections are told from others'. */
  readonly group: number;
  /** The services that this lane shares with the other. */
  readonly refusals: { readonly git: Refusal; readonly registry: Refusal };
  /** The cluster is no longer as the checkpoint has it. */
  used: boolean;
  worker: WorkerProcess | undefined;
}

const firstGroup = 47_101;

export async function openLane(lab: Lab, identity: LabIdentity, name: string, index: number): Promise<Lane> {
  const folder = path.join(lab.directory, 'faults', name);
  await mkdir(folder, { recursive: true });
  const cluster = clusterOf(lab, name);
  const layout = clusterLayout(identity, name);
  const kubectl = new Kubectl(lab, cluster);
  const temporal = await laneTemporal(lab, name, folder);
  // One that an earlier, interrupted call left behind listens at another port.
  await temporal.stop();
  await rm(path.join(folder, 'temporal.db'), { force: true });
  await temporal.start();
  const group = firstGroup + index;
  const caller = { name, netns: cluster.netns, group };
  return {
    lab,
    identity,
    name,
    cluster,
    layout,
    kubectl,
    temporal,
    client: new Client({ connection: Connection.lazy({ address: temporal.address }) }),
    credentials: await makeCredentials(path.join(folder, 'credentials'), layout, cluster, kubectl),
    disk: await mountDisk(path.join(folder, 'disk')),
    group,
    refusals: {
      git: refusal(caller, new URL(lab.git.url).host),
      registry: refusal(caller, lab.registry.address),
    },
    used: false,
    worker: undefined,
  };
}

/** Also in the middle of an outage or of a run: nothing of the lane stays behind. */
export async function closeLane(lane: Lane): Promise<void> {
  const endings = [
    () => lane.worker?.end('SIGKILL'),
    () => lane.refusals.git.accept(),
    () => lane.refusals.registry.accept(),
    () => lane.client.connection.close(),
    () => lane.temporal.stop(),
    () => lane.disk.unmount(),
  ];
  for (const ending of endings)
    await Promise.resolve(ending()).catch((error: unknown) =>
      console.error(`${lane.name}: ${String(error)}`),
    );
}

/** The cluster as it was before anyone handed it over, with the worker's credentials. */
export async function toLegacy(lane: Lane): Promise<void> {
  if (lane.used) await restoreCluster(checkpoint, lane.name);
  lane.used = true;
  await lane.credentials.grant();
}

/** The product as this lane's person and worker run it. @param fleet names the run, and the folder with its logs */
export async function productOf(lane: Lane, fleet: string): Promise<Product> {
  const { lab, cluster, credentials, disk } = lane;
  const config = await writeHandoverConfig(lab, {
    fleet,
    // Logs outlive the lab; what the worker itself writes goes to the small disk.
    directory: path.join(lab.directory, 'logs', 'faults', fleet),
    afterAdopt: '5s',
    afterRetire: '5s',
    gates: { start: 'auto', cutover: 'auto', retire: 'auto' },
    clusters: [{ ...cluster, handoverKubeconfig: credentials.kubeconfig }],
    edit: (document) => {
      document['evidence'] = { directory: path.join(disk.folder, 'evidence') };
      Object.assign(document['repository'] as object, {
        credentials: { username: credentials.username, passwordFile: credentials.tokenFile },
      });
    },
  });
  const environment = {
    TEMPORAL_ADDRESS: lane.temporal.address,
    XDG_CACHE_HOME: path.join(disk.folder, 'cache'),
    TMPDIR: path.join(disk.folder, 'tmp'),
  };
  return new Product(lab, config, environment, ['setpriv', `--regid=${lane.group}`, '--clear-groups', '--']);
}
