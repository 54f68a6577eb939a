/** docs/runbook.md as text: each held state as `status` shows it, what a person does, and the commands by hand from their table. */
import { byHand, type HandWork } from '../plan/by-hand.ts';
import { phasesOf } from '../plan/phases.ts';
import { fence } from '../report/markdown.ts';
import { exampleFleet, minute } from '../report/example.ts';
import type { LegacyShape } from '../plan/types.ts';
import type { Hold } from '../workflows/contract.ts';
import { renderHold } from './render/question.ts';
import { heldStates, type HeldState } from './runbook-states.ts';
import { plainPaint } from './terminal.ts';

const work: Omit<HandWork, 'shape' | 'owner'> = {
  cluster: 'edge',
  context: 'edge',
  namespace: 'flux-system',
  branch: 'edge',
  run: 'home-20261122-7f3a',
  target: {
    operatorKustomization: 'flux-operator',
    instanceKustomization: 'flux-instance',
    operatorHelmRelease: 'flux-operator',
    instanceHelmRelease: null,
  },
  bootstrapPath: 'kubernetes/edge/bootstrap/flux',
  commits: {
    orphan: '1a2b3c4d',
    operator: '2b3c4d5e',
    stage: '3c4d5e6f',
    adopt: '4d5e6f70',
    retire: '5e6f7081',
  },
};
const owners: Partial<Record<LegacyShape, HandWork['owner']>> = {
  'self-managed': {
    kind: 'Kustomization',
    namespace: 'flux-system',
    name: 'flux',
    file: 'kubernetes/edge/flux/config/flux.yaml',
  },
};

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
  return [`### ${state.title}`, state.means, fence('text', shown(state)), state.does].join('\n\n');
}

function handSection(shape: 'self-managed' | 'bootstrap-only'): string {
  const phases = (phasesOf(shape) ?? []).toReversed();
  const parts = phases.flatMap(({ name, compensation }) => {
    if (!compensation) return [];
    const lines = byHand(compensation, { ...work, shape, owner: owners[shape] ?? null });
    return [`**${name}** (\`${compensation}\`)`, fence('sh', lines.join('\n'))];
  });
  return [`### ${shape}`, ...parts].join('\n\n');
}

export function runbook(): string {
  return `${[
    '# Runbook',
    'What a person sees when a cluster is held, and does. Written by `npm run reference` from the words that the program uses; the names are those of an example.',
    'A hold waits for as long as it takes: nothing moves on this cluster, and no other is begun. `flux-handover status edge` shows it; `flux-handover status --json` gives it to programs. Answers can also be sent from the Temporal UI, as signal `resolve` with `{"requestId": "…", "action": "retry", "approver": "…"}`.',
    '## On the way forward',
    ...heldStates.filter(({ back }) => !back).map(section),
    '## On the way back',
    ...heldStates.filter(({ back }) => back).map(section),
    '## The way back by hand',
    'The same commands stand in the hold of a failed compensation, with the names of your cluster. In this order, and each only after the one before it: what comes later in the list relies on what came earlier. They need `kubectl`, `flux`, `jq` and a clone of the repository. Never `git revert` the handover as a whole, and never delete a FluxInstance that is not disabled: both uninstall Flux.',
    handSection('self-managed'),
    handSection('bootstrap-only'),
  ].join('\n\n')}\n`;
}
