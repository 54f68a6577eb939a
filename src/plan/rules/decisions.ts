/** The decisions that every plan takes: how each follows from what was read. */
import type { DecisionRules } from './rule.ts';

export const decisionRules = {
  'sync-path': {
    title: 'Where the FluxInstance syncs from',
    looksFor: 'Name and namespace of the Git source and of the root Kustomization, and what the root sets',
    rule: 'No spec.sync, unless source and root share one name that a generated pair may take over with every setting patched in',
    why: 'A generated root has only interval, path, prune and sourceRef: decryption, substitution and dependencies are lost. A second root on the same path fights with the first.',
    source: 'flux-operator internal/builder/templates.go (the generated sync); flux-operator #15, #92, #122',
  },
  roots: {
    title: 'What becomes of the root Kustomizations',
    looksFor: 'Every Kustomization between the Git source and the files that the plan touches',
    rule: 'They stay exactly as they are: name, path, source, pruning, decryption, substitution',
    why: 'Another name or path is another inventory, and the old inventory is collected with everything in it.',
    source: 'kustomize-controller internal/controller/kustomization_controller.go, finalize and prune',
  },
  sops: {
    title: 'Whether SOPS is kept',
    looksFor: 'spec.decryption of the roots',
    rule: 'Decryption stays where it is; the plan adds no secret that would need it',
    why: 'A root that lost its decryption writes ciphertext into live Secrets and stays Ready.',
    source: 'flux-operator #92; kustomize-controller internal/decryptor',
  },
  'external-secrets': {
    title: 'Whether the plan needs External Secrets',
    looksFor: 'install.externalSecrets in handover.yaml',
    rule: 'What is listed there must be Ready before anything changes; nothing is added by the plan itself',
    why: 'An instance that waits for a secret in the middle of the handover is neither legacy nor operator.',
    source: "this tool's own promise: every step is possible before the first one is made",
  },
  'legacy-owner': {
    title: 'What becomes of what owns Flux today',
    looksFor: "What applies Flux's own manifests: a Kustomization, a Helm release, or nothing",
    rule: 'It is made harmless in a commit of its own before anything is adopted, and is removed last, after the soak',
    why: 'Removed while it prunes, it deletes the controllers and the CRDs, and with the CRDs every Flux object.',
    source:
      'kustomize-controller internal/controller/kustomization_controller.go, finalize (suspend, deletionPolicy) and prune (spec.prune)',
  },
  version: {
    title: 'Which Flux version is adopted',
    looksFor: "The reference of the source of Flux's manifests, their header, install.distributionVersion",
    rule: 'Exactly the version that runs, from the manifests that are embedded in the operator; upgrades come later',
    why: 'Nothing guards the first install against a downgrade, and an upgrade in the same step hides what goes wrong.',
    source:
      'flux-operator internal/builder/semver.go, IsCompatibleVersion (compares with the last applied revision only)',
  },
  components: {
    title: 'Which controllers are listed',
    looksFor:
      'Objects that need a controller beyond the four, patches that name or delete a Deployment, install.components',
    rule: 'The four of a default install, plus those in use, minus those whose Deployment a patch deletes; handover.yaml overrules',
    why: 'What runs and is not listed is not adopted: it stays without an owner, or is collected with the old one.',
    source:
      'flux-operator api/v1 FluxInstance spec.components (default: four); internal/controller/fluxinstance_controller.go, apply',
  },
  'network-policy': {
    title: 'Whether Flux keeps its NetworkPolicies',
    looksFor: 'Patches that delete the policies allow-egress, allow-scraping and allow-webhooks',
    rule: 'As it is today: cluster.networkPolicy is false exactly when the patches delete all of them',
    why: 'The default of a FluxInstance is true: it would bring back policies that somebody removed on purpose.',
    source: 'flux-operator api/v1 FluxInstance spec.cluster.networkPolicy',
  },
  patches: {
    title: 'What becomes of the patches on the controllers',
    looksFor: "Patches in what applies Flux's manifests, and which of their objects each selects",
    rule: "Carried unchanged into spec.kustomize.patches where they select the operator's objects alike; translated where only the target differs; refused where neither is certain",
    why: 'The operator takes over the fields of earlier managers and removes every argument, limit and label that its own build lacks.',
    source:
      'flux-operator internal/controller/fluxinstance_controller.go, apply (ssa cleanup options); flux-operator #740',
  },
  'instance-form': {
    title: 'Whether the FluxInstance is a manifest or a Helm release',
    looksFor: 'install.instanceAs in handover.yaml',
    rule: 'A plain manifest unless the chart is asked for; then with helm.sh/resource-policy: keep and without remediation',
    why: 'A release is one more owner whose uninstall deletes the instance, and with it Flux.',
    source: 'flux-operator internal/controller/fluxinstance_uninstaller.go; flux-operator #416, #423',
  },
  bootstrap: {
    title: 'How a new cluster gets Flux',
    looksFor: "A kustomization that pulls Flux's install from fluxcd/flux2",
    rule: 'The same folder bootstraps Flux Operator instead, in the commit that removes the legacy owner',
    why: 'A bootstrap folder that is left behind brings the old Flux back at the next rebuild of the cluster.',
    source: "this tool's own promise: after the handover the repository still raises a cluster from nothing",
  },
  'apps-folder': {
    title: 'Where the new apps go',
    looksFor: 'install.appsFolder, the kustomization file there, and how its neighbours are written',
    rule: "Beside Flux's other apps, in the neighbours' layout and style, each with a Kustomization that neither prunes nor collects",
    why: 'A file outside what the roots apply never arrives, and one that two of them apply has two owners.',
    source: 'kustomize-controller: spec.prune and spec.deletionPolicy of a Kustomization',
  },
} as const satisfies DecisionRules;
