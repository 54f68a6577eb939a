/** Which Flux version the legacy owner's source pins, and whether it may be adopted. */
import { text, type Manifest } from '../../repo/manifests.ts';
import { refuse, warn } from '../hazard.ts';
import type { Hazard } from '../types.ts';
import { compareVersions, exactVersion } from '../version.ts';

/** The version that runs, as Git says it; '' (with a refusal) when it floats. `configured` is install.distributionVersion. */
export function readVersion(
  source: Manifest,
  configured: string | undefined,
  hazards: Hazard[],
): { version: string; ref: string } {
  const ref = ['digest', 'commit', 'semver', 'tag', 'name', 'branch'].flatMap((key) =>
    text(source.value, 'spec', 'ref', key) ? [[key, text(source.value, 'spec', 'ref', key)] as const] : [],
  );
  const [kind, value] = ref[0] ?? ['tag', 'latest'];
  const written = text(source.value, 'spec', 'ref', 'tag');
  const running = kind === 'tag' || kind === 'digest' ? exactVersion(written) : null;
  const where = source.place('spec', 'ref', kind);
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
        what: `${source.kind} ${source.name} follows ${kind} ${value}, which is no exact version`,
        why: 'Adoption must take over exactly what runs; a moving version is an upgrade, or a downgrade, in the same step',
        mend: 'Write the tag of the version that runs (flux version), or set install.distributionVersion to it',
      }),
    );
  else if (!running)
    hazards.push(
      warn('version-unproven', where, {
        what: `${source.kind} ${source.name} follows ${kind} ${value}; handover.yaml says that ${configured} runs`,
        why: 'Git does not show it; preflight compares it with the cluster',
        mend: 'Pin the tag in Git',
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
        why: 'A Kustomization has no deletionPolicy there, so the legacy owner can not be orphaned safely',
        mend: 'Upgrade Flux with the legacy install first',
      }),
    );
  return { version, ref: ref.map(([key, content]) => `${key} ${content}`).join(', ') };
}
