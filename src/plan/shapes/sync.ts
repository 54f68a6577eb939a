/** Decides whether the operator's generated source and root can take the place of those in Git, and what must be patched onto them. */
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { goDurationMs } from '../../config/duration.ts';
import { field, isRecord, text, type Manifest } from '../../repo/manifests.ts';
import type { CarriedPatch } from '../patches.ts';
import type { FluxKustomization } from '../scene.ts';
import type { PlannedSync } from '../types.ts';

export type SyncChoice =
  | { sync: PlannedSync; patches: CarriedPatch[] }
  /** Why the instance has no sync. */
  | { sync: null; why: string };

/** Fields of the v1 APIs; another one (of an older API) would be rejected on the generated object. */
const rootFields =
  /^(commonMetadata|components|decryption|deletionPolicy|dependsOn|force|healthCheckExprs|healthChecks|ignoreMissingComponents|images|interval|kubeConfig|namePrefix|nameSuffix|patches|path|postBuild|prune|retryInterval|serviceAccountName|sourceRef|suspend|targetNamespace|timeout|wait)$/;
const sourceFields =
  /^(ignore|include|interval|provider|proxySecretRef|recurseSubmodules|ref|secretRef|serviceAccountName|sparseCheckout|suspend|timeout|url|verify)$/;

/** @param source of the root, @param root as they are after every patch in Git */
export function chooseSync(source: Manifest, root: FluxKustomization, namespace: string): SyncChoice {
  const keep = (why: string): SyncChoice => ({ sync: null, why });
  const spec = isRecord(source.value['spec']) ? source.value['spec'] : {};
  if (root.name !== namespace || source.name !== namespace)
    return keep(`source ${source.name} and root ${root.name} are not both called ${namespace}`);
  const strange = [
    ...Object.keys(root.spec).filter((key) => !rootFields.test(key)),
    ...Object.keys(spec).filter((key) => !sourceFields.test(key)),
  ];
  if (strange.length > 0) return keep(`${strange.join(', ')} can not stand on a generated object`);
  const interval = text(spec, 'interval');
  if (goDurationMs(interval) === null)
    return keep(`the interval ${interval || 'of the source'} is no duration`);
  const ref = refOf(spec);
  if (!ref) return keep('the source does not follow a branch alone');
  const path = text(root.spec, 'path');
  if (!path) return keep('the root has no path');
  return {
    sync: {
      source: referenceTo(source, namespace),
      root: referenceTo(root.manifest, namespace),
      url: text(spec, 'url'),
      ref,
      path,
      pullSecret: text(spec, 'secretRef', 'name') || null,
      interval,
    },
    patches: [
      ...patchesFor(source, spec, {
        interval,
        url: spec['url'],
        ref: spec['ref'],
        ...(spec['secretRef'] ? { secretRef: { name: text(spec, 'secretRef', 'name') } } : {}),
      }),
      // What the operator writes, whatever spec.sync says.
      ...patchesFor(root.manifest, root.spec, {
        interval: '10m0s',
        path,
        prune: true,
        sourceRef: { kind: 'GitRepository', name: source.name },
      }),
    ],
  };
}

function refOf(spec: Record<string, unknown>): string | null {
  const keys = Object.keys(isRecord(spec['ref']) ? spec['ref'] : {});
  const [branch, name] = [text(spec, 'ref', 'branch'), text(spec, 'ref', 'name')];
  if (keys.length !== 1) return null;
  if (branch) return `refs/heads/${branch}`;
  return name.startsWith('refs/heads/') ? name : null;
}

function referenceTo({ apiVersion, kind, name }: Manifest, namespace: string): PlannedSync['root'] {
  const group = apiVersion.split('/')[0] ?? '';
  return { apiVersion: `${group}/v1`, kind, namespace, name };
}

/** One JSON patch with everything that differs from what is generated; labels and annotations by a merge, for the operator adds its own. */
function patchesFor(
  manifest: Manifest,
  spec: Record<string, unknown>,
  generated: Record<string, unknown>,
): CarriedPatch[] {
  const target = { kind: manifest.kind, name: manifest.name };
  const operations = [
    ...Object.entries(spec)
      .filter(([key, value]) => !isDeepStrictEqual(value, generated[key]))
      .map(([key, value]) => ({ op: key in generated ? 'replace' : 'add', path: `/spec/${key}`, value })),
    ...Object.keys(generated)
      .filter((key) => !(key in spec))
      .map((key) => ({ op: 'remove', path: `/spec/${key}` })),
  ];
  const metadata = Object.fromEntries(
    ['labels', 'annotations'].flatMap((key) => {
      const marks = field(manifest.value, 'metadata', key);
      return isRecord(marks) && Object.keys(marks).length > 0 ? [[key, marks]] : [];
    }),
  );
  const carried = (patch: string): CarriedPatch => ({ patch, target, comments: [], lines: null });
  return [
    ...(operations.length > 0 ? [carried(stringify(operations, { lineWidth: 0 }))] : []),
    ...(Object.keys(metadata).length > 0
      ? [
          carried(
            stringify(
              {
                apiVersion: manifest.apiVersion,
                kind: manifest.kind,
                metadata: { name: manifest.name, ...metadata },
              },
              { lineWidth: 0 },
            ),
          ),
        ]
      : []),
  ];
}
