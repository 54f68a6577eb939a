/** The one table of phases: command line, workflow, report and docs all read the sequence from here. */
import type { GateName } from '../config/schema.ts';
import type { LegacyShape } from './types.ts';

export type PhaseName =
  | 'preflight'
  | 'secrets'
  | 'orphan'
  | 'operator'
  | 'stage'
  | 'adopt'
  | 'soak'
  | 'retire'
  | 'settle';

/** Names of the ways back; each is an activity of the same name. */
export type CompensationName =
  | 'restoreLegacyOwner'
  | 'removeOperator'
  | 'removeInstance'
  | 'handBack'
  | 'restoreRetired';

/** Ways back that take the operator from what people may have built on it: they are asked first. */
export const takesOperator: ReadonlySet<CompensationName> = new Set(['removeInstance', 'removeOperator']);

export interface Phase {
  name: PhaseName;
  /** One sentence for a person. */
  meaning: string;
  /** Gate that must be approved before the phase begins. */
  gate: GateName | null;
  /** Whether it commits to Git. */
  commits: boolean;
  /** Whether it may begin only while a maintenance window is open. */
  window: boolean;
  /** Registered before the phase acts; null where there is nothing to undo. */
  compensation: CompensationName | null;
  /** What must hold afterwards, as sentences for the report; judged by `verify`. */
  holds: string[];
}

const selfManaged: Phase[] = [
  {
    name: 'preflight',
    meaning: 'Read the cluster and the repository; change nothing',
    gate: null,
    commits: false,
    window: false,
    compensation: null,
    holds: [
      'the cluster is the planned one',
      'one healthy legacy controller set runs',
      'every chart, artifact and image can be pulled',
      'Git can be pushed to',
    ],
  },
  {
    name: 'secrets',
    meaning: 'Check that the secrets the plan needs are there and Ready',
    gate: 'start',
    commits: false,
    window: true,
    compensation: null,
    holds: [
      'the decryption key and the substitution sources exist',
      'every named External Secrets object is Ready',
    ],
  },
  {
    name: 'orphan',
    meaning: 'The legacy owner of Flux stops pruning and is suspended',
    gate: null,
    commits: true,
    window: true,
    compensation: 'restoreLegacyOwner',
    holds: ['the legacy owner is suspended, prune: false and deletionPolicy: Orphan on the cluster'],
  },
  {
    name: 'operator',
    meaning: 'Flux Operator is installed beside the running controllers',
    gate: null,
    commits: true,
    window: true,
    compensation: 'removeOperator',
    holds: ['the operator HelmRelease is Ready', 'the controllers are untouched'],
  },
  {
    name: 'stage',
    meaning: 'The FluxInstance is added with reconciliation disabled, and its effect is shown by a dry run',
    gate: null,
    commits: true,
    window: true,
    compensation: 'removeInstance',
    holds: [
      'the FluxInstance exists and is disabled',
      'the dry run was kept as evidence',
      'the controllers are untouched',
    ],
  },
  {
    name: 'adopt',
    meaning: 'The FluxInstance is enabled: Flux Operator takes over the running controllers',
    gate: 'cutover',
    commits: true,
    window: true,
    compensation: 'handBack',
    holds: [
      'the FluxInstance is Ready with ReconciliationSucceeded',
      'every object is owned by flux-operator with the UID it had',
      'every source, Kustomization and HelmRelease reconciled again',
    ],
  },
  {
    name: 'soak',
    meaning: 'The adopted cluster is watched; the way back is still cheap',
    gate: null,
    commits: false,
    window: false,
    compensation: null,
    holds: ['nothing that was Ready in the baseline stayed unready'],
  },
  {
    name: 'retire',
    meaning: 'The legacy owner leaves Git and cluster; the bootstrap folder bootstraps the operator',
    gate: 'retire',
    commits: true,
    window: true,
    compensation: 'restoreRetired',
    holds: ['only the objects named in the plan disappeared', 'the controllers are untouched'],
  },
  {
    name: 'settle',
    meaning: 'A second, shorter watch before the next cluster may start',
    gate: null,
    commits: false,
    window: false,
    compensation: null,
    holds: ['nothing that was Ready in the baseline stayed unready'],
  },
];

/** Where no owner leaves with Flux, there is none to orphan, and what is retired stands in Git alone. */
const ownerless = selfManaged
  .filter(({ name }) => name !== 'orphan')
  .map((phase) =>
    phase.name === 'retire'
      ? {
          ...phase,
          meaning: 'The legacy install leaves Git; a new cluster is bootstrapped with the operator',
        }
      : phase,
  );

/** Shapes whose way forward and back is proven; `start` offers only these. */
const phasesByShape: Partial<Record<LegacyShape, readonly Phase[]>> = {
  'self-managed': selfManaged,
  'bootstrap-only': ownerless,
  'flux-bootstrap': ownerless,
  helm: selfManaged,
};

/** The phases of a legacy shape, or null where no proven handover exists for it. */
export function phasesOf(shape: LegacyShape): readonly Phase[] | null {
  return phasesByShape[shape] ?? null;
}
