/** Hazards about where the new apps go and what their parents do to them. */
import type { HazardRules } from './rule.ts';

export const appRules = {
  'list-not-found': {
    title: 'The apps folder has no kustomization file',
    looksFor: 'kustomization.yaml in install.appsFolder',
    rule: 'The new apps are listed in one that exists',
    why: "Where Flux generates the list, an app's own files would be applied twice.",
    source: 'fluxcd/pkg kustomize: a missing kustomization.yaml is generated from every YAML below the path',
    severities: ['refuse'],
  },
  'apps-not-applied': {
    title: 'Nothing applies the apps folder',
    looksFor: 'Kustomizations on the Git source whose build reaches the list of apps',
    rule: 'A chain leads from the Git source to the list',
    why: 'The operator would never reach the cluster.',
    source: 'kustomize-controller: spec.path and the kustomization file below it',
    severities: ['refuse'],
  },
  'name-taken': {
    title: 'There is something of that name already',
    looksFor: 'Files and Kustomizations called flux-operator or flux-instance',
    rule: 'Both names are free',
    why: 'The plan would overwrite what stands there.',
    source: "this tool's own promise: nothing is overwritten",
    severities: ['refuse'],
  },
  'list-renames': {
    title: 'The list changes names or namespaces',
    looksFor: 'namePrefix, nameSuffix and namespace in the kustomization file that lists the apps',
    rule: 'The new Kustomizations keep their names and the namespace of the controllers',
    why: 'They would get other names than the plan waits for, and the instance must be named flux.',
    source:
      'kustomize: namePrefix, nameSuffix, namespace; flux-operator api/v1 FluxInstance (name must be flux)',
    severities: ['refuse'],
  },
  'list-transforms': {
    title: 'The list transforms its objects',
    looksFor: 'replacements, transformers and vars in the kustomization file that lists the apps',
    rule: 'A person looks at the build with the planned files',
    why: 'They may change the new objects in ways that are not foreseen.',
    source: 'kustomize: replacements, transformers',
    severities: ['warn'],
  },
  'parent-prunes': {
    title: 'A parent lets the new apps prune',
    looksFor: 'Patches of the parents that write prune or deletionPolicy into their children',
    rule: 'The Kustomizations of operator and instance neither prune nor collect',
    why: 'Deleting one of them would delete the FluxInstance, and with it Flux.',
    source:
      'kustomize-controller, finalize; flux-operator internal/controller/fluxinstance_uninstaller.go; #416, #423',
    severities: ['refuse', 'warn'],
  },
  'parent-suspends': {
    title: 'A parent suspends the new apps',
    looksFor: 'Patches of the parents that write suspend',
    rule: 'They are not suspended',
    why: 'The plan would never be applied.',
    source: 'kustomize-controller: a suspended Kustomization is not applied',
    severities: ['refuse'],
  },
  'parent-renames': {
    title: 'A parent renames or moves the new apps',
    looksFor: 'Patches of the parents that write targetNamespace, namePrefix or nameSuffix',
    rule: 'The FluxInstance is named flux, in the namespace of the controllers',
    why: 'Another name or namespace is another install.',
    source: 'flux-operator api/v1 FluxInstance (name must be flux)',
    severities: ['refuse'],
  },
  'parent-patches-remediation': {
    title: 'A parent patches remediation into every HelmRelease',
    looksFor: 'Patches of the parents that write remediation',
    rule: 'A person excludes flux-operator from it',
    why: 'A failed install or upgrade of the operator would be uninstalled or rolled back.',
    source: 'helm-controller: spec.install.remediation and spec.upgrade.remediation',
    severities: ['warn'],
  },
} as const satisfies HazardRules;
