#!/usr/bin/env bash
# What the plain scripts share: the commits, the waits and the checklist of a careful person. To be sourced.
# Environment: CLUSTER (branch and folder), CLONE (work clone), STEPS (folder of prepared commits), OUT (evidence), SOURCE (GitRepository)
namespace=flux-system

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
    -o jsonpath='{range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.uid}{"\n"}{end}' | sort
}

active_kustomizations() {
  kubectl -n $namespace get kustomization.kustomize.toolkit.fluxcd.io -o jsonpath='{range .items[?(@.spec.suspend!=true)]}{.metadata.name}{"\n"}{end}'
}
