// Raises the lab, or repairs what is dead of it: everything that can starts at once, and waits only for what it needs.

import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { applyAddOns } from './cluster/add-ons.ts';
import { resume } from './cluster/interruption.ts';
import { clusterLayout, describeCluster, socketDirectory, type ClusterLayout } from './cluster/layout.ts';
import { waitForDeployments } from './cluster/workloads.ts';
import { fleetClusterNames, labDirectory, writeLab, type Lab, type LabRegistry } from './description.ts';
import { installLegacy } from './legacy-install.ts';
import { labShape, usualShape } from './legacy/shapes.ts';
import { removeLab } from './lower.ts';
import { bridgeAddress } from './network/addresses.ts';
import { claimNetwork } from './network/bridge.ts';
import { withSlot, writeIdentity, type LabIdentity } from './network/identity.ts';
import { runTogether, type ProgressOptions, type Step } from './progress.ts';
import { publishGit, publishRegistryContent } from './publish.ts';
import { ensureSecrets } from './secrets.ts';
import { describeGit, ensureGitServer } from './services/git-server.ts';
import { restoreRefs } from './services/git-repository.ts';
import { describeRegistry, ensureRegistry } from './services/registry.ts';
import { describeTemporal, ensureTemporal } from './services/temporal.ts';
import { ensureToolchain, type Toolchain } from './toolchain/index.ts';

export interface RaiseOptions extends ProgressOptions {
  /** Clusters of the fleet to raise. @default edge and main */
  readonly clusters?: readonly string[];
  /** Install the legacy Flux on them. @default true */
  readonly legacy?: boolean;
  /** Shape of the legacy Flux on `edge`, in Git and on the cluster. @default what was published, else self-managed */
  readonly shape?: string;
}

interface Raising {
  readonly lab: Lab;
  readonly identity: LabIdentity;
  readonly toolchain: Toolchain;
  readonly layouts: readonly ClusterLayout[];
  readonly legacy: boolean;
}

/** Ends when everything runs and, with `legacy`, every Flux object is Ready. Seconds when all is well already. */
export async function raise(options: RaiseOptions): Promise<Lab> {
  const toolchain = once(async (say: (message: string) => void) => ensureToolchain(say));
  await runTogether([{ title: 'Tools and images', run: toolchain }], options);
  const raising = await prepare(options, await toolchain(() => undefined));
  await runTogether(stepsOf(raising), options);
  return raising.lab;
}

async function prepare(options: RaiseOptions, toolchain: Toolchain): Promise<Raising> {
  const edgeShape = await chosenShape(options);
  const claimed = await claimNetwork();
  let { identity } = claimed;
  // Certificates and etcd hold addresses of the old number.
  if (claimed.moved) await removeLab({ keepData: false });
  if (claimed.moved) ({ identity } = await claimNetwork());
  const names = options.clusters ?? fleetClusterNames;
  for (const name of names) identity = withSlot(identity, name);
  await writeIdentity(identity);
  await mkdir(socketDirectory(identity), { recursive: true });
  const layouts = names.map((name) => clusterLayout(identity, name));
  const address = bridgeAddress(identity);
  const fleet = Object.keys(identity.slots).filter((name) => fleetClusterNames.includes(name));
  const spare = Object.keys(identity.slots).filter((name) => !fleetClusterNames.includes(name));
  const lab: Lab = {
    id: identity.id,
    directory: labDirectory,
    bin: toolchain.bin,
    git: describeGit(address),
    registry: describeRegistry(address, toolchain.authority),
    temporal: describeTemporal(identity),
    ageKeyFile: path.join(labDirectory, 'age.key'),
    edgeShape,
    secretsFile: path.join(labDirectory, 'secrets.json'),
    clusters: fleet.map((name) => describeCluster(clusterLayout(identity, name))),
    spareClusters: spare.map((name) => describeCluster(clusterLayout(identity, name))),
  };
  await writeLab(lab);
  return { lab, identity, toolchain, layouts, legacy: options.legacy ?? true };
}

function stepsOf(raising: Raising): Step[] {
  const { lab, identity, toolchain } = raising;
  const address = bridgeAddress(identity);
  const registry = once(() => ensureRegistry(address, toolchain));
  const content = once(async () => {
    await registry();
    await publishRegistryContent({ ...lab.registry, toolchain });
  });
  const git = once(async () => {
    await ensureGitServer(address, socketDirectory(identity));
    await ensureSecrets(lab);
    await publishOnce(raising);
  });
  return [
    { title: `Registry ${lab.registry.address}`, run: content },
    { title: `Git ${lab.git.url}`, run: git },
    {
      title: `Temporal ${lab.temporal.uiUrl}`,
      run: () => ensureTemporal(identity, toolchain.bin),
    },
    ...raising.layouts.map((layout) => clusterStep(raising, layout, { registry, content, git })),
  ];
}

interface Needs {
  readonly registry: () => Promise<LabRegistry>;
  readonly content: () => Promise<void>;
  readonly git: () => Promise<void>;
}

function clusterStep(raising: Raising, layout: ClusterLayout, needs: Needs): Step {
  const { lab, identity, toolchain } = raising;
  const cluster = describeCluster(layout);
  return {
    title: `Cluster ${layout.name} ${cluster.apiServer}`,
    run: async (say) => {
      say('starts');
      await resume(layout, { identity, bin: toolchain.bin, registry: lab.registry });
      await applyAddOns(layout, toolchain.bin, bridgeAddress(identity));
      await needs.registry();
      const installed = await exists(layout.legacyMark);
      if (installed || !raising.legacy) {
        say('waits for its pods');
        await waitForDeployments(cluster, toolchain.bin);
        return;
      }
      say('waits for Git and registry');
      await Promise.all([needs.content(), needs.git()]);
      await installLegacy({ lab, cluster, toolchain, onProgress: say });
      await waitForDeployments(cluster, toolchain.bin);
      await writeFile(layout.legacyMark, '');
    },
  };
}

/** Says that the branches were written, and with which shape on `edge`. */
const publishedMark = path.join(labDirectory, 'git', 'published');

/** @throws Error when the branches hold another shape already. */
async function chosenShape({ shape }: RaiseOptions): Promise<string> {
  const published = await readFile(publishedMark, 'utf8').catch(() => undefined);
  const chosen = shape ?? published ?? usualShape;
  labShape(chosen);
  if (published !== undefined && published !== chosen)
    throw new Error(
      `The lab holds the shape ${published}. Run "make lab-down", then raise it with ${chosen}.`,
    );
  return chosen;
}

/** The branches are written once: a repair must not undo what a handover has committed since. */
async function publishOnce({ lab, toolchain }: Raising): Promise<void> {
  if (await exists(publishedMark)) return;
  // A run that was cut off may have left branches of another history.
  await restoreRefs('');
  await publishGit({ lab, toolchain });
  await writeFile(publishedMark, lab.edgeShape);
}

/** The same promise for everyone who asks. */
function once<Parameters extends unknown[], Value>(
  make: (...parameters: Parameters) => Promise<Value>,
): (...parameters: Parameters) => Promise<Value> {
  let made: Promise<Value> | undefined;
  return (...parameters) => (made ??= make(...parameters));
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
