/** A real cluster of one legacy shape, and what a person with a clone and a webhook can do to it. */
import path from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';
import { clusterOf, type Lab } from '../../lab/description.ts';
import { writeHandoverConfig } from '../../lab/rehearsal/handover-config.ts';
import { Product } from '../../lab/rehearsal/product.ts';
import type { Hazard, Plan } from '../../src/plan/types.ts';
import { Kubectl, eventually, type LiveObject } from '../lab/kubectl.ts';
import { fileAt, headOf, pushFiles, pushRevert } from '../lab/person.ts';
import type { AppPlaces, Files } from './naive-apps.ts';
import { refusedCommits } from './refused-commits.ts';

export type ShapeName = 'self-managed' | 'flux-bootstrap';

interface Layout extends AppPlaces {
  /** Folder of the cluster, as `handover.yaml` names it. */
  path: string;
  /** Outermost Kustomization. */
  root: string;
}

const layouts: Record<ShapeName, Layout> = {
  'self-managed': {
    path: 'kubernetes/edge',
    root: 'cluster',
    source: 'haynes-ops',
    kustomizationFile: (app) => `kubernetes/edge/apps/flux-system/${app}/ks.yaml`,
    folder: (app) => `kubernetes/edge/apps/flux-system/${app}/app`,
  },
  'flux-bootstrap': {
    path: 'clusters/edge',
    root: 'flux-system',
    source: 'flux-system',
    kustomizationFile: (app) => `clusters/edge/${app}.yaml`,
    folder: (app) => `infrastructure/edge/${app}`,
  },
};

const fluxKinds = [
  'gitrepositories.source.toolkit.fluxcd.io',
  'ocirepositories.source.toolkit.fluxcd.io',
  'kustomizations.kustomize.toolkit.fluxcd.io',
  'helmreleases.helm.toolkit.fluxcd.io',
];

/** A failed object is asked again after this many milliseconds. */
const askAgainAfter = 6000;

export class Stage {
  readonly lab: Lab;
  readonly shape: ShapeName;
  readonly layout: Layout;
  readonly kubectl: Kubectl;
  /** Commits of the branch: what the cluster has at the beginning, then what was pushed. */
  readonly commits: string[];

  private constructor(lab: Lab, shape: ShapeName, head: string) {
    this.lab = lab;
    this.shape = shape;
    this.layout = layouts[shape];
    this.kubectl = new Kubectl(lab, clusterOf(lab, 'edge'));
    this.commits = [head];
  }

  static async open(lab: Lab, shape: ShapeName): Promise<Stage> {
    return new Stage(lab, shape, await headOf(lab, 'edge'));
  }

  /** Commits, pushes, and rings the webhook. @returns when Flux was told, in milliseconds */
  async push(message: string, files: Readonly<Record<string, string | null>>): Promise<number> {
    this.commits.push(await pushFiles(this.lab, 'edge', message, files));
    return this.#tell();
  }

  /** `git revert` of one commit. @returns when Flux was told, in milliseconds */
  async revert(commit: string): Promise<number> {
    this.commits.push(await pushRevert(this.lab, 'edge', commit));
    return this.#tell();
  }

  /** Takes `sync` out of the live FluxInstance, as somebody does who is alarmed. @returns when, in milliseconds */
  async removeLiveSync(): Promise<number> {
    const told = Date.now();
    const patch = '[{"op": "remove", "path": "/spec/sync"}]';
    await this.kubectl.run('patch', 'fluxinstance', 'flux', '-n', 'flux-system', '--type=json', '-p', patch);
    return told;
  }

  /** `flux install`, as somebody does whose controllers are gone. @returns when, in milliseconds */
  async installFlux(): Promise<number> {
    const { stdout } = await execa(path.join(this.lab.bin, 'flux'), ['install', '--export']);
    const told = Date.now();
    await this.kubectl.apply(stdout);
    return told;
  }

