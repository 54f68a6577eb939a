/** Writes the `handover.yaml` with which the lab's own fleet is handed over. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { type Lab, type LabCluster } from '../description.ts';
import { shapeOf } from '../legacy/shapes.ts';

const labComponents = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
];

/** What a test or a rehearsal wants other than the default; durations as in `handover.yaml`. */
export interface RehearsalOptions {
  readonly fleet?: string;
  readonly afterAdopt?: string;
  readonly afterRetire?: string;
  readonly gates?: { start?: string; cutover?: string; retire?: string };
  readonly install?: Record<string, unknown>;
  readonly ready?: string;
  /** Folder for the file and the evidence; default `.lab/handover`. */
  readonly directory?: string;
  readonly clusters?: readonly LabCluster[];
  /** Last word on the whole document, for tests that need it broken or different. */
  readonly edit?: (document: Record<string, unknown>) => void;
}

/** @returns the path of the written file */
export async function writeHandoverConfig(lab: Lab, options: RehearsalOptions = {}): Promise<string> {
  const directory = options.directory ?? path.join(lab.directory, 'handover');
  await mkdir(directory, { recursive: true });
  const document: Record<string, unknown> = {
    apiVersion: 'flux-handover/v1',
    fleet: options.fleet ?? 'home',
    repository: {
      url: lab.git.url,
      credentials: { username: lab.git.username, passwordFile: lab.git.tokenFile },
      author: { name: 'Flux Handover', email: 'flux-handover@lab.internal' },
    },
    // Upstream's artifact and base hold three more, of which the lab has no images.
    install: { components: labComponents, ...options.install },
    gates: { start: 'manual', cutover: 'manual', retire: 'manual', ...options.gates },
    soak: { afterAdopt: options.afterAdopt ?? '30s', afterRetire: options.afterRetire ?? '15s' },
    timeouts: { ready: options.ready ?? '3m' },
    regressions: { unready: '30s' },
    evidence: { directory: path.join(directory, 'evidence') },
    clusters: (options.clusters ?? lab.clusters).map((cluster) => ({
      name: cluster.name,
      branch: cluster.name,
      path: shapeOf(lab, cluster.name).path(cluster.name),
      context: cluster.name,
      kubeconfig: cluster.handoverKubeconfig,
    })),
  };
  options.edit?.(document);
  const file = path.join(directory, 'handover.yaml');
  await writeFile(file, stringify(document));
  return file;
}
