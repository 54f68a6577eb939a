// Tells which Flux objects of a cluster are not Ready, from the objects as the API server gives them.

/** The parts of a Flux object that readiness is judged by. */
export interface FluxObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string; readonly generation?: number };
  readonly spec: { readonly suspend?: boolean; readonly type?: string };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
  };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** Kinds with a Ready condition. Alerts and Providers have no status. */
export const fluxKinds = [
  { group: 'source.toolkit.fluxcd.io', version: 'v1', plural: 'gitrepositories' },
  { group: 'source.toolkit.fluxcd.io', version: 'v1', plural: 'ocirepositories' },
  { group: 'source.toolkit.fluxcd.io', version: 'v1', plural: 'helmrepositories' },
  { group: 'source.toolkit.fluxcd.io', version: 'v1', plural: 'helmcharts' },
  { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', plural: 'kustomizations' },
  { group: 'helm.toolkit.fluxcd.io', version: 'v2', plural: 'helmreleases' },
  { group: 'notification.toolkit.fluxcd.io', version: 'v1', plural: 'receivers' },
] as const;

export interface Unready {
  readonly object: FluxObject;
  /** What to tell a person, on one line. */
  readonly why: string;
  /** It failed and waits for its next interval, so a reconcile request helps. */
  readonly stuck: boolean;
}

/** The objects that still have something to do. Suspended ones and OCI HelmRepositories (static, without status) have nothing. */
export function unready(objects: readonly FluxObject[]): Unready[] {
  return objects.filter((object) => !isStatic(object)).flatMap((object) => judge(object) ?? []);
}

function isStatic({ kind, spec }: FluxObject): boolean {
  return spec.suspend === true || (kind === 'HelmRepository' && spec.type === 'oci');
}

function judge(object: FluxObject): Unready | undefined {
  const conditions = object.status?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  const observed = object.status?.observedGeneration === object.metadata.generation;
  if (ready?.status === 'True' && observed) return undefined;
  const reconciling = conditions.some(({ type, status }) => type === 'Reconciling' && status === 'True');
  const name = `${object.kind}/${object.metadata.namespace}/${object.metadata.name}`;
  const why = ready === undefined ? 'not seen by its controller yet' : `${ready.reason}: ${ready.message}`;
  return {
    object,
    why: `${name}: ${why.replaceAll('\n', ' ')}`,
    stuck: ready?.status === 'False' && !reconciling,
  };
}