  async #tell(): Promise<number> {
    const told = Date.now();
    await this.#request('gitrepository', this.layout.source);
    return told;
  }

  /** Waits until the FluxInstance has taken over and everything reconciles. */
  async adopted(): Promise<void> {
    await this.settled('the FluxInstance', async () => {
      const instance = await this.kubectl.get('fluxinstances.fluxcd.controlplane.io', 'flux');
      return readyReason(instance) === 'ReconciliationSucceeded';
    });
  }

  /**
   * Waits until every Flux object is Ready at the last commit, asking again wherever one failed.
   * @param also what else must be true; an error in it counts as not yet
   */
  async settled(what: string, also: () => Promise<boolean>): Promise<void> {
    const head = this.commits.at(-1) ?? '';
    const asked = new Map<string, number>();
    let waiting: LiveObject[] = [];
    await eventually(`${what} on edge`, 300, async () => {
      const objects = await this.kubectl.list(fluxKinds.join(','));
      waiting = objects.filter((object) => !isReady(object, this.layout, head));
      if (waiting.length === 0 && (await also())) return true;
      // What is at work is left in peace; what failed would wait for a minute.
      for (const { kind, metadata } of waiting.filter(
        (object) => readyCondition(object)?.status === 'False',
      )) {
        if (Date.now() - (asked.get(metadata.uid) ?? 0) < askAgainAfter) continue;
        asked.set(metadata.uid, Date.now());
        await this.#request(kind.toLowerCase(), metadata.name, metadata.namespace).catch(() => undefined);
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return undefined;
    }).catch((error: unknown) => {
      throw new Error(
        `not Ready: ${waiting.map(({ kind, metadata }) => `${kind}/${metadata.name}`).join(', ')}`,
        { cause: error },
      );
    });
  }

  async #request(kind: string, name: string, namespace = 'flux-system'): Promise<void> {
    const request = `reconcile.fluxcd.io/requestedAt=${new Date().toISOString()}`;
    await this.kubectl.run('annotate', '--overwrite', '-n', namespace, `${kind}/${name}`, request);
  }

  /** What `flux-handover plan` refuses in the repository as it is pushed now. */
  async refusals(): Promise<Hazard[]> {
    const { json, stdout, stderr, exitCode } = await new Product(this.lab, await this.#config()).run(
      'plan',
      '--json',
    );
    const [cluster] = (json as Plan | undefined)?.clusters ?? [];
    if (cluster === undefined)
      throw new Error(`plan gave no plan (exit code ${exitCode}): ${stdout}${stderr}`);
    const refused = cluster.hazards.filter(({ severity }) => severity === 'refuse');
    if ((exitCode === 1) !== refused.length > 0) throw new Error(`plan ends with ${exitCode}: ${stderr}`);
    return refused;
  }

  /** What is refused of the commits themselves, by the judge that each commit of a plan passes. */
  async refusedCommits(): Promise<Hazard[]> {
    return refusedCommits(this.lab.git.repository, await this.#config(), this.commits);
  }

  #config(): Promise<string> {
    return writeHandoverConfig(this.lab, {
      directory: path.join(this.lab.directory, 'test-damage', this.shape),
      clusters: [clusterOf(this.lab, 'edge')],
    });
  }

  /** A file as it is on the branch now. */
  async file(name: string): Promise<string> {
    return `${await fileAt(this.lab, 'edge', name)}\n`;
  }

  /** The clone URL and the Secret with which the cluster reads the repository: what a `sync` needs. */
  async sync(): Promise<Record<string, unknown>> {
    const source = await this.kubectl.get('gitrepositories.source.toolkit.fluxcd.io', this.layout.source);
    const root = await this.kubectl.get('kustomizations.kustomize.toolkit.fluxcd.io', this.layout.root);
    const secret = source?.spec.secretRef?.name as string | undefined;
    return {
      kind: 'GitRepository',
      url: source?.spec.url,
      ref: 'refs/heads/edge',
      path: root?.spec.path,
      ...(secret === undefined ? {} : { pullSecret: secret }),
    };
  }

  /** The list that an app must be entered in, with these entries added; nothing where every file is applied. */
  async listed(...entries: string[]): Promise<Files> {
    if (this.shape === 'flux-bootstrap') return {};
    const list = 'kubernetes/edge/apps/flux-system/kustomization.yaml';
    const text = await this.file(list);
    const present = (parse(text) as { resources: string[] }).resources;
    const missing = entries.filter((entry) => !present.includes(entry));
    return { [list]: text + missing.map((entry) => `  - ${entry}\n`).join('') };
  }
}

function isReady(object: LiveObject, layout: Layout, head: string): boolean {
  if (object.spec?.suspend === true) return true;
  const current = object.status?.observedGeneration === object.metadata.generation;
  const onSource =
    object.kind === 'GitRepository'
      ? object.status?.artifact?.revision
      : object.spec?.sourceRef?.name === layout.source
        ? object.status?.lastAppliedRevision
        : undefined;
  const arrived = typeof onSource !== 'string' ? object.kind !== 'GitRepository' : onSource.endsWith(head);
  return current && arrived && readyCondition(object)?.status === 'True';
}

function readyCondition(object: LiveObject | null): { status: string; reason: string } | undefined {
  const conditions = (object?.status?.conditions ?? []) as { type: string; status: string; reason: string }[];
  return conditions.find(({ type }) => type === 'Ready');
}

function readyReason(object: LiveObject | null): string | undefined {
  const ready = readyCondition(object);
  return ready?.status === 'True' ? ready.reason : undefined;
}
