/** Describes the Kustomizations that bring a cluster's contents, and what about them stands in the way. */
import { field, isRecord, list, text, type Manifest } from '../repo/manifests.ts';
import { reachOf } from '../repo/kustomize-build.ts';
import { note, refuse, warn } from './hazard.ts';
import type { FluxKustomization, Scene } from './scene.ts';
import type { Hazard, RootKustomization } from './types.ts';

export function describeRoot({
  manifest,
  name,
  namespace,
  folder,
  spec,
}: FluxKustomization): RootKustomization {
  const provider = text(spec, 'decryption', 'provider');
  return {
    name,
    namespace,
    path: folder,
    file: manifest.file,
    line: manifest.place().line,
    prune: spec['prune'] === true,
    suspend: spec['suspend'] === true,
    decryption: provider
      ? { provider, secretRef: text(spec, 'decryption', 'secretRef', 'name') || null }
      : null,
    postBuild: isRecord(spec['postBuild']),
    substituteFrom: list(spec, 'postBuild', 'substituteFrom').map((entry) => ({
      kind: text(entry, 'kind'),
      name: text(entry, 'name'),
      optional: field(entry, 'optional') === true,
    })),
  };
}

/** What is wrong with the Kustomizations that must carry the changes to the cluster. */
export function rootHazards(scene: Scene, roots: FluxKustomization[]): Hazard[] {
  return roots.flatMap((root) => {
    const hazards: Hazard[] = [];
    const where = root.manifest.place('spec');
    if (root.spec['suspend'] === true)
      hazards.push(
        refuse('root-suspended', root.manifest.place('spec', 'suspend'), {
          what: `Kustomization ${root.name} is suspended in Git`,
          why: 'No step would reach the cluster',
          mend: 'Resume it, wait until it is Ready, and plan again',
        }),
      );
    if (root.namespace !== scene.cluster.namespace)
      hazards.push(
        refuse('namespace-differs', where, {
          what: `Kustomization ${root.name} is in namespace ${root.namespace}, not ${scene.cluster.namespace}`,
          why: "A FluxInstance lives in the controllers' namespace, and everything here is planned for one",
          mend: "Correct clusters[].namespace in handover.yaml if these are not Flux's own roots",
        }),
      );
    const encrypted = [...reachOf(scene.tree, root.folder).files].find(
      (file) => /\.sops\.ya?ml$/.test(file) && /^sops:/m.test(scene.tree.read(file) ?? ''),
    );
    if (encrypted && !isRecord(root.spec['decryption']))
      hazards.push(
        warn(
          'sops-not-configured',
          { file: encrypted, line: 1 },
          {
            what: `Kustomization ${root.name} applies encrypted files, but has no spec.decryption`,
            why: 'Unless a parent patches it in, ciphertext is what reaches the cluster',
            mend: `Add spec.decryption to ${root.name}, or make sure that a parent patches it in`,
          },
        ),
      );
    if (text(root.spec, 'serviceAccountName') || isRecord(root.spec['kubeConfig']))
      hazards.push(
        refuse('root-impersonates', where, {
          what: `Kustomization ${root.name} acts under a service account or on another cluster`,
          why: 'The steps may lack the rights to install CRDs and cluster roles, or land elsewhere',
          mend: 'This wiring is not supported yet: hand over by the documentation, by hand',
        }),
      );
    return hazards;
  });
}

/** Objects that name the legacy owner or its source (null: it has none of its own) and would point at nothing afterwards. */
export function referenceHazards(scene: Scene, owner: FluxKustomization, source: Manifest | null): Hazard[] {
  const dependents = scene.kustomizations.filter(
    ({ spec, namespace, manifest }) =>
      manifest !== owner.manifest &&
      list(spec, 'dependsOn').some(
        (entry) =>
          text(entry, 'name') === owner.name && (text(entry, 'namespace') || namespace) === owner.namespace,
      ),
  );
  const hazards = dependents.map(({ manifest, name }) =>
    refuse('owner-depended-upon', manifest.place('spec', 'dependsOn'), {
      what: `Kustomization ${name} depends on ${owner.name}, which will be removed`,
      why: `${name} would stop reconciling with "dependency not found"`,
      mend: `Remove the dependency on ${owner.name} from ${manifest.file}; Flux is running whenever anything reconciles`,
    }),
  );
  const listeners = scene
    .find(/notification\.toolkit\.fluxcd\.io/)
    .filter(({ group }) => group === 'notification.toolkit.fluxcd.io');
  for (const listener of listeners) {
    const key = listener.kind === 'Alert' ? 'eventSources' : 'resources';
    const index = list(listener.value, 'spec', key).findIndex(
      (entry) =>
        (text(entry, 'kind') === 'Kustomization' && text(entry, 'name') === owner.name) ||
        (source !== null && text(entry, 'kind') === source.kind && text(entry, 'name') === source.name),
    );
    if (index >= 0)
      hazards.push(
        note('owner-listened-to', listener.place('spec', key, index), {
          what: `${listener.kind} ${listener.name} names an object of the legacy install`,
          why: 'After the phase retire it names nothing',
          mend: 'Remove the entry when the handover is done',
        }),
      );
  }
  return hazards;
}
