/** Writes the values of the chart flux2 as patches of a FluxInstance, so that the controllers go on running as they do. */
import { stringify } from 'yaml';
import { field, isRecord, list, text } from '../../repo/manifests.ts';
import type { CarriedPatch } from '../patches.ts';
import type { ChartController } from './helm-controllers.ts';

interface Operation {
  op: 'add' | 'replace';
  path: string;
  value: unknown;
}

/** What one controller gets: operations on its Deployment, and what is merged into Deployment, ServiceAccount and Services. */
interface Wanted {
  component: string;
  operations: Operation[];
  merged: Record<string, unknown>;
  others: { kind: string; name: string; metadata: Record<string, unknown> }[];
}

const container = '/spec/template/spec/containers/0';

/**
 * The chart has no limits, the operator's build has: what the chart sets replaces them, so that nothing is killed for memory it may
 * use today. What the chart leaves unset (priority class, GOMEMLIMIT) becomes what Flux itself sets.
 * @param values of the chart as written, without its defaults; only values that are understood
 */
export function helmPatches(values: Record<string, unknown>, controllers: ChartController[]): CarriedPatch[] {
  const wanted = controllers.map((controller) => wantedOf(values, controller));
  return [
    ...grouped(wanted, ({ operations }) => (operations.length > 0 ? operations : null)).map(
      ({ names, value }) => carried('Deployment', names, value),
    ),
    ...grouped(wanted, ({ merged }) => (Object.keys(merged).length > 0 ? merged : null)).map(
      ({ names, value }) =>
        carried('Deployment', names, {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'all', ...(isRecord(value['metadata']) ? value['metadata'] : {}) },
          spec: value['spec'],
        }),
    ),
    ...wanted.flatMap(({ others }) =>
      others.map(({ kind, name, metadata }) =>
        carried(kind, [name], { apiVersion: 'v1', kind, metadata: { name, ...metadata } }),
      ),
    ),
  ];
}

function wantedOf(values: Record<string, unknown>, controller: ChartController): Wanted {
  const own = record(values[controller.key]);
  const replace = (path: string, value: unknown): Operation[] =>
    isRecord(value) && Object.keys(value).length > 0 ? [{ op: 'replace', path, value }] : [];
  const logLevel = text(values, 'logLevel');
  const operations: Operation[] = [
    { op: 'replace', path: `${container}/resources`, value: resources(own['resources'], controller) },
    ...replace(`${container}/securityContext`, own['securityContext']),
    ...replace('/spec/template/spec/securityContext', own['podSecurityContext']),
    // The last of two arguments of a name counts.
    ...[
      ...(logLevel && logLevel !== 'info' ? [`--log-level=${logLevel}`] : []),
      ...list(own, 'container', 'additionalArgs'),
    ].map((value): Operation => ({ op: 'add', path: `${container}/args/-`, value })),
  ];
  return {
    component: controller.component,
    operations,
    merged: mergedOf(values, own),
    others: othersOf(own, controller),
  };
}

function mergedOf(values: Record<string, unknown>, own: Record<string, unknown>): Record<string, unknown> {
  const mounts = list(own, 'extraSecretMounts').map(record);
  const env = list(own, 'extraEnv');
  const envFrom = [
    ...(text(own, 'envFrom', 'map', 'name')
      ? [{ configMapRef: { name: text(own, 'envFrom', 'map', 'name') } }]
      : []),
    ...(text(own, 'envFrom', 'secret', 'name')
      ? [{ secretRef: { name: text(own, 'envFrom', 'secret', 'name') } }]
      : []),
  ];
  const manager = filled({
    imagePullPolicy: own['imagePullPolicy'],
    env,
    envFrom,
    volumeMounts: [
      ...list(own, 'volumeMounts'),
      ...mounts.map(({ secretName: _name, ...mount }) => filled(mount)),
    ],
  });
  const pod = filled({
    hostUsers: values['hostUsers'],
    imagePullSecrets: values['imagePullSecrets'],
    priorityClassName: own['priorityClassName'],
    nodeSelector: own['nodeSelector'],
    affinity: own['affinity'],
    tolerations: own['tolerations'],
    initContainers: own['initContainers'],
    volumes: [
      ...list(own, 'volumes'),
      ...mounts.map(({ name, secretName }) => ({ name, secret: { secretName } })),
    ],
    ...(Object.keys(manager).length > 0 ? { containers: [{ name: 'manager', ...manager }] } : {}),
  });
  const labels = record(own['labels']);
  const template = filled({
    metadata: filled({ annotations: own['annotations'], labels }),
    spec: pod,
  });
  return filled({ metadata: filled({ labels }), spec: filled({ template }) });
}

function othersOf(own: Record<string, unknown>, { component, service }: ChartController): Wanted['others'] {
  const marks = (value: unknown): Record<string, unknown> =>
    filled({ labels: field(value, 'labels'), annotations: field(value, 'annotations') });
  return [
    {
      kind: 'ServiceAccount',
      name: component,
      metadata: filled({ annotations: field(own, 'serviceAccount', 'annotations') }),
    },
    ...(service ? [{ kind: 'Service', name: service, metadata: marks(own['service']) }] : []),
    ...(component === 'notification-controller'
      ? [
          {
            kind: 'Service',
            name: 'webhook-receiver',
            metadata: marks(field(own, 'webhookReceiver', 'service')),
          },
        ]
      : []),
  ].filter(({ metadata }) => Object.keys(metadata).length > 0);
}

/** The chart's own requests under what the values say; null takes a default away, as Helm has it. */
function resources(own: unknown, { requests }: ChartController): Record<string, unknown> {
  const merged = {
    limits: withoutNull(record(field(own, 'limits'))),
    requests:
      field(own, 'requests') === null ? {} : withoutNull({ ...requests, ...record(field(own, 'requests')) }),
  };
  return own === null ? {} : filled(merged);
}

function withoutNull(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null));
}

/** Without what is empty: an unset value is not a patch. */
function filled(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, entry]) =>
        entry !== undefined &&
        entry !== null &&
        entry !== '' &&
        !(typeof entry === 'object' && Object.keys(entry).length === 0),
    ),
  );
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

/** One patch for all controllers that want the same. */
function grouped<Value>(
  wanted: Wanted[],
  pick: (controller: Wanted) => Value | null,
): { names: string[]; value: Value }[] {
  const groups = new Map<string, { names: string[]; value: Value }>();
  for (const controller of wanted) {
    const value = pick(controller);
    if (value === null) continue;
    const key = JSON.stringify(value);
    const group = groups.get(key) ?? { names: [], value };
    groups.set(key, group);
    group.names.push(controller.component);
  }
  return [...groups.values()];
}

function carried(kind: string, names: string[], body: unknown): CarriedPatch {
  const [first = ''] = names;
  return {
    patch: stringify(body, { lineWidth: 0, aliasDuplicateObjects: false }),
    target: { kind, name: names.length === 1 ? first : `(${names.join('|')})` },
    comments: [],
    lines: null,
  };
}
