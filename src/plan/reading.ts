/** Refuses what matters and can not be read: broken YAML, no text, links; files that play no part are left alone. */
import { posix } from 'node:path';
import { ignoredIn } from '../repo/artifact.ts';
import { folderPath, reachOf, type Reach } from '../repo/kustomize-build.ts';
import { list, manifestsOf, problemsOf, type Manifest } from '../repo/manifests.ts';
import { isBelow, isManifest } from '../repo/snapshot.ts';
import type { Tree } from '../repo/tree.ts';
import { refuse, warn } from './hazard.ts';
import type { FluxKustomization, Scene } from './scene.ts';
import type { Change, Hazard } from './types.ts';

/** Words that only Flux's own wiring and kustomization files have. */
const telling =
  /toolkit\.fluxcd\.io|flux-manifests|fluxcd\/flux2|fluxcd\.controlplane\.io|kustomize\.config\.k8s\.io/;

/** Characters of a root's build that are parsed only to see that they can be; beyond, the build itself tells. */
const parsedAtMost = 2 * 1024 * 1024;

export function readingHazards(scene: Scene): Hazard[] {
  const { tree, artifact, folder } = scene;
  const files = new Set(
    tree.paths().filter((path) => isBelow(path, folder) && isManifest(path) && isTelling(tree, path)),
  );
  const hazards: Hazard[] = [];
  let parsed = 0;
  for (const { folder: root } of wiring(scene)) {
    const reach = reachOf(artifact, root);
    for (const file of reach.kustomizations) {
      files.add(file);
      hazards.push(...absentEntries(scene, file, reach));
    }
    for (const file of reach.files) {
      parsed += artifact.read(file)?.length ?? 0;
      if (parsed < parsedAtMost || artifact.read(file) === null) files.add(file);
    }
  }
  for (const file of files) hazards.push(...problemHazards(tree, file));
  return [
    ...hazards,
    ...scene.kustomizations.flatMap(booleanHazards),
    ...scene.kustomizations.flatMap(({ manifest }) => variableHazards(scene, manifest)),
  ];
}

/** One hazard a field. */
function variableHazards({ resolver }: Scene, manifest: Manifest): Hazard[] {
  return resolver.unresolved(manifest).map(({ where, written, reasons, applied }) => {
    const words = {
      what: `Kustomization ${manifest.name} has ${written}, and Git does not tell what that stands for: ${reasons.join('; ')}`,
      why: applied
        ? 'What it applies and what it would collect can not be known'
        : 'Nothing in Git seems to apply it; on a cluster, it would apply what is not known',
      mend: applied
        ? 'Write the value out, or give it by postBuild.substitute or by a ConfigMap that stands in Git, wait until it is Ready, and plan again'
        : 'Remove the file if it is not in use, or write the value out',
    };
    return applied ? refuse('path-substituted', where, words) : warn('path-substituted', where, words);
  });
}

/** A file whose text can not be told may be anything, so its name has to do. */
function isTelling(tree: Tree, path: string): boolean {
  const text = tree.read(path);
  return text === null
    ? /(^|\/)(kustomization\.ya?ml|Kustomization)$|flux|gotk/i.test(path)
    : telling.test(text);
}

/** Kustomizations that apply other Flux objects of the cluster: its roots, and theirs. */
function wiring({ kustomizations, source }: Scene): FluxKustomization[] {
  const places = [...kustomizations.map(({ manifest }) => manifest.file), ...(source ? [source.file] : [])];
  return kustomizations.filter(
    (candidate) =>
      candidate.source.kind === 'GitRepository' && places.some((file) => isBelow(file, candidate.folder)),
  );
}

