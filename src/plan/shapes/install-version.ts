/** Which Flux version Git says is running, and whether it may be adopted. */
import { list, text, type Manifest } from '../../repo/manifests.ts';
import { refuse, warn } from '../hazard.ts';
import type { Hazard, Place } from '../types.ts';
import { compareVersions, exactVersion } from '../version.ts';
import { fluxInstallEntry } from './evidence.ts';

/** What a place in Git says about the version. */
export interface PinnedVersion {
  /** Exact, or null where it floats. */
  version: string | null;
  /** What follows what, for a person: `OCIRepository flux-manifests follows tag latest`. */
  follows: string;
  where: Place | null;
  /** Every reference of a source, in words. */
  ref?: string;
}

export function versionOfSource(source: Manifest): PinnedVersion {
  const ref = ['digest', 'commit', 'semver', 'tag', 'name', 'branch'].flatMap((key) =>
    text(source.value, 'spec', 'ref', key) ? [[key, text(source.value, 'spec', 'ref', key)] as const] : [],
  );
  const [kind, value] = ref[0] ?? ['tag', 'latest'];
  return {
    version:
      kind === 'tag' || kind === 'digest' ? exactVersion(text(source.value, 'spec', 'ref', 'tag')) : null,
    follows: `${source.kind} ${source.name} follows ${kind} ${value}`,
    where: source.place('spec', 'ref', kind),
    ref: ref.map(([key, content]) => `${key} ${content}`).join(', '),
  };
}

/** Of a kustomization: `github.com/fluxcd/flux2/manifests/install?ref=v2.7.5`, or the URL of a release's install.yaml. */
export function versionOfInstall(manifest: Manifest): PinnedVersion {
  const entries = list(manifest.value, 'resources').map(String);
  const index = entries.findIndex((candidate) => fluxInstallEntry.test(candidate));
  const where = manifest.place('resources', index);
  const entry = entries[index] ?? '';
  const written =
    /[?&]ref=([^&\s]+)/.exec(entry)?.[1] ?? /\/releases\/download\/([^/]+)\//.exec(entry)?.[1] ?? '';
  return {
    version: exactVersion(written),
    follows: `${where.file} pulls ${written ? `fluxcd/flux2 at ${written}` : 'the newest fluxcd/flux2'}`,
    where,
  };
}

/**
 * The version that is adopted; '' (with a refusal) when it floats.
 * @param configured install.distributionVersion
 */
export function judgeVersion(
  { version: running, follows, where }: PinnedVersion,
  configured: string | undefined,
  hazards: Hazard[],
): string {
  if (configured && !exactVersion(configured))
    hazards.push(
      refuse('version-floating', null, {
        what: `install.distributionVersion is ${configured}, which is no exact version`,
        why: 'A range would let adoption and upgrade happen in the same step',
        mend: 'Write the version that runs, e.g. 2.9.2 (flux version)',
      }),
    );
  if (!running && !configured)
    hazards.push(
      refuse('version-floating', where, {
        what: `${follows}, which is no exact version`,
        why: 'Adoption must take over exactly what runs; a moving version is an upgrade, or a downgrade, in the same step',
        mend: 'Write the version that runs there (flux version), or set install.distributionVersion to it',
      }),
    );
  else if (!running)
    hazards.push(
      warn('version-unproven', where, {
        what: `${follows}; handover.yaml says that ${configured} runs`,
        why: 'Git does not show it; preflight compares it with the cluster',
        mend: 'Pin the version in Git',
      }),
    );
  else if (configured && exactVersion(configured) !== running) {
    const older = compareVersions(exactVersion(configured) ?? running, running) < 0;
    hazards.push(
      refuse('version-differs', where, {
        what: `Flux ${running} runs, but install.distributionVersion asks for ${configured}`,
        why: older
          ? 'Nothing guards against a downgrade at the first install'
          : 'An upgrade in the same step hides what goes wrong',
        mend: `Remove install.distributionVersion, hand over at ${running}, and upgrade afterwards`,
      }),
    );
  }
  const version = exactVersion(configured ?? '') ?? running ?? '';
  // spec.deletionPolicy came with kustomize-controller 1.5, which is Flux 2.5.
  if (version && compareVersions(version, '2.5.0') < 0)
    hazards.push(
      refuse('version-too-old', where, {
        what: `Flux ${version} is older than 2.5`,
        why: 'A Kustomization has no deletionPolicy there, so neither a legacy owner nor the new apps can be told to leave everything behind',
        mend: 'Upgrade Flux with the legacy install first',
      }),
    );
  return version;
}
