/** Hazards about a Flux that was installed by the community chart flux2. */
import type { HazardRules } from './rule.ts';

export const helmRules = {
  'helm-value-not-carried': {
    title: 'A value of the chart that an instance can not take over',
    looksFor: 'spec.values of the HelmRelease of the chart flux2, key by key',
    rule: 'Values that shape the controllers become patches; a value that makes other objects, or is not known, is refused by its name',
    why: 'What it does today would be gone after the adoption, or left behind without an owner.',
    source:
      'fluxcd-community/helm-charts charts/flux2 values.yaml and templates (2.19.0); docs/helm-shape.md',
    severities: ['refuse'],
  },
  'helm-registry-differs': {
    title: 'The images come from another registry than the instance would use',
    looksFor: 'The image of each controller in the values, and install.distributionRegistry',
    rule: 'All controllers come from one registry, and the instance names the same',
    why: 'An adoption that pulls from somewhere else may find nothing there, in the middle of the cutover.',
    source: 'flux-operator api/v1 FluxInstance spec.distribution.registry',
    severities: ['refuse'],
  },
  'helm-sync-chart': {
    title: 'Source and root come from the chart flux2-sync',
    looksFor: 'HelmReleases of the chart flux2-sync',
    rule: 'The source and the root of a cluster stand in Git as manifests, not in a Helm release',
    why: 'Uninstalling that release deletes the root Kustomization, and its pruning deletes what it applied.',
    source: 'fluxcd-community/helm-charts charts/flux2-sync templates; kustomize-controller, finalize',
    severities: ['refuse'],
  },
  'helm-values-elsewhere': {
    title: 'Values that do not stand in the HelmRelease',
    looksFor: 'spec.valuesFrom of the HelmRelease of the chart flux2',
    rule: 'Every value stands in spec.values',
    why: 'What is not seen can not be carried over: the instance would run Flux without it.',
    source: 'helm-controller api/v2 HelmReleaseSpec valuesFrom',
    severities: ['refuse'],
  },
  'helm-outside-git': {
    title: 'The chart is installed by something outside Flux',
    looksFor:
      'helm_release in Terraform, kubernetes.core.helm in Ansible, helmfile, and scripts that call helm with the chart flux2',
    rule: 'Whatever can install or uninstall the release is taken out of use by a person',
    why: 'Its next run would install the chart again beside the operator, or uninstall it with the controllers and the CRDs.',
    source:
      'Helm: uninstall deletes what the manifest of the release names, whoever owns it by then; docs/helm-shape.md',
    severities: ['refuse', 'warn'],
  },
  'helm-objects-left': {
    title: 'Objects of the chart that the operator does not build',
    looksFor:
      'Names in the chart against the names of the operator: cluster roles and bindings without the namespace as suffix',
    rule: 'They are named in the plan and removed with the release, after the soak',
    why: 'Left behind they go on binding cluster-admin to service accounts, and nobody owns them.',
    source:
      'fluxcd-community/helm-charts charts/flux2 templates; flux-operator internal/builder/templates.go (nameSuffix of roles)',
    severities: ['note'],
  },
} as const satisfies HazardRules;
