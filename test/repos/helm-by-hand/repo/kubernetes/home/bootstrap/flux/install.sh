#!/usr/bin/env bash
set -euo pipefail
helm upgrade --install flux2 oci://ghcr.io/fluxcd-community/charts/flux2 \
  --namespace flux-system --create-namespace --values "$(dirname "$0")/values.yaml"
