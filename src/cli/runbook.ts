/** docs/runbook.md as text: each held state as `status` shows it, what a person does, and the commands by hand from their table. */
import { byHand, type HandWork } from '../plan/by-hand.ts';
import { phasesOf } from '../plan/phases.ts';
import type { LegacyShape } from '../plan/types.ts';
import { exampleFleet, minute } from '../report/example.ts';
import { fence } from '../report/markdown.ts';
import type { Hold } from '../workflows/contract.ts';
import { renderHold } from './render/question.ts';
import { backwardStates } from './runbook/backward-states.ts';
import { breachState } from './runbook/breach-state.ts';
import { forwardStates } from './runbook/forward-states.ts';
import { exampleRun, type HeldState } from './runbook/held-state.ts';
import { plainPaint } from './terminal.ts';

const work: Omit<HandWork, 'shape' | 'owner'> = {
  cluster: 'edge',
  context: 'edge',
  namespace: 'flux-system',
  branch: 'edge',
  run: exampleRun,
  target: {
    operatorKustomization: 'flux-operator',
    instanceKustomization: 'flux-instance',
    operatorHelmRelease: 'flux-operator',
    instanceHelmRelease: null,
  },
  commits: {
    orphan: '1a2b3c4d',
    operator: '2b3c4d5e',
    stage: '3c4d5e6f',
    adopt: '4d5e6f70',
    retire: '5e6f7081',
  },
};
const kustomization = { kind: 'Kustomization', namespace: 'flux-system' } as const;
const owners: Partial<Record<LegacyShape, HandWork['owner']>> = {
  'self-managed': { ...kustomization, name: 'flux', file: 'kubernetes/edge/flux/config/flux.yaml' },
  'flux-bootstrap': {
    ...kustomization,
    name: 'flux-system',
    file: 'clusters/edge/flux-system/gotk-sync.yaml',
  },
  helm: {
    kind: 'HelmRelease',
    namespace: 'flux-system',
    name: 'flux2',
    file: 'kubernetes/edge/apps/flux-system/flux2/app/helmrelease.yaml',
  },
};
const shapes = ['self-managed', 'bootstrap-only', 'flux-bootstrap', 'helm'] as const;

/** As `status` shows it, without colour, at 100 columns. */
function shown({ hold, back }: HeldState): string {
  const [edge] = exampleFleet().clusters;
  if (!edge?.status) throw new TypeError('the example has no cluster');
  const full: Hold = { since: minute(8), byHand: [], ...hold };
  const way = { since: minute(7), by: 'anna', reason: '', findings: [], left: [hold.phase] };
  const view = { ...edge, status: { ...edge.status, gate: null, hold: full, back: back ? way : null } };
  return renderHold(view, { paint: plainPaint(), columns: 100 });
}

function section(state: HeldState): string {
  const { title, means, commands, does } = state;
  const typed = commands.length > 0 ? fence('sh', commands.join('\n')) : '';
  const parts = [`### ${title}`, means, fence('text', shown(state)), typed, does];
  return parts.filter(Boolean).join('\n\n');
}

function handSection(shape: (typeof shapes)[number]): string {
  const phases = (phasesOf(shape) ?? []).toReversed();
  const parts = phases.flatMap(({ name, compensation }) => {
    if (!compensation) return [];
    const lines = byHand(compensation, { ...work, shape, owner: owners[shape] ?? null });
    return [`**${name}** (\`${compensation}\`)`, fence('sh', lines.join('\n'))];
  });
  return [`### By hand: ${shape}`, ...parts].join('\n\n');
}

export function runbook(): string {
  return `${[
    '# Runbook',
    'What a person sees when a cluster is held, and does. Written by `npm run reference` from the words that the program uses; the names are those of an example. Every command here is run by a test in the lab, as it stands.',
    '### Any hold',
    'A hold waits for as long as it takes: nothing moves on this cluster, and no other is begun.',
    fence('sh', ['flux-handover status edge', '# for programs', 'flux-handover status --json'].join('\n')),
    'Answers can also be sent from the Temporal UI, as signal `resolve` with `{"requestId": "…", "action": "retry", "approver": "…"}`. `flux-handover rollback edge` counts at any moment, held or not.',
    '## On the way forward',
    ...[...forwardStates, breachState].map(section),
    '## On the way back',
    ...backwardStates.map(section),
    '## The way back by hand',
    'The same commands stand in the hold of a failed compensation, with the names of your cluster. In this order, and each only after the one before it: what comes later in the list relies on what came earlier. They need `kubectl`, `flux`, `jq`, `perl` and a clone of the repository. Never revert the commits of the handover all at once, and never delete a FluxInstance that is not disabled: both uninstall Flux.',
    ...shapes.map(handSection),
    '### By hand: at the end',
    'Finds every commit undone, compares the cluster with the baseline of the run, and gives the Lease free.',
    fence('sh', 'flux-handover rollback --direct edge'),
  ].join('\n\n')}\n`;
}
