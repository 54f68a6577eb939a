/** Hazards that the simulated garbage collection finds: what a commit would delete, gain, or leave in the dark. */
import type { HazardRules } from './rule.ts';

export const collectionRules = {
  'collects-unplanned': {
    title: 'A commit would delete something that the plan does not name',
    looksFor:
      'Objects that leave what a Kustomization applies, and what goes with them, built before and after each commit',
    rule: 'A Kustomization that prunes deletes what leaves its build; a deleted one takes its inventory along, unless it is suspended, does not prune or orphans; an owner of the manifests of Flux counts as owning all of Flux',
    why: 'Pruning can not be taken back: with the CRDs of Flux goes every Kustomization and HelmRelease, with a claim goes its data.',
    source:
      'kustomize-controller internal/controller/kustomization_controller.go: prune, finalize and deleteObjects',
    severities: ['refuse'],
  },
  'gains-unplanned': {
    title: 'A commit would apply more than the plan says',
    looksFor:
      'Objects that a Kustomization newly applies although the commit does not write them, or that two Kustomizations would apply',
    rule: 'Each new object comes from a file of the commit and through one Kustomization; a folder without kustomization.yaml takes every YAML below it',
    why: 'Two Kustomizations that apply one object take it from each other, and each deletes it when it leaves there.',
    source: 'fluxcd/pkg/kustomize kustomize_generator.go: scanManifests',
    severities: ['refuse'],
  },
  'build-fails': {
    title: 'What a commit changes can not be built',
    looksFor:
      'The kustomize build of every Kustomization that a changed file reaches, as it is after the commit',
    rule: 'It must succeed, by the same program and with the same settings as Flux uses',
    why: 'The step would never reach the cluster, and what it deletes later can not be told.',
    source: 'kustomize-controller internal/controller/kustomization_controller.go: build',
    severities: ['refuse'],
  },
  'build-unknown': {
    title: 'A part of what a commit changes is not known here',
    looksFor: 'Remote bases, charts, other sources and variables in what a changed file reaches',
    rule: 'They are named and never fetched; refused where Flux itself could be among them, a note where the commit does not change them',
    why: 'What is not at hand may be deleted or added without the plan showing it.',
    source: 'This tool plans without the network, so that looking at a repository is free of side effects',
    severities: ['refuse', 'warn', 'note'],
  },
  'stateful-in-inventory': {
    title: 'Something that holds data is applied beside what changes',
    looksFor:
      'Claims, volumes, StatefulSets, namespaces, CRDs and databases that a Kustomization applies whose files a commit changes',
    rule: 'None of them may leave the build; each is named, with the mark that protects it, if there is one',
    why: 'People have lost volumes to pruning: a slip in the same folder would delete them.',
    source:
      'kustomize-controller: kustomize.toolkit.fluxcd.io/prune: disabled keeps an object from being collected',
    severities: ['note'],
  },
} as const satisfies HazardRules;
