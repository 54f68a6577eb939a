/** Hazards about files of the repository that can not be read with certainty. */
import type { HazardRules } from './rule.ts';

export const readingRules = {
  'yaml-broken': {
    title: 'A file that matters can not be read',
    looksFor:
      "Every file that a root's build reaches, and every file of the cluster's folder that names Flux's API groups: no YAML, a key given twice, tabs, templates, no UTF-8",
    rule: 'Where such a file can not be read, the plan is refused; files that play no part are left alone',
    why: 'What stands in it could be the owner of Flux or a second one, and the plan would not know.',
    source: "kustomize's own loader (kyaml and go-yaml): it fails on the same files, duplicate keys included",
    severities: ['refuse'],
  },
  'boolean-as-text': {
    title: 'A switch is written as text',
    looksFor:
      '`prune`, `suspend`, `wait` and `force` of Flux Kustomizations written yes, no, on, off or in quotes',
    rule: 'Only true and false are booleans for kustomize and the API server; anything else is refused',
    why: 'Whether the object prunes or is suspended is not known, and the API server rejects it.',
    source: 'kustomize turns `yes` into the string "yes" (YAML 1.2); the CRD asks for a boolean',
    severities: ['refuse'],
  },
  'path-substituted': {
    title: 'A name or path is a variable that Git does not tell',
    looksFor:
      'Variables in metadata.name, metadata.namespace, spec.path and spec.sourceRef of Flux Kustomizations, and their values: postBuild.substitute of who applies them, then the ConfigMaps of substituteFrom that stand in Git, the last one first',
    rule: "The value is taken where Git alone gives it. A Secret's value is never read; a ConfigMap that is not in Git, or is there twice with different values, tells nothing, also about what an earlier one says. What nothing in Git seems to apply is only said",
    why: 'What such a Kustomization applies, and what it would collect, is not known.',
    source: 'fluxcd/pkg/kustomize LoadVariables and SubstituteVariables',
    severities: ['refuse', 'warn'],
  },
  'not-in-artifact': {
    title: 'A build needs a file that Flux does not ship',
    looksFor:
      "Entries of the kustomization files that the roots' builds reach which are symbolic links, submodules, or ignored by .sourceignore, spec.ignore or the defaults",
    rule: 'The plan simulates what the cluster builds, so what is not in the artifact is absent; an entry that needs it is refused',
    why: 'It builds on a laptop and fails on the cluster, or means something else there.',
    source:
      'source-controller storage.Archive (regular files only) and fluxcd/pkg/sourceignore (patterns and defaults)',
    severities: ['refuse'],
  },
  'checkout-uncommitted': {
    title: 'The working copy has changes that are not committed',
    looksFor: 'git status of the working copy that the plan was read from, below the folders of the clusters',
    rule: 'A plan is made from commits; what is not committed is named and not part of it',
    why: 'The cluster does not see it, and it may touch the same files once it is committed.',
    source: "this tool's own promise: nothing happens that the approved plan did not show",
    severities: ['note'],
  },
  'checkout-differs': {
    title: 'The working copy is not where its remote is',
    looksFor: 'The local branch and the remote-tracking branch of the same name in the working copy',
    rule: 'Named when they differ: the cluster follows the remote, the plan shows the local branch',
    why: 'The plan at the start is made again from the remote and may then differ from this one.',
    source: "this tool's own promise: nothing happens that the approved plan did not show",
    severities: ['note'],
  },
  'checkout-elsewhere': {
    title: 'The clone is one of another repository',
    looksFor: 'The remote of repository.checkout against repository.url',
    rule: 'Both name the same repository, whatever the protocol; a clone without a remote is taken at its word',
    why: 'The plan would show one repository, and the commits would go to another one.',
    source: "this tool's own promise: nothing happens that the approved plan did not show",
    severities: ['refuse'],
  },
  'repository-local': {
    title: 'The repository is a folder on this machine',
    looksFor: 'repository.url that is a path or a file:// address',
    rule: 'It is planned from where it lies, its remote standing for what the clusters read; nothing is started from it',
    why: 'Commits that go to a folder reach no cluster.',
    source: 'source-controller: GitRepository spec.url is http, https or ssh',
    severities: ['note'],
  },
} as const satisfies HazardRules;
