#!/usr/bin/env bash
# The handover of one cluster as a careful person would script it: the same commits, the same checklist after every phase,
# the same waits, no sleeps. The peer that the workflow is measured against; needs no Temporal and can neither resume nor go back.
# Environment: KUBECONFIG, CLUSTER (branch and folder), CLONE (work clone), STEPS (folder of prepared commits), OUT (evidence), SOURCE (GitRepository)
set -euo pipefail
namespace=flux-system
mkdir -p "$OUT"

checklist() {
  {
    flux check
    flux get sources all -A
    flux get ks -A
    flux get hr -A
    kubectl -n $namespace get pods
    kubectl get events -A --sort-by=.lastTimestamp | tail -n 50
  } >"$OUT/$1.txt" 2>&1
}

# Commits the prepared files of a step: STEPS/<step>/files is copied over the clone, STEPS/<step>/deleted lists what goes.
commit() {
  cp -R "$STEPS/$1/files/." "$CLONE/"
  (
    cd "$CLONE"
    while read -r file; do git rm --quiet "$file"; done <"$STEPS/$1/deleted"
    git add --all
    git commit --quiet --message "handover: $1"
    git push --quiet origin "HEAD:$CLUSTER"
  )
}

fetch() { flux reconcile source git "$SOURCE" >>"$OUT/reconcile.log" 2>&1; }
reconcile() { flux reconcile kustomization "$1" >>"$OUT/reconcile.log" 2>&1; }

uids() {
  kubectl get crd,ns,pvc,deploy,sts,ds,gitrepository,ocirepository,helmrepository,kustomization.kustomize.toolkit.fluxcd.io,helmrelease -A \
    -o custom-columns=KIND:.kind,NS:.metadata.namespace,NAME:.metadata.name,UID:.metadata.uid --no-headers 2>/dev/null | sort
}

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
for name in $(kubectl -n $namespace get kustomization.kustomize.toolkit.fluxcd.io -o jsonpath='{range .items[?(@.spec.suspend!=true)]}{.metadata.name}{"\n"}{end}'); do reconcile "$name"; done
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
