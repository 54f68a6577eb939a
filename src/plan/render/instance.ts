/** Renders the FluxInstance, staged (reconciliation disabled) or enabled, as a manifest or as chart values. */
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import type { CarriedPatch } from '../patches.ts';
import type { Style } from '../style.ts';
import type { PlannedSync } from '../types.ts';
import { indent, renderFile, renderValue } from './yaml.ts';

export interface Instance {
  namespace: string;
  version: string;
  registry: string;
  components: string[];
  networkPolicy: boolean;
  sync: PlannedSync | null;
  patches: CarriedPatch[];
}

const disabledAnnotation = { 'fluxcd.controlplane.io/reconcile': 'disabled' };

export function renderInstance(style: Style, instance: Instance, staged: boolean): string {
  const metadata = renderValue(style, {
    metadata: {
      name: 'flux',
      namespace: instance.namespace,
      ...(staged ? { annotations: disabledAnnotation } : {}),
    },
  });
  const step = style.indentation;
  const spec = renderValue(style, specOf(instance));
  const patches =
    instance.patches.length > 0
      ? `kustomize:\n${' '.repeat(step)}patches:\n${indent(renderPatches(style, instance.patches), style.indentLists ? 2 * step : step)}`
      : '';
  const content = renderFile(
    style,
    'fluxcd.controlplane.io/v1',
    'FluxInstance',
    `${metadata}spec:\n${indent(spec + patches, step)}`,
  );
  const carried =
    (parse(content) as { spec: { kustomize?: { patches: unknown } } }).spec.kustomize?.patches ?? [];
  // Text was moved; what it means must not have.
  if (
    !isDeepStrictEqual(
      carried,
      instance.patches.map(({ patch, target }) => ({ patch, target })),
    )
  ) {
    const plain = instance.patches.map((patch) => ({ ...patch, lines: null, comments: [] }));
    if (instance.patches.every(({ lines }) => lines === null))
      throw new Error('the patches of the FluxInstance can not be written as YAML');
    return renderInstance(style, { ...instance, patches: plain }, staged);
  }
  return content;
}

/** Values of the flux-instance chart that render the same FluxInstance. An empty artifact means the manifests embedded in the operator. */
export function instanceValues(instance: Instance, staged: boolean): Record<string, unknown> {
  const { distribution, components, cluster, sync } = specOf(instance);
  return {
    commonAnnotations: { ...(staged ? disabledAnnotation : {}), 'helm.sh/resource-policy': 'keep' },
    instance: {
      distribution: { ...distribution, artifact: '' },
      components,
      cluster,
      ...(sync ? { sync } : {}),
      ...(instance.patches.length > 0
        ? { kustomize: { patches: instance.patches.map(({ patch, target }) => ({ patch, target })) } }
        : {}),
    },
  };
}

function specOf(instance: Instance): {
  distribution: { version: string; registry: string };
  components: string[];
  cluster: { type: string; networkPolicy: boolean };
  sync?: Record<string, string>;
} {
  return {
    distribution: { version: instance.version, registry: instance.registry },
    components: instance.components,
    cluster: { type: 'kubernetes', networkPolicy: instance.networkPolicy },
    ...(instance.sync ? { sync: syncOf(instance.sync, instance.namespace) } : {}),
  };
}

/** The generated objects are called like the namespace unless a name is given, which can never be changed again. */
function syncOf(sync: PlannedSync, namespace: string): Record<string, string> {
  const { root, source, url, ref, path, pullSecret, interval } = sync;
  return {
    ...(root.name === namespace ? {} : { name: root.name }),
    kind: source.kind,
    url,
    ref,
    path,
    ...(pullSecret ? { pullSecret } : {}),
    interval,
  };
}

function renderPatches(style: Style, patches: CarriedPatch[]): string {
  return patches
    .map(({ patch, target, comments, lines }) =>
      [...comments, ...(lines ?? renderValue(style, [{ patch, target }]).trimEnd().split('\n'))].join('\n'),
    )
    .join('\n');
}
