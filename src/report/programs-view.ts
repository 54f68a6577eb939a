/** A view of a run in the shape that `--json` promises to programs: each cluster is its status, with what is known besides. */
import type { ClusterStatus, FleetStatus } from '../workflows/contract.ts';
import type { ClusterView, FleetView, PendingActivity, RunState } from './view.ts';

interface ClusterJson extends Omit<ClusterStatus, 'state'> {
  /** `pending`: the run has not come to it. */
  state: ClusterStatus['state'] | 'pending';
  outcome: ClusterView['outcome'];
  branch: string;
  workflow: RunState;
  workflowId: string;
  uiUrl: string;
  answeredBy: ClusterView['answeredBy'];
  pending: PendingActivity[];
}

export interface FleetJson {
  fleet: Omit<FleetStatus, 'audit'> & Omit<FleetView, 'run' | 'planDigest' | 'clusters'>;
  clusters: ClusterJson[];
}

const notBegun = {
  state: 'pending',
  phase: null,
  gate: null,
  hold: null,
  back: null,
  until: null,
  phases: [],
  audit: [],
} as const;

export function forPrograms({ clusters, ...fleet }: FleetView): FleetJson {
  const run = fleet.run ?? '';
  const planDigest = fleet.planDigest ?? '';
  const all = clusters.map(({ status, run: workflow, path: _path, soak: _soak, ...more }): ClusterJson => {
    const known = status ?? {
      ...notBegun,
      phases: [],
      audit: [],
      run,
      cluster: more.cluster,
      since: fleet.startedAt ?? '',
      planDigest,
    };
    return { ...known, workflow, ...more };
  });
  return {
    fleet: {
      ...fleet,
      run,
      planDigest,
      clusters: all.map(({ cluster, state, phase, outcome }) => ({ cluster, state, phase, outcome })),
    },
    clusters: all,
  };
}
