/** Proves on a cluster that its Flux is truly reconciled: edits of it and of an app arrive, what is deleted comes back. */
import assert from 'node:assert/strict';
import type { Lab } from '../../lab/description.ts';
import { controllerSettings, eventually, type Kubectl, unready } from '../lab/kubectl.ts';
import { headOf, pushEdit } from '../lab/person.ts';
import { treeOf } from '../shapes/before.ts';
import { ApplyByHand } from './apply-by-hand.ts';
import type { Edit, Install } from './installs.ts';

/** Neither is needed for the rest to arrive. */
const deleted = [
  { namespace: 'flux-system', name: 'notification-controller' },
  { namespace: 'default', name: 'echo' },
];

const kustomizations = 'kustomizations.kustomize.toolkit.fluxcd.io';

export class ReconcileProof {
  readonly #lab: Lab;
  readonly #kubectl: Kubectl;
  readonly #install: Install;
  readonly #cluster: string;
  readonly #byHand: ApplyByHand | null;
  #changedByApply: string[] = [];

  constructor(lab: Lab, kubectl: Kubectl, install: Install, cluster = 'edge') {
    this.#lab = lab;
    this.#kubectl = kubectl;
    this.#install = install;
    this.#cluster = cluster;
    const { appliedByHand } = install;
    this.#byHand = appliedByHand === null ? null : new ApplyByHand(lab, cluster, appliedByHand);
  }

  /** To be called before anyone touched the cluster: notes what applying the unchanged install does there. */
  async prepare(): Promise<void> {
    if (this.#byHand) this.#changedByApply = await this.#byHand.apply();
  }

  async end(): Promise<void> {
    await this.#byHand?.end();
  }

  /** Leaves files and arguments as they were; two Deployments have other UIDs afterwards. */
  async reconcilesAgain(): Promise<void> {
    const { argument, app } = this.#install;
    const settings = await controllerSettings(this.#kubectl);
    const tree = await treeOf(this.#lab, this.#cluster);
    if (this.#byHand)
      assert.deepEqual(await this.#byHand.apply(), this.#changedByApply, 'applying the unchanged install');

    const uids = await this.#uidsOfDeleted();
    for (const { namespace, name } of deleted)
      await this.#kubectl.run('-n', namespace, 'delete', 'deployment', name, '--wait=true');
    await this.#push([argument, app]);
    await this.#arrives('the edits, and what was deleted', async () => {
      const now = await controllerSettings(this.#kubectl);
      const fresh = await this.#uidsOfDeleted();
      return [
        ...(now[argument.controller]?.args.includes(argument.to) ? [] : [argument.to]),
        ...((await this.#appText()).includes(app.to) ? [] : [app.to]),
        ...deleted
          .filter((_, index) => fresh[index] === null || fresh[index] === uids[index])
          .map(({ name }) => `Deployment ${name}`),
      ];
    });

    await this.#push([argument, app].map(({ file, from, to }) => ({ file, from: to, to: from })));
    assert.equal(await treeOf(this.#lab, this.#cluster), tree, 'the files in Git');
    await this.#arrives('everything as before', async () => {
      const now = await controllerSettings(this.#kubectl);
      return [
        ...(JSON.stringify(sorted(now)) === JSON.stringify(sorted(settings)) ? [] : ['arguments and limits']),
        ...((await this.#appText()).includes(app.from) ? [] : [app.from]),
        ...(await this.#behind()),
        ...(await unready(this.#kubectl)),
      ];
    });
    await this.#rolledOut();
  }

  /** Pushes, and lets Flux look; where nothing reconciles the controllers, a person applies their folder from the new commit. */
  async #push(edits: readonly Edit[]): Promise<void> {
    for (const edit of edits)
      await pushEdit(this.#lab, this.#cluster, edit.file, (text) => replaced(text, edit));
    const source = `gitrepository.source.toolkit.fluxcd.io/${this.#install.source}`;
    const request = `reconcile.fluxcd.io/requestedAt=${new Date().toISOString()}`;
    await this.#kubectl.run('-n', 'flux-system', 'annotate', '--overwrite', source, request);
    await this.#byHand?.apply();
  }

  /** @param look names what is still missing */
  async #arrives(what: string, look: () => Promise<string[]>): Promise<void> {
    let missing: string[] = [];
    await eventually(what, 180, async () => {
      missing = await look();
      return missing.length === 0 ? true : undefined;
    }).catch((error: unknown) => {
      throw new Error(`Flux is not reconciled; missing: ${missing.join('; ')}`, {
        cause: error,
      });
    });
  }

  async #rolledOut(): Promise<void> {
    for (const { namespace } of deleted)
      await this.#kubectl.run(
        '-n',
        namespace,
        'wait',
        'deployment',
        '--all',
        '--for=condition=Available',
        '--timeout=120s',
      );
  }

  async #uidsOfDeleted(): Promise<(string | null)[]> {
    return Promise.all(
      deleted.map(
        async ({ namespace, name }) =>
          (await this.#kubectl.get('deployment', name, namespace))?.metadata.uid ?? null,
      ),
    );
  }

  async #appText(): Promise<string> {
    return (await this.#kubectl.get('configmap', 'echo', 'default'))?.data?.['index.html'] ?? '';
  }

  /** Kustomizations from Git that are not at the last commit. */
  async #behind(): Promise<string[]> {
    const head = await headOf(this.#lab, this.#cluster);
    return (await this.#kubectl.list(kustomizations))
      .filter(({ spec }) => spec.suspend !== true && spec.sourceRef.kind === 'GitRepository')
      .filter(({ status }) => !String(status.lastAppliedRevision).endsWith(head))
      .map(({ metadata }) => `${metadata.name} at the last commit`);
  }
}

/** @throws Error where the text does not stand exactly once */
function replaced(text: string, { file, from, to }: Edit): string {
  if (text.split(from).length !== 2) throw new Error(`"${from}" does not stand exactly once in ${file}`);
  return text.replace(from, to);
}

function sorted(settings: Record<string, unknown>): [string, unknown][] {
  return Object.entries(settings).toSorted(([one], [other]) => one.localeCompare(other));
}
