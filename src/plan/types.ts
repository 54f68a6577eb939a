/** The plan as data: what `plan --json` prints and what every later part reads. Pure types. */
import type { PhaseName } from './phases.ts';
import type { DecisionId, HazardId } from './rules/index.ts';
import type { WayBackId } from './rules/way-back.ts';

/** A place in the repository; `line` counts from 1. */
export interface Place {
  file: string;
  line: number;
}

/** Identity of a Kubernetes object; `namespace` is empty for cluster-scoped ones. */
export interface ObjectReference {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
}

export type LegacyShape =
  | 'self-managed'
  | 'bootstrap-only'
  | 'flux-bootstrap'
  | 'helm'
  | 'operator'
  | 'none'
  | 'unknown';

/** A kustomize patch as written in the repo, with the target it applies to. */
export interface LegacyPatch {
  patch: string;
  target?: {
    group?: string;
    version?: string;
    kind?: string;
    name?: string;
    namespace?: string;
    labelSelector?: string;
    annotationSelector?: string;
  };
  where: Place;
}

/** What owns the controllers today: a Flux Kustomization, a Helm release (also one that Flux manages), or Terraform. */
export interface LegacyOwner {
  kind: 'Kustomization' | 'HelmRelease' | 'Terraform';
  name: string;
  namespace: string;
  file: string;
  line: number;
  prune: boolean;
}

export interface LegacyInstall {
  shape: LegacyShape;
  /** Flux distribution version without a leading v, e.g. `2.9.2`. */
  version: string;
  namespace: string;
  components: string[];
  owner: LegacyOwner | null;
  /** Source object that feeds the owner (OCIRepository or GitRepository of Flux's manifests). */
  ownerSource: {
    kind: 'OCIRepository' | 'GitRepository' | 'HelmRepository';
    name: string;
    namespace: string;
    url: string;
    ref: string;
    where: Place;
  } | null;
  /** Folder of the bootstrap kustomization, or null. */
  bootstrapPath: string | null;
  patches: LegacyPatch[];
  /** Whether Flux's NetworkPolicies stay in the install. */
  networkPolicies: boolean;
}

/** The source that the roots of a cluster read; commits reach a cluster through a GitRepository alone. */
export interface PlannedSource {
  kind: 'GitRepository' | 'OCIRepository' | 'Bucket';
  name: string;
  namespace: string;
  url: string;
  ref: string;
  secretRef: string | null;
  verify: boolean;
  where: Place;
}

export interface RootKustomization {
  name: string;
  namespace: string;
  path: string;
  file: string;
  line: number;
  prune: boolean;
  suspend: boolean;
  decryption: { provider: string; secretRef: string | null } | null;
  postBuild: boolean;
  /** Secrets and ConfigMaps named by postBuild.substituteFrom. */
  substituteFrom: { kind: string; name: string; optional: boolean }[];
}

export interface Decision {
  id: DecisionId;
  question: string;
  answer: string;
  reason: string;
  alternatives: string[];
  where: Place[];
}

export interface FileChange {
  path: string;
  action: 'add' | 'modify' | 'delete';
  /** Whole content before (null: absent) and after (null: removed). */
  before: string | null;
  after: string | null;
  /** Unified diff for people. */
  diff: string;
}

/** One commit of the sequence. */
export interface Change {
  phase: PhaseName;
  message: string;
  files: FileChange[];
  /** Objects that disappear from the cluster because of this commit, all of them named. */
  collects: ObjectReference[];
  /** What the commit does by simulation, one entry for each Kustomization whose build it moves; absent before it was simulated. */
  effects?: CollectionEffect[];
}

/** What a commit makes one Kustomization do. */
export interface CollectionEffect {
  kustomization: ObjectReference;
  gains: ObjectReference[];
  changes: ObjectReference[];
  /** Deletes; with what is deleted because its owner is. */
  collects: ObjectReference[];
  /** Sentences on what can not be told from the repository. */
  unknown: string[];
}

export interface Hazard {
  id: HazardId;
  severity: 'refuse' | 'warn' | 'note';
  where: Place | null;
  what: string;
  why: string;
  mend: string;
}

/** Something that a rollback asks about, or does not bring back by itself. */
export interface WayBackLimit {
  id: WayBackId;
  /** `asks`: it stops until a person has decided; `lost`: it does not come back; `kept`: it is not taken back; `left`: it stays behind. */
  outcome: 'asks' | 'lost' | 'kept' | 'left';
  /** The phase from which on it is so. */
  since: PhaseName;
  what: string;
  why: string;
  mend: string;
}

export interface ClusterPlan {
  name: string;
  branch: string;
  /** Commit the plan was made at. Not part of the digest. */
  commit: string;
  legacy: LegacyInstall;
  source: PlannedSource | null;
  roots: RootKustomization[];
  /** The new objects' names, for the phases that wait for them. */
  target: PlannedTarget;
  decisions: Decision[];
  changes: Change[];
  hazards: Hazard[];
  /** What may not be undone automatically, in the order in which it begins to hold. Follows from the rest, so it is not part of the digest. */
  wayBack: WayBackLimit[];
  /** `sha256:…` over decisions, hazards and before/after of every file; no commit ids. */
  digest: string;
}

/** What the plan will create, by name. */
export interface PlannedTarget {
  namespace: string;
  operatorKustomization: string;
  instanceKustomization: string;
  operatorHelmRelease: string;
  /** Only when the instance comes from the chart. */
  instanceHelmRelease: string | null;
  instanceName: 'flux';
  /** What spec.sync of the instance generates, and so adopts; null: it has no sync, source and roots stay as they are. */
  sync: PlannedSync | null;
  components: string[];
  distributionVersion: string;
  /** Kustomization that owns the new apps (its reconcile brings them). */
  parentKustomization: string;
  /** OCI charts and artifacts that must be pullable: `oci://host/repo:tag`. */
  charts: string[];
  images: string[];
}

/** The source and the root Kustomization that the operator generates from spec.sync, and what it is told. */
export interface PlannedSync {
  source: ObjectReference;
  root: ObjectReference;
  /** As in the source today. */
  url: string;
  /** `refs/heads/BRANCH`. */
  ref: string;
  path: string;
  /** Secret with the credentials, or null. */
  pullSecret: string | null;
  /** Of the source; the root's is patched where it is not the 10 minutes that the operator writes. */
  interval: string;
}

export interface Plan {
  apiVersion: 'flux-handover/plan-v1';
  /** Over the digests of all clusters, in order. */
  digest: string;
  repo: { url: string; commit: string };
  clusters: ClusterPlan[];
}
