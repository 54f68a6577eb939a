/** Hazards of single shapes: bootstrap folders, gotk files, rendered controllers, Terraform, half-done moves. */
import type { HazardRules } from './rule.ts';

export const legacyShapeRules = {
  'source-not-git': {
    title: 'The roots do not read Git',
    looksFor: 'OCIRepositories and Buckets that feed the Kustomizations of the cluster',
    rule: 'Only a GitRepository is followed: a commit must reach the cluster by itself',
    why: 'A commit changes nothing until somebody builds and pushes the artifact, so no step can be waited for.',
    source: 'source-controller: OCIRepository and Bucket follow what is pushed, not a branch',
    severities: ['refuse'],
  },
  'install-fields-not-translatable': {
    title: 'The kustomization of the install does more than patch',
    looksFor:
      'Fields of the kustomization that installs Flux beside resources, patches, components and images',
    rule: 'Refused, since a FluxInstance takes patches alone',
    why: 'What such a field does to the controllers would be lost without a word.',
    source: 'flux-operator api/v1 FluxInstanceSpec: kustomize.patches',
    severities: ['refuse'],
  },
  'images-differ': {
    title: 'The controllers come from elsewhere than the instance would take them from',
    looksFor: 'images in the kustomization of the install, and image names in gotk-components.yaml',
    rule: 'Registry and tags are those of install.distributionRegistry and of the distribution',
    why: 'The operator sets the image of every controller: another registry may not be reachable, another tag is an upgrade in the same step.',
    source: 'flux-operator internal/builder/templates.go (images), images.go',
    severities: ['refuse'],
  },
  'several-bootstraps': {
    title: 'Several folders install Flux',
    looksFor: "Kustomizations in the cluster's folder that pull fluxcd/flux2",
    rule: 'Exactly one, where nothing else in Git says what runs',
    why: 'Version and patches of the one that was never applied are not those of the controllers that run.',
    source: "this tool's own promise: what is not understood is refused",
    severities: ['refuse'],
  },
  'gotk-placeholder': {
    title: 'The files of flux bootstrap are still empty',
    looksFor: 'gotk-components.yaml and gotk-sync.yaml with nothing but comments',
    rule: 'Refused: what a cluster runs is on another branch or in another folder',
    why: 'The plan would be made without knowing what runs.',
    source:
      'fluxcd.io documentation, bootstrap configuration: empty files are committed before flux bootstrap',
    severities: ['refuse'],
  },
  'controllers-not-in-git': {
    title: 'Nothing in Git holds the controllers',
    looksFor: 'A gotk-sync.yaml without gotk-components.yaml or any other file with their Deployments',
    rule: 'Refused until it is known who installs them',
    why: 'Version, patches and owner of the controllers are unknown, and the unknown owner may delete them.',
    source: "this tool's own promise: what is not understood is refused",
    severities: ['refuse'],
  },
  'rendered-by-helm': {
    title: 'Controllers rendered by helm template',
    looksFor: 'Deployments of the controllers as YAML, with the labels of the community chart',
    rule: 'Refused: neither a Helm release nor an install of the flux CLI',
    why: "The chart's objects have other names and labels: what the operator does not build stays behind, or is deleted with the file.",
    source: 'fluxcd-community/helm-charts: charts/flux2',
    severities: ['refuse'],
  },
  'terraform-owns-flux': {
    title: 'Terraform owns Flux',
    looksFor:
      'flux_bootstrap_git, flux_install and flux_sync in .tf files, for this path or one that is not written out',
    rule: 'Refused until they are out of the state and of the files',
    why: 'The next apply writes the legacy install into Git again, and a destroy removes the CRDs with every Flux object.',
    source: 'fluxcd/terraform-provider-flux: flux_bootstrap_git, Delete',
    severities: ['refuse'],
  },
  'install-in-root': {
    title: 'The install lies inside a Kustomization with other contents',
    looksFor:
      'A kustomization that pulls fluxcd/flux2 and is part of what a Kustomization applies beside other things',
    rule: 'Refused: the Kustomization can neither be orphaned nor removed',
    why: 'When the install leaves its build, everything of Flux that the operator has not taken over by then is deleted.',
    source: 'kustomize-controller internal/controller/kustomization_controller.go, prune',
    severities: ['refuse'],
  },
  'two-installs': {
    title: 'Two legacy installs of Flux',
    looksFor:
      'More than one of: a Kustomization on Flux manifests, a file with the controllers, a HelmRelease of the chart flux2',
    rule: 'Refused until one of them is gone',
    why: 'Both apply the same controllers; making one harmless leaves the other one to delete or to change what the operator has.',
    source: 'kustomize-controller and helm-controller: each collects what its own inventory or release lists',
    severities: ['refuse'],
  },
  'nothing-to-do': {
    title: 'Nothing to hand over',
    looksFor: 'A FluxInstance that is enabled, and nothing of another install',
    rule: 'Said; the cluster can be left out of handover.yaml',
    why: 'This is where a handover ends.',
    source: 'flux-operator: a FluxInstance owns every object of its inventory',
    severities: ['note'],
  },
  'names-without-suffix': {
    title: 'Some objects of the legacy install will belong to nobody',
    looksFor: 'A bootstrap from manifests/install without patches that rename its cluster-wide objects',
    rule: 'Said, with the names; they are deleted by hand when the handover is done',
    why: 'The operator appends the namespace to these names, so the old ones stay beside the new ones. They grant nothing that the new ones do not.',
    source: 'fluxcd/flux2 manifests/rbac; flux-operator internal/builder/templates.go (roles, nameSuffix)',
    severities: ['note'],
  },
} as const satisfies HazardRules;
