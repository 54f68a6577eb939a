/** Hazards about what stands around the install: other tools, templates, old APIs, registries, branch rules. */
import type { HazardRules } from './rule.ts';

export const surroundingRules = {
  'second-gitops-tool': {
    title: 'Another tool applies this repository or Flux',
    looksFor:
      'Applications of Argo CD and GitRepos of Fleet, which repository and path they read and where they put it',
    rule: "Refused where it applies files of the cluster's folder or the controllers' namespace, else a person makes sure",
    why: 'Two tools that apply the same objects undo each other, and the other one brings back what the handover removes.',
    source: 'Argo CD: Application spec.source and spec.destination; Fleet: GitRepo spec.repo and spec.paths',
    severities: ['refuse', 'warn'],
  },
  'operator-in-use': {
    title: 'Something needs Flux Operator already',
    looksFor: 'ResourceSets and their input providers without an operator in Git',
    rule: 'Whoever installed that operator is found first',
    why: 'An operator that runs outside Git would fight with the one of the plan.',
    source: 'flux-operator api/v1: ResourceSet, ResourceSetInputProvider',
    severities: ['refuse'],
  },
  'api-not-served': {
    title: 'An API version that Flux no longer serves',
    looksFor: "apiVersion of every Flux object in the cluster's folder, against the version that runs",
    rule: 'Refused where a Kustomization applies it; a warning for files that nothing applies',
    why: 'The Kustomization that applies it fails, so the commits of the handover do not arrive.',
    source: 'release notes of Flux 2.7, 2.8 and 2.9 (removed API versions)',
    severities: ['refuse', 'warn'],
  },
  'component-left-out': {
    title: 'A controller in use would not be adopted',
    looksFor: 'Image automation objects and artifact generators, against the components of the plan',
    rule: 'The controller of every kind in use is listed',
    why: 'It would lose its owner, and its CRDs could be collected with every object of theirs.',
    source:
      'flux-operator api/v1 FluxInstance spec.components; internal/controller/fluxinstance_controller.go, apply',
    severities: ['refuse'],
  },
  'namespace-marks-dropped': {
    title: "Labels of the controllers' namespace would go",
    looksFor: "Labels and annotations of the controllers' Namespace in Git that the operator's build lacks",
    rule: 'A person carries them by a patch on the Namespace',
    why: 'The operator takes over the fields of kustomize-controller and marks the object with ssa: Ignore, so Git does not bring them back.',
    source:
      'flux-operator internal/controller/fluxinstance_controller.go, apply and internal/controller/common.go, takeOwnershipFrom; fluxcd/pkg ssa manager_apply.go, shouldSkipApply',
    severities: ['warn'],
  },
  'image-patched': {
    title: "A patch sets a controller's image",
    looksFor: 'image in the patches of the install, against install.distributionRegistry',
    rule: 'Refused for another registry, which belongs into the instance; a warning for a pin within it',
    why: 'The patch would pin one controller through every later upgrade, or pull it from where the cluster may not.',
    source: 'flux-operator api/v1 FluxInstance spec.distribution.registry and imagePullSecret',
    severities: ['refuse', 'warn'],
  },
  'private-registry': {
    title: "Flux's manifests come from another registry",
    looksFor: "Registry of the source of Flux's manifests against install.distributionRegistry",
    rule: 'Both are the same, so that the instance pulls from where the cluster pulls today',
    why: 'A registry that the cluster may not pull from leaves it without controllers at the first restart.',
    source: 'flux-operator api/v1 FluxInstance spec.distribution.registry and imagePullSecret',
    severities: ['refuse'],
  },
  'verify-lost': {
    title: "A signature check of Flux's manifests ends",
    looksFor: "spec.verify of the source of Flux's manifests",
    rule: 'Said before it is lost; a person replaces it or accepts it',
    why: 'The operator builds from the manifests inside its own image, which Flux does not verify.',
    source:
      'source-controller: OCIRepository spec.verify; flux-operator: embedded manifests without distribution.artifact',
    severities: ['warn'],
  },
  'pull-secret-patched': {
    title: 'A patch sets imagePullSecrets',
    looksFor: 'imagePullSecrets in the patches of the install',
    rule: 'Carried over as it is, and said',
    why: 'Without the secret that it names no controller starts again.',
    source: 'flux-operator api/v1 FluxInstance spec.distribution.imagePullSecret',
    severities: ['note'],
  },
  'operator-too-old': {
    title: 'The operator can not build this version of Flux',
    looksFor: 'install.operatorVersion against the Flux version that runs',
    rule: 'The version is one of those that the operator carries inside',
    why: 'The FluxInstance would stay at BuildFailed in the middle of the handover.',
    source: 'flux-operator config/data/flux; internal/builder/semver.go, MatchVersion',
    severities: ['refuse'],
  },
  'chart-not-pinned': {
    title: 'A chart carries a reference of its own',
    looksFor: 'install.operatorChart and install.instanceChart',
    rule: 'An OCI address without tag or digest; the version comes from install.operatorVersion alone',
    why: 'A second reference could float, or name another version than the plan.',
    source: 'source-controller: OCIRepository spec.url takes no tag, spec.ref does',
    severities: ['refuse'],
  },
  'root-path-missing': {
    title: 'The path of a root is not there',
    looksFor: 'spec.path of the roots in the tree of the branch',
    rule: 'Every path without a variable exists',
    why: 'The root can not be Ready, or it reads another repository or branch.',
    source:
      'kustomize-controller internal/controller/kustomization_controller.go, reconcile (path not found)',
    severities: ['refuse'],
  },
  'root-path-elsewhere': {
    title: "A root applies another cluster's folder",
    looksFor: 'spec.path of the roots against the folders of the other clusters in handover.yaml',
    rule: "No root of a cluster lies in another cluster's folder",
    why: 'The steps of one cluster would be applied to another, and pruning deletes what differs.',
    source: 'kustomize-controller internal/controller/kustomization_controller.go, prune',
    severities: ['refuse'],
  },
  'placeholder-left': {
    title: 'A placeholder instead of a value',
    looksFor: 'Jinja, ERB and Go templates, CHANGEME and the like in URL, branch and paths',
    rule: 'What a cluster follows is written out',
    why: 'A plan made from a template is the plan of no cluster.',
    source: "this tool's own promise: what is not understood is refused",
    severities: ['refuse'],
  },
  'rendered-from-template': {
    title: "The cluster's files are rendered from templates",
    looksFor:
      'Templates whose output lies in the folder, and the settings of makejinja, copier and cookiecutter',
    rule: 'A person makes the same changes in the templates',
    why: 'The next rendering would write the old files back and undo the handover.',
    source: 'makejinja, copier, cookiecutter: output files are overwritten',
    severities: ['warn'],
  },
  'work-in-flight': {
    title: 'Other work is under way',
    looksFor:
      'Open branches named in repository.watchBranches and the commits of the last repository.recentDays: whether they touch files of the plan, root Kustomizations, chartRef, ingress or gateways',
    rule: 'A person lets it settle first, or keeps it back until the cluster has settled; it moves no digest',
    why: 'What goes wrong in two changes at once can not be told apart, and files that both touch stop the run.',
    source: "this tool's own promise: one change at a time, so that a fault has one cause",
    severities: ['warn', 'note'],
  },
  'branch-protected': {
    title: 'The branch is protected',
    looksFor: 'Branch protection in .github/settings.yml',
    rule: 'Said before the first push, which is the first change of all',
    why: 'A rule that asks for reviews or checks refuses the first commit.',
    source: 'GitHub: branch protection; the settings app reads .github/settings.yml',
    severities: ['warn'],
  },
} as const satisfies HazardRules;
