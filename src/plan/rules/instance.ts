/** Hazards about a FluxInstance that stands in Git already, beside the install that it would take over. */
import type { HazardRules } from './rule.ts';

export const instanceRules = {
  'sync-beside-root': {
    title: 'A generated root beside the existing one',
    looksFor: 'spec.sync of a FluxInstance in Git against the Kustomizations on the same path',
    rule: 'Where a Kustomization applies that path already, sync.name (default: the namespace) must be its name',
    why: "Two roots fight over the same objects. The generated one has no decryption and writes ciphertext into live Secrets; when sync is taken out again, its pruning deletes the cluster's contents.",
    source: 'flux-operator internal/builder/templates.go, sync; flux-operator#122',
    severities: ['refuse'],
  },
  'sync-path-differs': {
    title: 'The root would get another path',
    looksFor: 'spec.sync.path of a FluxInstance in Git against spec.path of the Kustomization of that name',
    rule: 'Both are the same folder',
    why: 'The adopted root prunes everything that the other folder lacks.',
    source: 'kustomize-controller internal/controller/kustomization_controller.go, prune; flux-operator#122',
    severities: ['refuse'],
  },
  'sync-loses-decryption': {
    title: 'The root would lose its decryption',
    looksFor:
      'spec.decryption of the root (or patched into it) against spec.kustomize.patches of the FluxInstance in Git',
    rule: 'A patch on the generated Kustomization carries it',
    why: 'Ciphertext (ENC[…) is written into live Secrets, and the Kustomization says Ready.',
    source: 'flux-operator internal/builder/templates.go, sync; flux-operator#92',
    severities: ['refuse'],
  },
  'sync-loses-substitution': {
    title: 'The root would lose its substitution',
    looksFor:
      'spec.postBuild of the root (or patched into it) against spec.kustomize.patches of the FluxInstance in Git',
    rule: 'A patch on the generated Kustomization carries it',
    why: 'Variables reach the cluster as they are written, and the Kustomization says Ready.',
    source: 'flux-operator internal/builder/templates.go, sync',
    severities: ['refuse'],
  },
  'component-not-built': {
    title: 'The instance leaves out a controller that Git installs',
    looksFor: 'spec.components of a FluxInstance in Git against the controllers of the legacy install',
    rule: 'Every controller that is installed is listed (the default is the first four)',
    why: 'It is not adopted: when the legacy install leaves Git, its Deployment and its CRDs are deleted, and with the CRDs every object of its kinds.',
    source: 'flux-operator api/v1 FluxInstance, GetComponents; kustomize-controller prune',
    severities: ['refuse'],
  },
  'network-policy-not-built': {
    title: 'The instance leaves out the network policies that Git installs',
    looksFor:
      'spec.cluster.networkPolicy of a FluxInstance in Git against the NetworkPolicies of the legacy install',
    rule: 'true (the default) where they are installed',
    why: 'They are not adopted: when the legacy install leaves Git they are deleted, and the controllers stand open.',
    source: 'flux-operator api/v1 FluxInstance, cluster.networkPolicy; kustomize-controller prune',
    severities: ['refuse'],
  },
  'instance-prunable': {
    title: 'The FluxInstance would go with its file',
    looksFor: 'The Kustomizations that apply a FluxInstance in Git',
    rule: 'prune: false and deletionPolicy: Orphan, or the FluxInstance carries fluxcd.controlplane.io/reconcile: disabled',
    why: 'A moved file or a git revert deletes the FluxInstance, and that uninstalls Flux: controllers, CRDs, and every Flux object with them.',
    source: 'flux-operator internal/controller/fluxinstance_uninstall.go; flux-operator#416, #423',
    severities: ['refuse', 'warn'],
  },
} as const satisfies HazardRules;
