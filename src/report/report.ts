/** The record of a run: decisions, approvals, phases, verdicts and evidence, gathered from the run as plain data. */
import type { Decision, Plan } from '../plan/types.ts';
import type { AuditEntry, ClusterOutcome, PhaseRecord, WayBack } from '../workflows/contract.ts';
import type { FleetView } from './view.ts';

export interface ClusterReport {
  cluster: string;
  branch: string;
  planDigest: string | null;
  outcome: ClusterOutcome | null;
  state: string;
  decisions: Decision[];
  phases: (PhaseRecord & { milliseconds: number | null })[];
  audit: AuditEntry[];
  /** Null when the way led only forward. */
  back: WayBack | null;
  /** False when no worker answered: then audit and checks are not known. */
  complete: boolean;
  /** From the first phase's start to the last one's end. */
  milliseconds: number | null;
  /** Time of it that the phases other than the soaks took. */
  workingMilliseconds: number;
}

export interface Report {
  fleet: string;
  run: string | null;
  state: string;
  planDigest: string | null;
  startedAt: string | null;
  endedAt: string | null;
  startedBy: string | null;
  uiUrl: string;
  evidenceDirectory: string;
  clusters: ClusterReport[];
}

const lasted = (record: PhaseRecord): number | null =>
  record.endedAt === null ? null : Date.parse(record.endedAt) - Date.parse(record.startedAt);

/** `plan` is the plan the run was started with, when it is still at hand: the decisions are taken from it. */
export function makeReport(view: FleetView, plan: Plan | null, evidenceDirectory: string): Report {
  return {
    fleet: view.fleet,
    run: view.run,
    state: view.state,
    planDigest: view.planDigest,
    startedAt: view.startedAt,
    endedAt: view.endedAt,
    startedBy: view.startedBy,
    uiUrl: view.uiUrl,
    evidenceDirectory,
    clusters: view.clusters.map(({ cluster, branch, status, outcome, answeredBy }) => {
      const phases = (status?.phases ?? []).map((record) => ({ ...record, milliseconds: lasted(record) }));
      const first = phases[0]?.startedAt;
      const last = phases.at(-1)?.endedAt;
      return {
        cluster,
        branch,
        planDigest: status?.planDigest ?? null,
        outcome,
        state: status?.state ?? 'pending',
        decisions: plan?.clusters.find(({ name }) => name === cluster)?.decisions ?? [],
        phases,
        audit: status?.audit ?? [],
        back: status?.back ?? null,
        complete: answeredBy !== 'memo',
        milliseconds: first && last ? Date.parse(last) - Date.parse(first) : null,
        workingMilliseconds: phases
          .filter(({ phase }) => phase !== 'soak' && phase !== 'settle')
          .reduce((sum, { milliseconds }) => sum + (milliseconds ?? 0), 0),
      };
    }),
  };
}
