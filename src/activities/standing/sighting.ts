/** Everything that tells where a cluster stands, as plain data: what Git says, and what is live. Types only. */
import type { LeaseHolder } from '../../cluster/lease.ts';
import type { CommittedStep } from '../../repo/steps.ts';
import type { Finding } from '../contract.ts';
import type { RunRecord } from '../run-record.ts';

export interface SeenLease extends Pick<LeaseHolder, 'identity' | 'run' | 'direct' | 'about' | 'renewedAt'> {
  /** Renewed within its duration: whoever holds it drives. */
  fresh: boolean;
}

export interface SeenInstance {
  /** `namespace/name`. */
  name: string;
  enabled: boolean;
  /** Our own live annotation disables it. */
  disabledByUs: boolean;
  deleting: boolean;
}

/** The object that owned Flux in the legacy install. */
export interface SeenOwner {
  /** Such as `Kustomization flux-system/flux`. */
  name: string;
  there: boolean;
  /** What it lacks of being harmless, e.g. `suspend: true`; empty when it can neither prune nor overwrite. */
  lacksOrphaned: string;
  deleting: boolean;
}

export interface SeenController {
  name: string;
  /** Applied by Flux Operator, or marked as its own. */
  adopted: boolean;
}

export interface Sighting {
  cluster: string;
  branch: string;
  context: string;
  namespace: string;
  /** UID of its kube-system namespace. */
  clusterUid: string;
  lease: SeenLease | null;
  /** What the run at hand left behind, from the cluster or from Git; null when nothing did. */
  records: RunRecord[];
  /** Commits of every run, oldest first; null when Git does not answer. */
  steps: CommittedStep[] | null;
  /** Why Git does not answer. */
  gitTrouble: Finding | null;
  instances: SeenInstance[];
  /** `namespace/name` of Deployments that run Flux Operator. */
  operators: string[];
  /** Of the run at hand; null where its shape has none, or no run is known. */
  owner: SeenOwner | null;
  controllers: SeenController[];
  /** ResourceSets and the like that people made since: without the operator nobody keeps them. */
  builtOnOperator: string[];
}