function problemHazards(tree: Tree, file: string): Hazard[] {
  // One complaint a file: the ones that follow are often its echo.
  const [problem] = problemsOf(tree, file);
  if (!problem) return [];
  if (tree.oddity?.(file))
    return [
      refuse(
        'not-in-artifact',
        { file, line: 1 },
        {
          what: `${file} is ${problem.what}`,
          why: 'Flux leaves it out of what it builds: it is absent on the cluster, whatever it gives on a disk',
          mend: 'Put the file itself there, wait until the root is Ready, and plan again',
        },
      ),
    ];
  const isTemplate = /\{\{|\{%/.test(tree.read(file) ?? '');
  return [
    refuse(
      'yaml-broken',
      { file, line: problem.line },
      {
        what: isTemplate
          ? `${file} is a template, not YAML: ${problem.what}`
          : `${file} can not be read: ${problem.what}`,
        why: "It is part of the cluster's Flux, or names Flux's objects: what it says must be known before anything is changed",
        mend: isTemplate
          ? 'Plan the repository that the template renders, not the template'
          : 'Correct it (kubectl kustomize on its folder shows the same), commit, and plan again',
      },
    ),
  ];
}

const lists = ['resources', 'components', 'bases'];

/** Entries of a kustomization file that are there in Git, but not for Flux. */
function absentEntries({ tree, artifact }: Scene, file: string, reach: Reach): Hazard[] {
  const [manifest] = manifestsOf(artifact, file);
  if (!manifest) return [];
  return lists.flatMap((key) =>
    list(manifest.value, key).flatMap((entry, index) => {
      if (typeof entry !== 'string') return [];
      const path = folderPath(posix.join(posix.dirname(file), entry));
      const reason = reach.listedIn.has(path) ? null : absence(tree, path);
      return reason
        ? [
            refuse('not-in-artifact', manifest.place(key, index), {
              what: `${file} lists ${entry}, which is ${reason}`,
              why: 'Flux leaves it out of what it builds: the build fails on the cluster, whatever it gives on a disk',
              mend: 'Put the files themselves there, or take the entry out; wait until the root is Ready, and plan again',
            }),
          ]
        : [];
    }),
  );
}

function absence(tree: Tree, path: string): string | null {
  const parts = path.split('/');
  for (let length = 1; length <= parts.length; length += 1) {
    const oddity = tree.oddity?.(parts.slice(0, length).join('/'));
    if (oddity) return oddity === 'symlink' ? 'a symbolic link' : 'in a Git submodule';
  }
  const isThere = path !== '' && tree.paths().some((each) => isBelow(each, path));
  return isThere ? 'ignored by .sourceignore, spec.ignore or their defaults' : null;
}

function booleanHazards({ manifest, name, spec }: FluxKustomization): Hazard[] {
  return ['prune', 'suspend', 'wait', 'force'].flatMap((key) => {
    const value = spec[key];
    return typeof value === 'string' && /^(y|yes|n|no|on|off|true|false)$/i.test(value)
      ? [
          refuse('boolean-as-text', manifest.place('spec', key), {
            what: `Kustomization ${name} has ${key}: ${JSON.stringify(value)}, which is text for kustomize`,
            why: `Whether it ${key === 'prune' ? 'prunes' : 'is so'} can not be known, and the API server rejects it`,
            mend: `Write ${key}: ${/^(y|yes|on|true)$/i.test(value) ? 'true' : 'false'}, wait until it is Ready, and plan again`,
          }),
        ]
      : [];
  });
}

/** Files that the plan commits for the cluster to apply, and that the source would leave out. The bootstrap folder need not be in. */
export function unshippedHazards({ tree, source }: Scene, changes: Change[]): Hazard[] {
  const ignored = ignoredIn(tree, source);
  const hazards = changes
    .filter(({ phase }) => phase !== 'retire')
    .flatMap(({ files }) => files)
    .flatMap(({ path, after }) => {
      const pattern = after === null ? null : ignored(path);
      if (!pattern) return [];
      const where =
        pattern.folder === null
          ? source?.place('spec', 'ignore')
          : {
              file: posix.join(pattern.folder, '.sourceignore'),
              line: pattern.line,
            };
      return [
        refuse('not-in-artifact', where ?? null, {
          what: `${path}, which the plan commits, is left out by the pattern ${pattern.text.trim()}`,
          why: 'It would be committed and never reach the cluster',
          mend: `Let the source include ${posix.dirname(path)}, or set install.appsFolder to a folder that it includes`,
        }),
      ];
    });
  // One for each place: the files of an app share their fate.
  return hazards.filter(
    (hazard, index) =>
      hazards.findIndex(
        ({ where }) => where?.file === hazard.where?.file && where?.line === hazard.where?.line,
      ) === index,
  );
}
