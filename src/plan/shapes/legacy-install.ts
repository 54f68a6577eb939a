/** Describes the legacy install of the self-managed shape as plan data. */
import { posix } from 'node:path';
import { text } from '../../repo/manifests.ts';
import type { Translation } from '../patches.ts';
import type { LegacyInstall } from '../types.ts';
import type { DetectedShape } from './detect.ts';
import type { Owner } from './owner.ts';

/** @param version exact, or '' where Git does not tell; @param ref of the owner's source, in words */
export function describeLegacy(
  { kustomization, source, install }: Owner,
  detected: DetectedShape,
  version: string,
  ref: string,
  components: string[],
  translation: Translation,
): LegacyInstall {
  const { manifest, namespace, spec } = kustomization;
  return {
    shape: 'self-managed',
    version,
    namespace,
    components,
    owner: {
      kind: 'Kustomization',
      name: manifest.name,
      namespace,
      file: manifest.file,
      line: manifest.place().line,
      prune: spec['prune'] === true,
    },
    ownerSource: install
      ? null
      : {
          kind: source.kind === 'GitRepository' ? 'GitRepository' : 'OCIRepository',
          name: source.name,
          namespace: kustomization.source.namespace,
          url: text(source.value, 'spec', 'url'),
          ref,
          where: source.place('spec'),
        },
    bootstrapPath: detected.bootstrap ? posix.dirname(detected.bootstrap.file) : null,
    patches: translation.found,
    networkPolicies: translation.networkPolicies,
  };
}
