terraform {
  required_providers {
    flux = {
      source  = "fluxcd/flux"
      version = "1.5.1"
    }
  }
}

resource "flux_bootstrap_git" "production" {
  embedded_manifests = true
  path               = "clusters/production"
  version            = "v2.9.2"
}
