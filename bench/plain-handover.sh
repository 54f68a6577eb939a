#!/usr/bin/env bash
# The handover of one cluster as a careful person would script it: the same commits, the same checklist after every phase,
# the same waits, no sleeps. The peer that the workflow is measured against; needs no Temporal and can neither resume nor go back.
# Environment: KUBECONFIG, CLUSTER (branch and folder), CLONE (work clone), STEPS (folder of prepared commits), OUT (evidence), SOURCE (GitRepository)
set -euo pipefail
. "$(dirname "$0")/plain-steps.sh"
mkdir -p "$OUT"

# preflight
uids >"$OUT/uids.before"
helm pull oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator --version "$OPERATOR_VERSION" --destination "$OUT" >/dev/null 2>&1
checklist preflight
# secrets
kubectl -n $namespace get secret sops-age cluster-secrets >/dev/null
kubectl -n $namespace get configmap cluster-settings >/dev/null
checklist secrets
# orphan
commit orphan; fetch; reconcile cluster
kubectl -n $namespace wait kustomization/flux --for=jsonpath='{.spec.suspend}'=true --timeout=3m >/dev/null
kubectl -n $namespace wait kustomization/flux --for=jsonpath='{.spec.deletionPolicy}'=Orphan --timeout=3m >/dev/null
checklist orphan
# operator
commit operator; fetch; reconcile cluster-apps
kubectl -n $namespace wait kustomization/flux-operator --for=create --timeout=3m >/dev/null
kubectl -n $namespace wait kustomization/flux-operator --for=condition=Ready --timeout=3m >/dev/null
kubectl -n $namespace wait helmrelease/flux-operator --for=condition=Ready --timeout=3m >/dev/null
checklist operator
# stage
commit stage; fetch; reconcile cluster-apps
kubectl -n $namespace wait kustomization/flux-instance --for=create --timeout=3m >/dev/null
kubectl -n $namespace wait kustomization/flux-instance --for=condition=Ready --timeout=3m >/dev/null
flux-operator build instance -f "$CLONE/kubernetes/$CLUSTER/apps/flux-system/flux-instance/app/fluxinstance.yaml" >"$OUT/build.yaml" 2>"$OUT/build.log"
kubectl diff --server-side --force-conflicts --field-manager=flux-operator -f "$OUT/build.yaml" >"$OUT/dry-run.diff" 2>&1 || [ $? -eq 1 ]
checklist stage
# adopt
commit adopt; fetch; reconcile flux-instance
kubectl -n $namespace wait fluxinstance/flux --for=jsonpath='{.status.conditions[?(@.type=="Ready")].reason}'=ReconciliationSucceeded --timeout=3m >/dev/null
kubectl -n $namespace wait deployment --all --for=condition=Available --timeout=3m >/dev/null
fetch
for name in $(active_kustomizations); do reconcile "$name"; done
kubectl get helmrelease -A -o jsonpath='{range .items[*]}{.metadata.namespace}{" "}{.metadata.name}{"\n"}{end}' |
  while read -r space name; do flux -n "$space" reconcile helmrelease "$name" >>"$OUT/reconcile.log" 2>&1 </dev/null; done
checklist adopt
checklist soak
# retire
commit retire; fetch; reconcile cluster; reconcile cluster-apps
kubectl -n $namespace wait kustomization/flux --for=delete --timeout=3m >/dev/null
kubectl -n $namespace wait ocirepository/flux-manifests --for=delete --timeout=3m >/dev/null
checklist retire
uids >"$OUT/uids.after"
checklist settle
