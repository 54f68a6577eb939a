#!/usr/bin/env bash
# Waits for the legacy owner to be resumed and suspends it, as a careful person's terminal would all through a soak. The peer that the
# product's watch is measured against; it looks at nothing else.
# Environment: KUBECONFIG, ROUNDS (how often)
set -euo pipefail
for ((round = 1; round <= ROUNDS; round++)); do
  kubectl -n flux-system wait kustomization/flux --for=jsonpath='{.spec.suspend}'=false --timeout=5m >/dev/null
  kubectl -n flux-system patch kustomization flux --type=merge --patch '{"spec":{"suspend":true,"prune":false}}' >/dev/null
done
