/** What the watch judges, and what it finds: plain data. */
import type { Stand } from '../../cluster/lease.ts';
import type { LiveObject } from '../../cluster/objects.ts';
import { durationMs } from '../../config/duration.ts';
import type { HandoverConfig } from '../../config/schema.ts';
import type { ClusterPlan, ObjectReference } from '../../plan/types.ts';
import type { Baseline } from '../baseline.ts';
import type { StandInput } from '../contract.ts';
import type { BreachId } from './breaches.ts';

/** What stops a harm at once. Each is safe to repeat and can be lifted. */
export type Aid =
  | { do: 'disable-instance'; object: ObjectReference }
  /** Takes its rights, scales it to nothing, ends its pods; then puts back the controllers that it took. */
  | { do: 'stop-operator'; object: ObjectReference }
  | Suspension
  | { do: 'scale-down'; object: ObjectReference };

export interface Suspension {
  do: 'suspend';
  object: ObjectReference;
  /** It stays suspended when the aid is lifted. */
  keep?: true;
  /** Git may not resume it meanwhile. */
  shield?: true;
  /** It goes on only after the operator, and once an instance that is being deleted is gone. */
  afterOperator?: true;
}

export interface Fault {
  id: BreachId;
  /** `Kind namespace/name`, or what it is about. */
  subject: string;
  /** One sentence after the subject. */
  detail: string;
  /** How long it must last before it counts. Milliseconds; 0: at once, after a second look. */
  patience: number;
  aids: Aid[];
  /** Keys of the objects that are lost, where a person's word may pass over them. */
  passable?: string[];
}

/** Milliseconds, counts: `regressions` of handover.yaml. */
export interface Limits {
  unready: number;
  behind: number;
  restarts: number;
  failures: number;
}

export interface Sight {
  stand: Stand;
  plan: ClusterPlan;
  baseline: Baseline;
  /** By key. */
  objects: ReadonlyMap<string, LiveObject>;
  limits: Limits;
  /** Keys of objects whose loss a person passed over. */
  passedOver: ReadonlySet<string>;
}

/** A moment in which watches of several kinds may tell of one change in another order. Milliseconds. */
export const moment = 3_000;
/** A removal through Git shows in what applied the object only once that has reconciled. Milliseconds. */
export const gitSettles = 15_000;

export function limitsOf({ regressions }: HandoverConfig): Limits {
  const { unready, behind, restarts, failures } = regressions;
  return { unready: durationMs(unready), behind: durationMs(behind), restarts, failures };
}

export function fault(
  id: BreachId,
  subject: string,
  detail: string,
  patience: number,
  aids: Aid[] = [],
): Fault {
  return { id, subject, detail, patience, aids };
}

/** As the workflow knows it: for a Lease on which nothing stands yet, or any more. */
export function standOfRun({ phase, way, acting }: StandInput): Stand {
  return { phase, way, acting, since: new Date(0).toISOString() };
}
