/** The Flux controllers of a cluster: which Deployments run them, with what arguments, and that there is only one set. Pure. */
import { field, type LiveObject, listField, textField } from './objects.ts';
import { rolloutMissing } from './health.ts';
import { canonicalJson, sha256 } from '../plan/digest.ts';
import { allComponents } from '../plan/flux-objects.ts';

/** A Deployment that runs a Flux controller. */
export interface ControllerRecord {
  /** `source-controller`, …, found by the Deployment's name or its image. */
  component: string;
  /** Label selector of a shard, empty for the controller that watches the unsharded objects. */
  shard: string;
  name: string;
  namespace: string;
  uid: string;
  /** Flux distribution version of the label `app.kubernetes.io/version`, without a leading v; empty when unlabelled. */
  version: string;
  image: string;
  args: string[];
  resources: unknown;
  replicas: number;
  /** Digest of the rest of the pod's specification (environment, volumes, scheduling, security). */
  podDigest: string;
  /** What the rollout lacks; empty when available. */
  missing: string;
}

/** Every Deployment in the cluster that runs a Flux controller, wherever it is and whatever its name. */
export function controllersIn(deployments: LiveObject[]): ControllerRecord[] {
  return deployments.map(controllerOf).filter((controller) => controller !== null);
}

function controllerOf(deployment: LiveObject): ControllerRecord | null {
  const containers = listField(deployment, 'spec', 'template', 'spec', 'containers');
  const known = new Set(allComponents);
  const manager = containers.find((container) =>
    known.has(repositoryName(textField(container, 'image') ?? '')),
  );
  const component = manager
    ? repositoryName(textField(manager, 'image') ?? '')
    : known.has(deployment.metadata.name)
      ? deployment.metadata.name
      : null;
  if (component === null) return null;
  const container = manager ?? containers[0];
  const args = listField(container, 'args').map(String);
  const selector =
    args
      .find((argument) => argument.startsWith('--watch-label-selector='))
      ?.slice('--watch-label-selector='.length) ?? '';
  const {
    args: _args,
    resources: _resources,
    image: _image,
    ...restOfContainer
  } = (container ?? {}) as Record<string, unknown>;
  const restOfPod = {
    ...(field(deployment, 'spec', 'template', 'spec') as object),
    containers: [restOfContainer, ...containers.filter((other) => other !== container)],
  };
  return {
    component,
    shard: selector.startsWith('!') ? '' : selector,
    name: deployment.metadata.name,
    namespace: deployment.metadata.namespace ?? '',
    uid: deployment.metadata.uid,
    version: (deployment.metadata.labels?.['app.kubernetes.io/version'] ?? '').replace(/^v/, ''),
    image: textField(container, 'image') ?? '',
    args,
    resources: field(container, 'resources') ?? {},
    replicas: Number(field(deployment, 'spec', 'replicas') ?? 1),
    podDigest: sha256(canonicalJson(restOfPod)),
    missing: rolloutMissing(deployment),
  };
}

/** Whether a Deployment runs Flux Operator, wherever it is and whatever its name. */
export function runsOperator(deployment: LiveObject): boolean {
  return listField(deployment, 'spec', 'template', 'spec', 'containers').some(
    (container) => repositoryName(textField(container, 'image') ?? '') === 'flux-operator',
  );
}

/** One sentence for every controller that runs more than once; empty for a single set. */
export function secondSets(controllers: ControllerRecord[]): string[] {
  const places = Map.groupBy(controllers, ({ component, shard }) => `${component} ${shard}`.trim());
  return [...places]
    .filter(([, found]) => found.length > 1)
    .map(
      ([component, found]) =>
        `${component} runs as ${found.map(({ namespace, name }) => `${namespace}/${name}`).join(' and ')}`,
    );
}

/** Arguments that Flux Operator's own build adds or words differently; they do not come from a person's patches. */
const operatorArguments = [/^--events-addr=/, /^--feature-gates=ObjectLevelWorkloadIdentity=false$/];

/** Whether two arguments mean the same: `--watch-all-namespaces`, as in manifests/install, is `--watch-all-namespaces=true`. */
export function isSameFlag(one: string, other: string): boolean {
  const written = (argument: string) => (/^--[^=]+$/.test(argument) ? `${argument}=true` : argument);
  return written(one) === written(other);
}

/** What a person's patches had put in force and what is not so any more; empty when all is as before. */
export function settingsLost(before: ControllerRecord, now: ControllerRecord): string[] {
  const foreseen = (argument: string) => operatorArguments.some((pattern) => pattern.test(argument));
  const lost = before.args
    .filter((argument) => !foreseen(argument) && !now.args.some((other) => isSameFlag(other, argument)))
    .map((argument) => `argument ${argument} is gone`);
  const added = now.args
    .filter((argument) => !foreseen(argument) && !before.args.some((other) => isSameFlag(other, argument)))
    .map((argument) => `argument ${argument} is new`);
  const changed = (name: string, old: unknown, current: unknown) =>
    canonicalJson(old) === canonicalJson(current)
      ? []
      : [`${name} was ${canonicalJson(old)} and is ${canonicalJson(current)}`];
  return [
    ...lost,
    ...added,
    ...changed('image', before.image, now.image),
    ...changed('resources', before.resources, now.resources),
    ...changed('replicas', before.replicas, now.replicas),
  ];
}

function repositoryName(image: string): string {
  return (
    (image.split('@')[0] ?? '')
      .replace(/:[^/]*$/, '')
      .split('/')
      .at(-1) ?? ''
  );
}
