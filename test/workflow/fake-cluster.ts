/** Activities that change nothing real: they write down what they were asked, and do what a test tells them to. */
import { ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import type {
  Check,
  ClusterActivities,
  EvidenceReference,
  FailureType,
  Finding,
  PhaseResult,
  PreflightResult,
  WatchInput,
  WayBackFound,
} from '../../src/activities/contract.ts';

/** One call that an activity got; `phase` where it was told one. */
export interface Call {
  cluster: string;
  activity: keyof ClusterActivities;
  phase: string | null;
  attempt: number;
  at: number;
  input: unknown;
}

type Answers = {
  [Name in keyof ClusterActivities]?: (
    input: Parameters<ClusterActivities[Name]>[0],
    nth: number,
  ) => ReturnType<ClusterActivities[Name]> | undefined;
};

/** What a cluster of the shape self-managed has to undo once it was handed over. */
const wayBack: WayBackFound['due'] = [
  { name: 'restoreRetired', phase: 'retire' },
  { name: 'handBack', phase: 'adopt' },
  { name: 'removeInstance', phase: 'stage' },
  { name: 'removeOperator', phase: 'operator' },
  { name: 'restoreLegacyOwner', phase: 'orphan' },
];

/** What a way back from after the adoption calls, in this order. */
export const backFromAdopt = [
  'handBack',
  'findDependents',
  'removeInstance',
  'removeOperator',
  'restoreLegacyOwner',
  'verify preflight',
  'endRun',
];

export class FakeCluster {
  readonly name: string;
  readonly journal: Call[];
  /** Answers given instead of the usual ones; `undefined` as an answer means the usual one. `nth` counts the calls from 1. */
  answers: Answers = {};

  constructor(name: string, journal: Call[] = []) {
    this.name = name;
    this.journal = journal;
  }

  /** Names of the activities called so far, verify with its phase; without the watch, which runs beside them. */
  calls(): string[] {
    return this.journal
      .filter(({ cluster, activity }) => cluster === this.name && activity !== 'watchHealth')
      .map(({ activity, phase }) => (activity === 'verify' ? `${activity} ${phase}` : activity));
  }

  /** What the watch was begun with, each time. */
  watches(): WatchInput[] {
    return this.journal
      .filter(
        ({ cluster, activity, attempt }) =>
          cluster === this.name && activity === 'watchHealth' && attempt === 1,
      )
      .map(({ input }) => input as WatchInput);
  }

  looksFine(): PreflightResult {
    return {
      clusterUid: `uid-of-${this.name}`,
      baseCommit: 'c0ffee',
      planDigest: `sha256:plan-${this.name}`,
      shape: 'self-managed',
      target: {
        namespace: 'flux-system',
        operatorKustomization: 'flux-operator',
        instanceKustomization: 'flux-instance',
        operatorHelmRelease: 'flux-operator',
        instanceHelmRelease: null,
        instanceName: 'flux',
        sync: null,
        components: [
          'source-controller',
          'kustomize-controller',
          'helm-controller',
          'notification-controller',
        ],
        distributionVersion: '2.9.2',
        parentKustomization: 'cluster-apps',
        charts: [],
        images: [],
      },
      owner: {
        kind: 'Kustomization',
        namespace: 'flux-system',
        name: 'flux',
        file: `kubernetes/${this.name}/flux/config/flux.yaml`,
      },
      bootstrapPath: `kubernetes/${this.name}/bootstrap/flux`,
      findings: [],
      baselineDigest: 'sha256:baseline',
      evidence: [evidence(this.name, 'baseline')],
      gateDigest: `sha256:${this.name}-preflight`,
    };
  }

  activities(): ClusterActivities {
    const usual: ClusterActivities = {
      preflight: async () => this.looksFine(),
      beginRun: async () => done('Lease taken'),
      checkSecrets: async () => done('secrets are Ready'),
      orphanLegacyOwner: async () => committed('orphan'),
      installOperator: async () => committed('operator'),
      stageInstance: async () => ({ ...committed('stage'), evidence: [evidence(this.name, 'dry-run')] }),
      adoptControllers: async () => committed('adopt'),
      retireLegacyOwner: async () => committed('retire'),
      verify: async ({ phase }) => ({
        ok: true,
        checks: [check('flux check', true)],
        evidence: [evidence(this.name, `checklist-${phase}`)],
        gateDigest: `sha256:${this.name}-${phase}`,
      }),
      watchHealth: watchBetweenBeats,
      liftFirstAid: async () => done('the first aid is lifted'),
      endRun: async () => done('Lease released'),
      findWayBack: async (step) => {
        const { shape, target, owner, bootstrapPath } = this.looksFine();
        return {
          step: { ...step, clusterUid: `uid-of-${this.name}`, baseCommit: 'c0ffee' },
          shape,
          install: { target, owner, bootstrapPath },
          due: wayBack,
          commits: wayBack.toReversed().map(({ phase }) => ({
            phase,
            commit: `earlier-${phase}`,
            at: '2026-11-22T10:00:00.000Z',
          })),
          misfits: [],
        };
      },
      findDependents: async () => ({ dependents: [] }),
      restoreLegacyOwner: async () => committed('undo-orphan'),
      removeOperator: async () => committed('undo-operator'),
      removeInstance: async () => committed('undo-stage'),
      handBack: async () => committed('undo-adopt'),
      restoreRetired: async () => committed('undo-retire'),
    };
    const made = Object.entries(usual).map(([name, answer]) => {
      const activity = name as keyof ClusterActivities;
      const call = async (input: never): Promise<unknown> => {
        const { attempt } = Context.current().info;
        this.journal.push({
          cluster: this.name,
          activity,
          phase: (input as { phase?: string }).phase ?? null,
          attempt,
          at: Date.now(),
          input,
        });
        const nth = this.journal.filter(
          (each) => each.cluster === this.name && each.activity === activity,
        ).length;
        const told = await (
          this.answers[activity] as ((input: never, nth: number) => Promise<unknown> | undefined) | undefined
        )?.(input, nth);
        return told ?? (answer as (input: never) => Promise<unknown>)(input);
      };
      return [name, call];
    });
    return Object.fromEntries(made) as ClusterActivities;
  }
}

/**
 * The time-skipping server stands still while an activity runs, so this watch is "between two beats" for ever: it fails
 * in a way that is retried, and so late that the run has ended by then.
 */
const watchBetweenBeats = (): Promise<never> => lookAgainIn('3000 days');

/** A watch that has seen nothing for as long. */
export async function lookAgainIn(nextRetryDelay: '3000 days' | '2 days' | '30 hours'): Promise<never> {
  throw ApplicationFailure.create({ type: 'Unreachable', message: 'between two looks', nextRetryDelay });
}

/** A watch as the real one: it beats until it is cancelled. */
export async function watchUntilCancelled(): Promise<never> {
  const context = Context.current();
  for (;;) {
    context.heartbeat('all Ready');
    await context.sleep(200);
  }
}

export function failure(type: FailureType, message: string, findings: Finding[] = []): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: type !== 'Unreachable' && type !== 'NotYet',
    details: [findings],
  });
}

export function check(name: string, ok: boolean, detail = ''): Check {
  return { name, ok, detail };
}

export function done(summary: string): PhaseResult {
  return { commit: null, alreadyDone: false, summary, evidence: [], findings: [] };
}

function committed(step: string): PhaseResult {
  return { ...done(`${step} is done`), commit: `commit-of-${step}` };
}

function evidence(cluster: string, name: string): EvidenceReference {
  return { name, digest: `sha256:${cluster}-${name}`, bytes: 100, place: `${cluster}/${name}.txt` };
}
