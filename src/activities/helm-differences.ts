/** The differences that every adoption of a Helm release makes: marks of Helm that go, and what Flux sets where the chart leaves it. Pure. */
import type { Difference } from './differences.ts';

const helmMarks =
  /^metadata\.(labels\[(helm\.sh\/chart|helm\.toolkit\.fluxcd\.io\/(name|namespace))\]|annotations\[meta\.helm\.sh\/release-(name|namespace)\])$/;

/** Fields that the chart leaves unset and Flux's own manifests set, or the other way round (chart 2.19). */
const unsetByOne: readonly RegExp[] = [
  /^spec\.template\.spec\.priorityClassName$/,
  /^spec\.template\.spec\.priority$/,
  /^spec\.template\.spec\.automountServiceAccountToken$/,
  /^spec\.template\.spec\.nodeSelector(\[kubernetes\.io\/os\]|\.kubernetes\.io\/os)?$/,
  /^spec\.template\.spec\.securityContext(\.fsGroup)?$/,
  /^spec\.template\.spec\.containers\[manager\]\.securityContext\.runAsUser$/,
  /^spec\.template\.spec\.containers\[manager\]\.env(\[(GOMEMLIMIT|TUF_ROOT)\].*)?$/,
];

/** Objects that the chart names otherwise: the operator makes its own, and the phase retire removes the chart's. */
const newNames = /^(ClusterRole|ClusterRoleBinding|ResourceQuota) /;

/** @param object as `nameOf` writes it */
export function isForeseenOfHelm(object: string, { path, before, after }: Difference): boolean {
  if (path === '') return before === undefined && after === 'a new object' && newNames.test(object);
  if (helmMarks.test(path)) return after === undefined;
  // `helm install --create-namespace` labels the namespace with its own name.
  if (object.startsWith('Namespace ') && path === 'metadata.labels.name')
    return object === `Namespace ${String(before)}` && after === undefined;
  // The same port, by its name.
  if (object.startsWith('Service ') && path === 'spec.ports[http].targetPort')
    return before === 9292 && after === 'http-webhook';
  if (path === 'spec.template.spec.containers[manager].env') return before === undefined;
  return unsetByOne.some((pattern) => pattern.test(path)) && (before === undefined || after === undefined);
}
