/** The commands by hand that go through the objects of a FluxInstance one by one. Pure. */
import type { HandWork } from './by-hand.ts';

const operatorGroup = 'fluxcd.controlplane.io';
const ssa = 'kustomize.toolkit.fluxcd.io/ssa';
/** The kinds that a FluxInstance manages. */
const kinds =
  'namespaces,resourcequotas,customresourcedefinitions,clusterroles,clusterrolebindings,serviceaccounts,services,deployments,networkpolicies';
/** What the API server writes by itself, and what the Deployment's own controller counts. */
const ownFields = [
  '.metadata.managedFields',
  '.metadata.resourceVersion',
  '.metadata.uid',
  '.metadata.creationTimestamp',
  '.metadata.generation',
  '.metadata.annotations["deployment.kubernetes.io/revision"]',
].join(', ');
const byOperator = '.manager == "flux-operator" and .operation == "Apply"';

/** With a `sync`, the instance also manages the root and its source. */
function kindsOf({ shape }: HandWork): string {
  return shape === 'flux-bootstrap'
    ? `${kinds},gitrepositories.source.toolkit.fluxcd.io,kustomizations.kustomize.toolkit.fluxcd.io`
    : kinds;
}

/** Every object gets a manager of before instead of the operator, and loses the mark by which that one would skip it. */
export function renamed(work: HandWork, kubectl: string, manager: string): string {
  const adopted = `-l ${operatorGroup}/name=flux,${operatorGroup}/namespace=${work.namespace}`;
  // Two entries of one manager can not be: where the former one is still there, the operator's simply goes.
  const managers = [
    `if any(.[]; .manager == "${manager}" and .operation == "Apply")`,
    `then map(select((${byOperator}) | not))`,
    `else map(if ${byOperator} then .manager = "${manager}" else . end) end`,
  ].join(' ');
  return [
    `${kubectl} get ${kindsOf(work)} -A ${adopted} -o json --show-managed-fields`,
    `jq -c '.items[] | .metadata.managedFields |= (${managers}) | del(.metadata.annotations["${ssa}"])'`,
    `while read -r object; do printf '%s' "$object" | ${kubectl} replace -f - || exit 1; done`,
  ].join(' | ');
}

/** Applies what was kept of objects under the run's ref. */
export function fromKept({ run, cluster }: HandWork, file: string, kubectl: string, manager: string): string {
  return [
    `git fetch origin refs/handover/${run} && git show FETCH_HEAD:${cluster}/${file}`,
    `jq -c '.[] | select(. != null and .kind != "HelmChart") | del(${ownFields})'`,
    `${kubectl} apply --server-side --force-conflicts --field-manager=${manager} -f -`,
  ].join(' | ');
}

/** Deletes what was not there before the adoption; never a definition, a namespace or a Deployment. */
export function madeByAdoption({ run, cluster }: HandWork, kubectl: string): string {
  const never = '^(CustomResourceDefinition|Namespace|Deployment|PersistentVolumeClaim)';
  return [
    `git fetch origin refs/handover/${run} && git show FETCH_HEAD:${cluster}/legacy-objects.json`,
    `jq -r 'to_entries[] | select(.value == null) | .key | split("/") | select(.[0] | test("${never}") | not) | if .[1] == "" then "\\(.[0] | ascii_downcase)/\\(.[2])" else "-n \\(.[1]) \\(.[0] | ascii_downcase)/\\(.[2])" end'`,
    `xargs -rL1 ${kubectl} delete --ignore-not-found`,
  ].join(' | ');
}

/** Names what still bears the operator's name or mark. */
export function stillTheOperators(work: HandWork, kubectl: string): string {
  return [
    `${kubectl} get ${kindsOf(work)} -A -o json --show-managed-fields`,
    `jq -r '.items[] | select(any(.metadata.managedFields[]?; ${byOperator}) or .metadata.annotations["${ssa}"]) | "\\(.kind)/\\(.metadata.name)"'`,
  ].join(' | ');
}
