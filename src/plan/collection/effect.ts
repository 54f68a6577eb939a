/** What one commit does on the cluster through one Kustomization. */
import type { Place } from '../types.ts';
import type { BuiltObject } from './built-object.ts';

/** Why an object would be deleted. */
export type Cause =
  /** It is no longer in what the Kustomization applies, which prunes. */
  | 'left'
  /** What applied it is deleted, and takes its inventory along. */
  | 'owner-deleted';

export interface Collected {
  object: BuiltObject;
  cause: Cause;
  /** Kustomization that deletes it. */
  by: string;
}

export interface UnknownEffect {
  what: string;
  /** Where it is named, if it is a part of a build. */
  where: Place | null;
  /** Flux's own controllers may be among it. */
  mayBeFlux: boolean;
  /** The build fails after the commit, so nothing of it arrives. */
  failed: boolean;
  /** It comes from a source other than this repository. */
  foreign: boolean;
  /** The same before and after: the commit does not touch it. */
  steady: boolean;
}

export interface CommitEffect {
  kustomization: { key: string; name: string; namespace: string; file: string | null };
  gains: BuiltObject[];
  changes: BuiltObject[];
  collects: Collected[];
  unknown: UnknownEffect[];
  /** What it applied before the commit. */
  inventory: BuiltObject[];
}
