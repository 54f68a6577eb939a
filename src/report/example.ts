/** A run as plain data, for the tests of everything that shows one. */
import type { Plan } from '../plan/types.ts';
import type { PhaseRecord } from '../workflows/contract.ts';
import type { ClusterView, FleetView } from './view.ts';

const exampleDigest = `sha256:${'3f9a51c07e2b'.padEnd(64, '0')}`;

/** 21:00 UTC on the day of the example, plus some minutes. */
export function minute(minutes: number): string {
  return new Date(Date.UTC(2026, 10, 22, 21, 0) + minutes * 60_000).toISOString();
}

function record(
  phase: PhaseRecord['phase'],
  from: number,
  to: number | null,
  more: Partial<PhaseRecord> = {},
): PhaseRecord {
  return {
    phase,
    startedAt: minute(from),
    endedAt: to === null ? null : minute(to),
    commit: null,
    summary: '',
    checks: [],
    evidence: [],
    ...more,
  };
}

const dryRun = {
  name: 'dry run',
  digest: `sha256:${'aa'.repeat(32)}`,
  bytes: 4100,
  place: 'home-1/edge/stage/dry-run.diff',
};

const edge: ClusterView = {
  cluster: 'edge',
  branch: 'edge',
  path: 'kubernetes/edge',
  workflowId: 'handover/home/edge',
  uiUrl: 'http://localhost:8233/namespaces/default/workflows/handover%2Fhome%2Fedge',
  run: 'running',
  answeredBy: 'worker',
  outcome: null,
  pending: [],
  soak: { soak: '24h', settle: '1h' },
  status: {
    run: 'home-20261122-7f3a',
    cluster: 'edge',
    state: 'waiting-for-gate',
    phase: 'adopt',
    since: minute(6),
    planDigest: exampleDigest,
    hold: null,
    back: null,
    until: null,
    gate: {
      gate: 'cutover',
      digest: exampleDigest,
      since: minute(6),
      planDigest: exampleDigest,
      shown: [
        'The dry run changes labels and annotations of 38 objects, and no Deployment template',
        'The checklist after stage holds: 6 of 6',
      ],
      evidence: [dryRun],
    },
    phases: [
      record('preflight', 0, 0.2, {
        summary: 'Flux 2.9.2 with four controllers, all Ready; nothing refuses',
      }),
      record('secrets', 1, 1.1, { summary: 'decryption key and substitution sources exist' }),
      record('orphan', 1.1, 2, {
        commit: '1a2b3c4d5e6f',
        summary: 'Kustomization flux-system/flux is suspended and prunes no more',
      }),
      record('operator', 2, 4, {
        commit: '2b3c4d5e6f70',
        summary: 'Flux Operator 0.58.1 is Ready',
        checks: [{ name: 'flux check', ok: true, detail: 'ok' }],
      }),
      record('stage', 4, 6, {
        commit: '3c4d5e6f7081',
        summary: 'FluxInstance flux is staged, disabled',
        evidence: [dryRun],
        checks: [{ name: 'flux get ks -A', ok: false, detail: 'apps/notes is not Ready | build failed' }],
      }),
    ],
    audit: [
      {
        at: minute(0.9),
        requestId: 'r1',
        message: 'decide',
        approver: 'anna',
        asked: 'approve start',
        reason: 'read it twice',
        verdict: 'accepted',
        why: 'the digest is the one shown',
      },
    ],
  },
};

const main: ClusterView = {
  ...edge,
  cluster: 'main',
  branch: 'main',
  path: 'kubernetes/main',
  run: 'not-started',
  answeredBy: null,
  status: null,
};

export function exampleFleet(changes: Partial<FleetView> = {}): FleetView {
  return {
    fleet: 'home',
    run: 'home-20261122-7f3a',
    state: 'running',
    startedAt: minute(0),
    endedAt: null,
    startedBy: 'anna',
    planDigest: exampleDigest,
    workflowId: 'handover/home',
    uiUrl: 'http://localhost:8233/namespaces/default/workflows/handover%2Fhome',
    failure: null,
    clusters: [structuredClone(edge), structuredClone(main)],
    ...changes,
  };
}

