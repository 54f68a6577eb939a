/** What the activities do differently from one legacy shape to another. Types only. */
import type { LiveObject } from '../../cluster/objects.ts';
import type { OwnershipFinding } from '../../cluster/judge.ts';
import type { ClusterPlan, FileChange, ObjectReference } from '../../plan/types.ts';
import type { Arrival, Carrying } from '../carry.ts';
import type { Session } from '../session.ts';

/** Who owns the objects of the controllers while the legacy install is in charge. */
export interface LegacyOwnership {
  /** How many objects were looked at. */
  owned: number;
  ownership: OwnershipFinding[];
}

/** A file of a commit on the way back, beside the planned ones. */
export type RestoredFile = Pick<FileChange, 'path' | 'before' | 'after'>;

export interface ShapeSteps {
  /** Before anything is done that would hurt otherwise: the legacy install can neither collect nor overwrite. @throws Refused */
  assertHarmless(session: Session, plan: ClusterPlan): Promise<void>;
  /** What makes the owner harmless beside the commit of `orphan`, once that is on the cluster. Safe to repeat. */
  orphaned?(opened: Carrying, owner: LiveObject): Promise<void>;
  /** Takes that back, before the commit of `orphan` is undone. Safe to repeat. */
  restoring?(opened: Carrying): Promise<void>;
  /** Writes down, before the adoption, what the way back needs and Git does not hold. */
  beforeAdoption(opened: Carrying): Promise<void>;
  /**
   * Proves, before the commit of `retire`, that it takes nothing along.
   * @returns what waits for its effect and says in one line what became of it
   * @throws Refused
   */
  beforeRetire(opened: Carrying): Promise<(arrival: Arrival) => Promise<string>>;
  /** Waits until the undone `retire` has arrived; one line for a person. */
  retireUndone(undo: Arrival): Promise<string>;
  /** Gives the objects of a disabled instance back. @returns why some could not be, one line each; safe to repeat */
  handOver(opened: Pick<Carrying, 'session'>, objects: ObjectReference[]): Promise<string[]>;
  /** Files that the commit which undoes `adopt` writes otherwise than they were before it. */
  resumed(plan: ClusterPlan): RestoredFile[];
  /** Waits until the legacy install owns every object again, and its controllers run. @throws WaitEnded */
  ownedAgain(undo: Arrival, objects: ObjectReference[]): Promise<void>;
  /** @param owner the live legacy owner, where the shape has one */
  legacyOwnership(session: Session, plan: ClusterPlan, owner: LiveObject | null): Promise<LegacyOwnership>;
}
