#!/usr/bin/env bash
# The way back of one self-managed cluster as a careful person would script it: the same commits in the same order, the same waits and
# checks, no sleeps beyond a fifth of a second. The peer that the product's way back is measured against; it can neither resume nor
# notice that somebody else is at work.
# Environment: KUBECONFIG, CLUSTER, CLONE, STEPS, OUT, SOURCE, BEFORE (uids of before the handover). A step that STEPS lacks was not taken.
set -euo pipefail
. "$(dirname "$0")/plain-steps.sh"
mkdir -p "$OUT"
has() { [ -d "$STEPS/$1" ]; }
field() { kubectl -n $namespace get "$1" -o jsonpath="{$2}"; }

# One object of the inventory, `namespace_name_group_kind version`: without the mark that keeps its owner away, its fields the owner's
# again. Once more if somebody wrote meanwhile.
hand_back() {
  local space name group kind target version index manager attempt
  IFS=_ read -r space name group kind <<<"$1"
  target=(${space:+--namespace=$space} "$kind.$2.$group" "$name")
  for attempt in 1 2 3 4 5; do
    read -r version managers <<<"$(kubectl get "${target[@]}" --show-managed-fields \
      -o jsonpath='{.metadata.resourceVersion}{range .metadata.managedFields[*]}{" "}{.manager},{.operation}{end}')"
    index=0
    for manager in $managers; do
      [ "$manager" = flux-operator,Apply ] && break
      index=$((index + 1))
    done
    kubectl patch "${target[@]}" --type=json --patch "[
      {\"op\":\"test\",\"path\":\"/metadata/resourceVersion\",\"value\":\"$version\"},
      {\"op\":\"remove\",\"path\":\"/metadata/annotations/kustomize.toolkit.fluxcd.io~1ssa\"},
      {\"op\":\"replace\",\"path\":\"/metadata/managedFields/$index/manager\",\"value\":\"kustomize-controller\"}]" \
      >>"$OUT/hand-back.log" 2>&1 && return 0
  done
  echo "not handed back: $1" >&2
  return 1
}
export -f hand_back
export OUT

disabled() { [ "$(field fluxinstance/flux '.metadata.annotations.fluxcd\.controlplane\.io/reconcile')" = disabled ]; }

# live first
if has undo-stage; then
  kubectl -n $namespace annotate --overwrite --field-manager=plain-script fluxinstance/flux fluxcd.controlplane.io/reconcile=disabled >/dev/null
fi
# retire
if has undo-retire; then
  commit undo-retire; fetch; reconcile cluster
  kubectl -n $namespace wait kustomization/flux --for=create --timeout=3m >/dev/null
  [ "$(field kustomization/flux .spec.suspend)" = true ]
  [ "$(field kustomization/flux .spec.prune)" = false ]
fi
# adopt
if has undo-adopt; then
  disabled
  kubectl -n $namespace wait fluxinstance/flux --for=jsonpath='{.status.conditions[?(@.type=="Ready")].status}'=True --timeout=3m >/dev/null
  kubectl -n $namespace get fluxinstance flux -o jsonpath='{range .status.inventory.entries[*]}{.id} {.v}{"\n"}{end}' |
    xargs -P 8 -L 1 bash -euo pipefail -c 'hand_back "$@"' hand_back
  commit undo-adopt; fetch; reconcile cluster
  until [ "$(field kustomization/flux .spec.suspend)" != true ]; do sleep 0.2; done
  reconcile flux
  for controller in source kustomize helm notification; do
    kubectl -n $namespace rollout status "deployment/$controller-controller" --timeout=3m >/dev/null
  done
fi
# stage
if has undo-stage; then
  commit undo-stage; fetch; reconcile cluster-apps
  kubectl -n $namespace wait kustomization/flux-instance --for=delete --timeout=3m >/dev/null
  disabled
  kubectl -n $namespace delete fluxinstance flux --timeout=3m >/dev/null
fi
# operator
if has undo-operator; then
  commit undo-operator; fetch; reconcile cluster-apps
  kubectl -n $namespace wait kustomization/flux-operator --for=delete --timeout=3m >/dev/null
  kubectl -n $namespace delete helmrelease flux-operator --timeout=3m >/dev/null
  kubectl -n $namespace delete ocirepository flux-operator --ignore-not-found --timeout=3m >/dev/null
  kubectl get crd -o name | grep 'fluxcd.controlplane.io$' | xargs kubectl delete --timeout=3m >/dev/null
fi
# orphan
commit undo-orphan; fetch; reconcile cluster
until [ "$(field kustomization/flux .spec.prune)" = true ]; do sleep 0.2; done
reconcile flux; reconcile cluster-apps
for name in $(active_kustomizations); do
  kubectl -n $namespace wait "kustomization/$name" --for=condition=Ready --timeout=3m >/dev/null
done
kubectl wait helmrelease --all -A --for=condition=Ready --timeout=3m >/dev/null
# what must hold
checklist back
uids >"$OUT/uids.after"
# The owner that left with `retire` is made anew.
lost=$(grep -vE '^(Kustomization flux-system/flux|OCIRepository flux-system/flux-manifests) ' "$BEFORE" | grep -vxFf "$OUT/uids.after" || true)
[ -z "$lost" ] || { echo "not as before: $lost" >&2; exit 1; }
left=$(kubectl get crd,ns,deploy,sa,svc,resourcequota,clusterrole,clusterrolebinding -A --show-managed-fields \
  -o jsonpath='{range .items[*]}{.kind} {.metadata.name}{range .metadata.managedFields[*]} {.manager}{end}{"\n"}{end}' | grep ' flux-operator' || true)
[ -z "$left" ] || { echo "still of the operator: $left" >&2; exit 1; }
