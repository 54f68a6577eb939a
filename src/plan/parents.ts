/** Judges what parent Kustomizations and lists would do to the objects of the plan. */
import { isRecord, list, manifestsOf, text } from '../repo/manifests.ts';
import { refuse, warn } from './hazard.ts';
import { effectsOn, type ParentEffect } from './parent-effects.ts';
import type { FluxKustomization, Scene } from './scene.ts';
import type { Hazard } from './types.ts';

/**
 * @param parent applies the new apps; @param grandparent applies the parent
 * @param children names of the planned Kustomizations; @param file the kustomization file that will list them
 */
export function newAppHazards(
  scene: Scene,
  parent: FluxKustomization,
  grandparent: FluxKustomization | undefined,
  children: string[],
  file: string,
): Hazard[] {
  const hazards: Hazard[] = [];
  const effects = unique(
    children.flatMap((child) => effectsOn(scene.tree, parent, child, file, grandparent)),
  );
  for (const { path, value, where } of effects) {
    const what = `${parent.name} patches ${path.replaceAll('/', '.')}: ${JSON.stringify(value)} into the Kustomizations of the plan`;
    if (path === 'deletionPolicy' && value !== 'Orphan')
      hazards.push(
        refuse('parent-prunes', where, {
          what,
          why: 'Deleting one of them would then delete the FluxInstance or the operator',
          mend: `Exclude ${children.join(' and ')} from that patch (by target.name or labelSelector)`,
        }),
      );
    else if (path === 'prune' && value !== false)
      hazards.push(
        warn('parent-prunes', where, {
          what,
          why: 'A file that is later removed from these apps would be deleted on the cluster, FluxInstance included',
          mend: `Exclude ${children.join(' and ')} from that patch (by target.name or labelSelector)`,
        }),
      );
    else if (path === 'suspend' && value !== false)
      hazards.push(
        refuse('parent-suspends', where, {
          what,
          why: 'The plan would never be applied',
          mend: 'Exclude them from that patch',
        }),
      );
    else if (
      ['targetNamespace', 'namePrefix', 'nameSuffix'].includes(path) &&
      value !== scene.cluster.namespace
    )
      hazards.push(
        refuse('parent-renames', where, {
          what,
          why: 'A FluxInstance must be named flux, in the namespace of the controllers',
          mend: 'Exclude them from that patch',
        }),
      );
    else if (path.startsWith('patches') && /remediation/.test(JSON.stringify(value)))
      hazards.push(
        warn('parent-patches-remediation', where, {
          what: `${parent.name} patches HelmRelease remediation into every app`,
          why: 'A failed install or upgrade of the operator would then be uninstalled or rolled back',
          mend: 'Exclude flux-operator from that patch',
        }),
      );
  }
  return [...hazards, ...listHazards(scene, file)];
}

/**
 * @param above applies the parent
 * @returns refusals when a parent overrules what the phase orphan writes
 */
export function ownerPatchHazards(
  scene: Scene,
  parent: FluxKustomization,
  above: FluxKustomization | undefined,
  owner: FluxKustomization,
): Hazard[] {
  const wanted: Record<string, unknown> = { prune: false, deletionPolicy: 'Orphan', suspend: true };
  return effectsOn(scene.tree, parent, owner.name, owner.manifest.file, above)
    .filter(({ path, value }) => path in wanted && wanted[path] !== value)
    .map(({ path, value, where }) =>
      refuse('owner-patched-by-parent', where, {
        what: `${parent.name} patches ${path}: ${JSON.stringify(value)} into the legacy owner ${owner.name}`,
        why: `Orphaning it in ${owner.manifest.file} would have no effect, and its removal would delete Flux`,
        mend: `Exclude ${owner.name} from that patch (by target.name or labelSelector)`,
      }),
    );
}

/** Fields of the kustomization file that lists the apps which would change the new objects. */
function listHazards(scene: Scene, file: string): Hazard[] {
  const [manifest] = manifestsOf(scene.tree, file);
  if (!manifest) return [];
  const hazards: Hazard[] = [];
  for (const key of ['namePrefix', 'nameSuffix']) {
    if (text(manifest.value, key))
      hazards.push(
        refuse('list-renames', manifest.place(key), {
          what: `${file} sets ${key}`,
          why: 'The new Kustomizations would get other names than the plan waits for',
          mend: `Set install.appsFolder to a folder without ${key}`,
        }),
      );
  }
  const namespace = text(manifest.value, 'namespace');
  if (namespace && namespace !== scene.cluster.namespace)
    hazards.push(
      refuse('list-renames', manifest.place('namespace'), {
        what: `${file} moves everything into namespace ${namespace}`,
        why: `The new Kustomizations belong into ${scene.cluster.namespace}`,
        mend: 'Set install.appsFolder to the folder of that namespace',
      }),
    );
  if (
    list(manifest.value, 'replacements').length > 0 ||
    list(manifest.value, 'transformers').length > 0 ||
    isRecord(manifest.value['vars'])
  )
    hazards.push(
      warn('list-transforms', manifest.place(), {
        what: `${file} uses replacements or transformers`,
        why: 'They may change the new objects in ways that are not simulated',
        mend: `Look at kubectl kustomize ${file.replace(/\/[^/]+$/, '')} with the planned files`,
      }),
    );
  return hazards;
}

function unique(effects: ParentEffect[]): ParentEffect[] {
  const seen = new Set<string>();
  return effects.filter((effect) => {
    const key = JSON.stringify([effect.path, effect.value, effect.where]);
    return !seen.has(key) && seen.add(key);
  });
}
