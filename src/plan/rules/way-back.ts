/** What a rollback does not bring back by itself, or asks about first: said in the plan, before anything is begun. */
import type { PhaseName } from '../phases.ts';
import type { ClusterPlan } from '../types.ts';
import type { DecisionRule } from './rule.ts';

/** What a limit is told from: a plan with commits. */
export type PlanFacts = Pick<ClusterPlan, 'branch' | 'legacy' | 'source' | 'roots' | 'target' | 'changes'>;

export interface WayBackRule extends DecisionRule {
  /** `asks`: it stops until a person has decided; `lost`: it does not come back; `kept`: it is not taken back; `left`: it stays behind. */
  outcome: 'asks' | 'lost' | 'kept' | 'left';
  /** The phase from which on it is so; null: the first that commits. */
  since: PhaseName | null;
  /** For this plan: what it is, and what a person can do. Null where the plan has no such thing. */
  tell: (plan: PlanFacts) => { what: string; mend: string } | null;
}

export const wayBackRules = {
  'built-on-operator': {
    title: 'What was built on Flux Operator since',
    outcome: 'asks',
    since: 'operator',
    looksFor:
      'On the way back: ResourceSets, their input providers, other FluxInstances, and alerts and receivers that point at objects of the operator, but for those of the plan',
    rule: 'Each is named with the command that keeps what it made; nothing of them is deleted, and the operator is not taken away before a person has decided',
    why: 'Without the operator their finalizers never clear, and nobody keeps what they made.',
    source:
      'flux-operator internal/controller/resourceset_controller.go: the finalizer, and what its removal collects',
    tell: () => ({
      what: 'ResourceSets and other objects that people build on Flux Operator after the phase operator',
      mend: 'Build nothing on the operator before the cluster has settled; else the way back names each, and waits',
    }),
  },
  'others-edits': {
    title: "Somebody else's change to a file of the plan",
    outcome: 'asks',
    since: null,
    looksFor:
      'On the way back: whether others changed lines that a step had changed, or a file that a step had added',
    rule: 'What others changed elsewhere in a file is kept, merged with what is restored; where both changed the same lines, or they changed a file of ours, it stops. Nothing is overwritten and nothing is forced',
    why: "The content of before would take somebody else's work out of Git without a word.",
    source: "this tool's own promise: it stops where the repository changed meanwhile",
    tell: ({ changes }) => {
      const files = changes.flatMap((change) => change.files);
      const known = files.filter(
        ({ path, before }) =>
          before !== null && files.every((other) => other.path !== path || other.action !== 'add'),
      );
      const paths = [...new Set(known.map(({ path }) => path))].sort();
      const shown = paths.slice(0, 4).join(', ') + (paths.length > 4 ? ` and ${paths.length - 4} more` : '');
      return {
        what: `Commits of others to the same lines of a file of the plan${shown === '' ? '' : `, such as ${shown}`}`,
        mend: 'Leave these files alone until the cluster has settled; else take the change out, retry, and make it again afterwards',
      };
    },
  },
  'flux-upgraded': {
    title: 'An upgrade of Flux through the FluxInstance',
    outcome: 'asks',
    since: 'adopt',
    looksFor:
      'On the way back, before anything is disabled: the version that the FluxInstance has applied or begun to apply, and whether its file still is as the plan wrote it',
    rule: 'The legacy install comes back at the version that stands in Git; a FluxInstance at another one is not handed back',
    why: 'Objects that a newer Flux stored in a newer version of its API may not be read by the older definitions.',
    source: 'Kubernetes: status.storedVersions of a CustomResourceDefinition; fluxcd/flux2 issue 5598',
    tell: ({ legacy, target }) => ({
      what: `An upgrade, other components or patches of the FluxInstance ${target.instanceName} after the adoption: the way back leads to Flux ${legacy.version}`,
      mend: `Change it only when the cluster has settled; else set it back to ${legacy.version} as the plan wrote it, wait until it is Ready, then roll back`,
    }),
  },
  'others-commits': {
    title: 'What others committed meanwhile',
    outcome: 'kept',
    since: null,
    looksFor: 'Commits on the branch that are not of the run',
    rule: 'The way back adds commits that restore the files of the plan alone; the branch is never reset and never forced',
    why: 'A rollback of Flux is no rollback of the apps.',
    source: "this tool's own promise: everything is a commit with the run's trailers",
    tell: ({ branch }) => ({
      what: `Commits of others on the branch ${branch}, and what they did to apps on the cluster`,
      mend: 'Revert them yourself where they are to go, too',
    }),
  },
  'secrets-and-registries': {
    title: 'Secrets, keys and registries',
    outcome: 'kept',
    since: null,
    looksFor: 'Secrets that source and roots name',
    rule: 'No value of a secret is read, kept, changed or brought back, and nothing in a registry is',
    why: 'A copy of a secret would have to be guarded like the secret.',
    source: "this tool's own promise: no secret enters a log, a history, a report or evidence",
    tell: ({ source, roots }) => {
      const names = [source?.secretRef, ...roots.map(({ decryption }) => decryption?.secretRef)];
      const named = [...new Set(names.filter(Boolean))];
      return {
        what: `Secrets, keys and images that are changed or deleted meanwhile${named.length > 0 ? `, ${named.join(' and ')} among them` : ''}`,
        mend: 'Keep a copy where you keep secrets; rotate keys before the start, or when the cluster has settled',
      };
    },
  },
  'record-stays': {
    title: 'The record of the run',
    outcome: 'left',
    since: null,
    looksFor: 'Nothing: each run that has begun leaves it',
    rule: 'ConfigMaps with the names flux-handover-… in the namespace of the controllers, and the ref of the run in the repository, stay after the way back as they do after the handover',
    why: 'They say what the cluster was, and are all that a way back without Temporal has to go by.',
    source:
      "this tool's own ConfigMaps flux-handover-baseline and flux-handover-kept, and its ref refs/handover/RUN",
    tell: ({ target }) => ({
      what: `ConfigMap flux-handover-baseline in ${target.namespace}, and the ref refs/handover/RUN of the repository, stay behind`,
      mend: `When nobody asks for the run any more: kubectl -n ${target.namespace} delete configmap flux-handover-baseline flux-handover-kept --ignore-not-found, and git push origin --delete refs/handover/RUN`,
    }),
  },
  history: {
    title: 'Events, times and counters',
    outcome: 'lost',
    since: 'adopt',
    looksFor: 'Nothing: it is so on every cluster',
    rule: 'Objects keep their UID and get back content, labels, annotations and field managers; what Kubernetes and the controllers write about themselves goes on from where it is',
    why: 'Transition times, events, metrics and caches are records of what happened, and it did happen.',
    source:
      'Kubernetes: events expire; source-controller keeps artifacts in a volume that lives as long as its pod',
    tell: () => ({
      what: 'Events, times of conditions, metrics and revisions of the Deployments: the controllers are rolled out at the adoption and again on the way back, and fetch their sources anew',
      mend: 'Nothing to do; the report of the run keeps what was there before',
    }),
  },
  'collected-objects': {
    title: 'Objects that the phase retire removes',
    outcome: 'lost',
    since: 'retire',
    looksFor: 'What the plan lets disappear with the commit of retire',
    rule: 'They are made again from Git or from what was kept of them, under the same names',
    why: 'A deleted object can not come back with its UID and its status.',
    source: 'Kubernetes: metadata.uid is given by the API server at each creation',
    tell: ({ changes }) => {
      const gone = changes.flatMap(({ collects }) => collects);
      if (gone.length === 0) return null;
      const names = gone.map(({ kind, name }) => `${kind} ${name}`);
      const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
      return {
        what: `${shown}: made again with other UIDs, and without their history`,
        mend: 'Roll back before you approve retire, where that matters',
      };
    },
  },
  'kept-content': {
    title: 'What the controllers were is kept in two places',
    outcome: 'asks',
    since: 'adopt',
    looksFor:
      'On the way back: the content of each adopted object as it was before the adoption, in a ConfigMap on the cluster and under the ref of the run',
    rule: 'Where no owner reconciles the controllers as Git has them, their objects are put back from what was written down; without it nothing is guessed',
    why: 'Nothing else says what the controllers were: Git holds no more than the patches of an install that somebody applied once.',
    source: "this tool's own ConfigMap flux-handover-kept, and its ref refs/handover/RUN in the repository",
    tell: ({ legacy, target }) =>
      legacy.shape === 'bootstrap-only' || legacy.shape === 'helm'
        ? {
            what: `The ConfigMap flux-handover-kept in ${target.namespace} and the ref refs/handover/RUN of the repository: without both, the way back can not put the controllers back`,
            mend: 'Do not delete them (git push --mirror and a clean-up of refs do) before the cluster has settled',
          }
        : null,
  },
  'live-edits': {
    title: "Edits of the controllers' objects by hand",
    outcome: 'lost',
    since: 'adopt',
    looksFor: 'Nothing: what was edited is overwritten unseen',
    rule: 'Where the objects are put back from what was written down, they become what they were before the adoption',
    why: 'An edit by hand after the adoption stands in no file; the operator, too, would take it back.',
    source: "this tool's own record, written before the FluxInstance is enabled",
    tell: ({ legacy }) =>
      legacy.shape === 'bootstrap-only' || legacy.shape === 'helm'
        ? {
            what: "Edits of the controllers' Deployments, roles or definitions by hand, made after the adoption",
            mend: 'Make them in Git, as patches, or again after the way back',
          }
        : null,
  },
  'release-records': {
    title: 'Records of the Helm release',
    outcome: 'lost',
    since: 'orphan',
    looksFor: 'Secrets with the records of the release that installed Flux',
    rule: 'They are hidden from helm by a label and shown again on the way back; they are not copied',
    why: 'Without records helm-controller takes the release for a new one, and installs it instead of going on.',
    source: 'Helm pkg/storage: a release is found by the label owner=helm of its records',
    tell: ({ legacy }) =>
      legacy.owner?.kind === 'HelmRelease'
        ? {
            what: `Records of the Helm release ${legacy.owner.name} that are deleted while they are hidden`,
            mend: `Leave them until the cluster has settled: kubectl -n ${legacy.owner.namespace} get secret -l owner=flux-handover`,
          }
        : null,
  },
  'instance-release': {
    title: 'Records of the release that made the FluxInstance',
    outcome: 'left',
    since: 'stage',
    looksFor: 'install.instanceAs: chart',
    rule: 'The HelmRelease is suspended before it leaves, so that nothing is uninstalled; then its records stay, too',
    why: 'An uninstall would delete the FluxInstance together with what it manages.',
    source:
      'helm-controller internal/controller/helmrelease_controller.go, reconcileDelete: a suspended release is not uninstalled',
    tell: ({ target }) =>
      target.instanceHelmRelease === null
        ? null
        : {
            what: `Secrets with the records of the Helm release ${target.instanceHelmRelease}, which was the FluxInstance`,
            mend: `When the way back is done: kubectl -n ${target.namespace} delete secret -l owner=helm,name=${target.instanceHelmRelease}`,
          },
  },
} as const satisfies Readonly<Record<string, WayBackRule>>;

export type WayBackId = keyof typeof wayBackRules;
