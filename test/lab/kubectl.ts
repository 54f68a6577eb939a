/** Looks at a cluster from outside, with kubectl. */
import path from 'node:path';
import { execa } from 'execa';
import type { Lab, LabCluster } from '../../lab/description.ts';

/** Fields the tests read; everything else is left as it comes. */
export interface LiveObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
    managedFields?: { manager: string; operation: string; subresource?: string }[];
    deletionTimestamp?: string;
  };
  // The tests read many kinds; each knows the fields of its own.
  // oxlint-disable-next-line typescript/no-explicit-any
  spec?: any;
  // oxlint-disable-next-line typescript/no-explicit-any
  status?: any;
  data?: Record<string, string>;
}

export class Kubectl {
  readonly #program: string;
  readonly #kubeconfig: string;

  constructor(lab: Lab, cluster: LabCluster) {
    this.#program = path.join(lab.bin, 'kubectl');
    this.#kubeconfig = cluster.kubeconfig;
  }

  async run(...command: string[]): Promise<string> {
    const { stdout } = await execa(this.#program, ['--kubeconfig', this.#kubeconfig, ...command]);
    return stdout;
  }

  /** Applies manifests given as text, so that nothing secret stands in arguments. */
  async apply(manifests: string): Promise<void> {
    await execa(
      this.#program,
      ['--kubeconfig', this.#kubeconfig, 'apply', '--server-side', '--force-conflicts', '-f', '-'],
      { input: manifests },
    );
  }

  async list(resource: string): Promise<LiveObject[]> {
    const text = await this.run(
      'get',
      resource,
      '--all-namespaces',
      '--ignore-not-found',
      '--show-managed-fields',
      '-o',
      'json',
    );
    return text === '' ? [] : (JSON.parse(text) as { items: LiveObject[] }).items;
  }

  async get(resource: string, name: string, namespace = 'flux-system'): Promise<LiveObject | null> {
    const text = await this.run(
      'get',
      resource,
      name,
      '-n',
      namespace,
      '--ignore-not-found',
      '--show-managed-fields',
      '-o',
      'json',
    );
    return text === '' ? null : (JSON.parse(text) as LiveObject);
  }
}

/** Kinds of all that a handover must not touch. */
export const keptResources: readonly string[] = [
  'customresourcedefinitions',
  'namespaces',
  'persistentvolumeclaims',
  'deployments',
  'statefulsets',
  'daemonsets',
  'gitrepositories.source.toolkit.fluxcd.io',
  'ocirepositories.source.toolkit.fluxcd.io',
  'helmrepositories.source.toolkit.fluxcd.io',
  'kustomizations.kustomize.toolkit.fluxcd.io',
  'helmreleases.helm.toolkit.fluxcd.io',
  'receivers.notification.toolkit.fluxcd.io',
  'alerts.notification.toolkit.fluxcd.io',
  'providers.notification.toolkit.fluxcd.io',
];

/** `Kind namespace/name`. */
export function keyOf({ kind, metadata }: LiveObject): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

/** `Kind namespace/name` → UID of all that a handover must not touch. */
export async function uidsOf(kubectl: Kubectl): Promise<Map<string, string>> {
  const objects = await kubectl.list(keptResources.join(','));
  return new Map(objects.map((object) => [keyOf(object), object.metadata.uid]));
}

/** `Kind namespace/name: reason` of every Flux object that is not suspended and not Ready at its generation. */
export async function unready(kubectl: Kubectl): Promise<string[]> {
  const resources = [
    'gitrepositories.source.toolkit.fluxcd.io',
    'ocirepositories.source.toolkit.fluxcd.io',
    'kustomizations.kustomize.toolkit.fluxcd.io',
    'helmreleases.helm.toolkit.fluxcd.io',
    'receivers.notification.toolkit.fluxcd.io',
  ];
  const objects = await kubectl.list(resources.join(','));
  return objects.flatMap((object) => {
    if (object.spec?.suspend === true) return [];
    const ready = (
      object.status?.conditions as { type: string; status: string; message: string }[] | undefined
    )?.find(({ type }) => type === 'Ready');
    const current = object.status?.observedGeneration === object.metadata.generation;
    return ready?.status === 'True' && current
      ? []
      : [
          `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}: ${ready?.message ?? 'no Ready condition'}`,
        ];
  });
}

/** Container arguments and resources of the four controllers, and how often each restarted its rollout. */
export async function controllerSettings(
  kubectl: Kubectl,
): Promise<Record<string, { args: string[]; resources: unknown }>> {
  const deployments = await kubectl.list('deployments');
  return Object.fromEntries(
    deployments
      .filter(({ metadata }) => metadata.namespace === 'flux-system' && metadata.name.endsWith('-controller'))
      .map(({ metadata, spec }) => [
        metadata.name,
        {
          args: spec.template.spec.containers[0].args,
          resources: spec.template.spec.containers[0].resources,
        },
      ]),
  );
}

/** Polls until `probe` answers something other than undefined. @throws Error that says what was waited for */
export async function eventually<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`waited ${seconds} s for ${what}`, { cause: last });
}