export const examplePlan: Plan = {
  apiVersion: 'flux-handover/plan-v1',
  digest: exampleDigest,
  repo: { url: 'https://git.example.org/home-ops.git', commit: 'c0ffee00c0ffee00' },
  clusters: [
    {
      name: 'edge',
      branch: 'edge',
      commit: 'c0ffee00c0ffee00',
      digest: exampleDigest,
      source: null,
      roots: [],
      legacy: {
        shape: 'self-managed',
        version: '2.9.2',
        namespace: 'flux-system',
        components: [
          'source-controller',
          'kustomize-controller',
          'helm-controller',
          'notification-controller',
        ],
        owner: {
          kind: 'Kustomization',
          name: 'flux',
          namespace: 'flux-system',
          file: 'kubernetes/edge/flux/config/flux.yaml',
          line: 20,
          prune: true,
        },
        ownerSource: null,
        bootstrapPath: 'kubernetes/edge/bootstrap/flux',
        patches: [],
        networkPolicies: false,
      },
      target: {
        namespace: 'flux-system',
        operatorKustomization: 'flux-operator',
        instanceKustomization: 'flux-instance',
        operatorHelmRelease: 'flux-operator',
        instanceHelmRelease: null,
        instanceName: 'flux',
        sync: null,
        components: [],
        distributionVersion: '2.9.2',
        parentKustomization: 'cluster-apps',
        charts: [],
        images: [],
      },
      decisions: [
        {
          id: 'sync-path',
          question: 'Where does the instance sync from?',
          answer: 'nowhere: spec.sync is left out',
          reason:
            'the source is called home-ops and the root Kustomization cluster: no sync.name fits both, and a second root would fight the first',
          alternatives: ['kubernetes/edge/flux/config as a new root'],
          where: [{ file: 'kubernetes/edge/flux/config/cluster.yaml', line: 4 }],
        },
        {
          id: 'sops',
          question: 'Does SOPS stay?',
          answer: 'yes, unchanged',
          reason: 'the root Kustomizations keep their decryption',
          alternatives: [],
          where: [],
        },
      ],
      wayBack: [
        {
          id: 'built-on-operator',
          outcome: 'asks',
          since: 'operator',
          what: 'ResourceSets that people make after the phase operator',
          why: 'Nobody would keep what they made',
          mend: 'Make none before the cluster has settled',
        },
        {
          id: 'history',
          outcome: 'lost',
          since: 'adopt',
          what: 'Events and times',
          why: 'They are records',
          mend: 'Nothing to do',
        },
      ],
      hazards: [
        {
          id: 'owner-suspended',
          severity: 'note',
          where: { file: 'kubernetes/edge/apps/default/kiosk/ks.yaml', line: 9 },
          what: 'Kustomization default/kiosk is suspended',
          why: 'it stays suspended; it is not judged',
          mend: 'nothing to do',
        },
      ],
      changes: [
        {
          phase: 'orphan',
          message: 'feat(flux): let go of the controllers',
          collects: [],
          files: [
            {
              path: 'kubernetes/edge/flux/config/flux.yaml',
              action: 'modify',
              before: 'prune: true\n',
              after: 'prune: false\n',
              diff: '--- a/kubernetes/edge/flux/config/flux.yaml\n+++ b/kubernetes/edge/flux/config/flux.yaml\n@@ -1,1 +1,1 @@\n-prune: true\n+prune: false\n',
            },
          ],
        },
        {
          phase: 'retire',
          message: 'feat(flux): retire the legacy install',
          collects: [
            {
              apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
              kind: 'Kustomization',
              namespace: 'flux-system',
              name: 'flux',
            },
          ],
          files: [
            {
              path: 'kubernetes/edge/flux/config/flux.yaml',
              action: 'delete',
              before: 'prune: false\n',
              after: null,
              diff: '@@ -1,1 +0,0 @@\n-prune: false\n',
            },
          ],
        },
      ],
    },
  ],
};
