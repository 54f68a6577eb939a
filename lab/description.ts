// The description of a raised lab: where everything runs and how to reach it, as written to `.lab/lab.json`.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** One cluster of the lab: a single node in a network namespace of its own. */
export interface LabCluster {
  /** The name of the cluster, of its node and of the context in both kubeconfigs. */
  readonly name: string;
  /** `https://10.X.0.1N:6443`, reachable from the host. */
  readonly apiServer: string;
  /** Kubeconfig of a person who may do everything (CN=admin, group system:masters). */
  readonly kubeconfig: string;
  /** Kubeconfig of the product (CN=flux-handover, group system:masters), so that the audit log tells its writes apart. */
  readonly handoverKubeconfig: string;
  /** Network namespace, as named by `ip netns`. */
  readonly netns: string;
  /** Audit events of the API server, one JSON object a line: every write, level Metadata. */
  readonly auditLog: string;
  /** IPv4 address of the node. */
  readonly address: string;
}

export interface LabGit {
  /** Clone URL without credentials; the same from the host and from pods. */
  readonly url: string;
  readonly username: string;
  /** File (mode 600) whose only line is the token that goes with the username, for reads and pushes. */
  readonly tokenFile: string;
  /** Folder of the bare repository. */
  readonly repository: string;
}

export interface LabRegistry {
  /** `ip:port`, HTTPS; inside the clusters it answers for ghcr.io, registry.k8s.io and docker.io. */
  readonly address: string;
  /** Certificate authority that signed its certificate, PEM. */
  readonly caFile: string;
}

export interface LabTemporal {
  /** `host:port` of the frontend. */
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
}

export interface Lab {
  /** Short name that prefixes every interface, namespace and cgroup of this lab, such as `fh87`. */
  readonly id: string;
  /** The `.lab` folder of the checkout; everything of the lab lies below it. */
  readonly directory: string;
  /** Folder with kubectl, flux, flux-operator, helm, sops, age-keygen, temporal, crane and the cluster's own programs. */
  readonly bin: string;
  readonly git: LabGit;
  readonly registry: LabRegistry;
  readonly temporal: LabTemporal;
  readonly ageKeyFile: string;
  /** Shape of the legacy Flux that the branch `edge` was published with; `main` always holds the usual one. */
  readonly edgeShape: string;
  /** JSON object `{name: value}` (mode 600) with every secret of the lab, for searches for leaks. */
  readonly secretsFile: string;
  /** The fleet: edge and main. */
  readonly clusters: readonly LabCluster[];
  /** Clusters raised empty beside the fleet, for the bootstrap of a new cluster. */
  readonly spareClusters: readonly LabCluster[];
}

/** Names of the clusters that a handover moves, in their order. */
export const fleetClusterNames: readonly string[] = ['edge', 'main'];

/** The root of the checkout this file belongs to. */
export const checkoutDirectory = path.dirname(import.meta.dirname);

/** The folder that holds all state of this checkout's lab. */
export const labDirectory = path.join(checkoutDirectory, '.lab');

const descriptionFile = path.join(labDirectory, 'lab.json');

/**
 * The description of the lab of this checkout.
 * @throws Error that names `make lab` when no lab was raised here.
 */
export async function readLab(): Promise<Lab> {
  let text: string;
  try {
    text = await readFile(descriptionFile, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(
      `No lab was raised in ${checkoutDirectory}: ${descriptionFile} is missing. Run "make lab" first.`,
      { cause: error },
    );
  }
  return JSON.parse(text) as Lab;
}

export async function writeLab(lab: Lab): Promise<void> {
  await writeFile(descriptionFile, `${JSON.stringify(lab, undefined, 2)}\n`);
}

/**
 * The cluster of that name, of the fleet or a spare one.
 * @throws Error that lists the names there are.
 */
export function clusterOf(lab: Lab, name: string): LabCluster {
  const clusters = [...lab.clusters, ...lab.spareClusters];
  const found = clusters.find((cluster) => cluster.name === name);
  if (found !== undefined) return found;
  throw new Error(
    `The lab has no cluster ${name}; it has ${clusters.map((cluster) => cluster.name).join(', ') || 'none'}.`,
  );
}
