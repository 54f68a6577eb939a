/** The held states of the runbook: what is seen, what it means, what a person does. Findings are shown as the program words them. */
import type { Hold } from '../workflows/contract.ts';

export interface HeldState {
  title: string;
  means: string;
  hold: Omit<Hold, 'since' | 'byHand'>;
  /** Held on the way back. */
  back: boolean;
  does: string;
}

const forward = ['flux-handover retry edge', 'flux-handover rollback edge', 'flux-handover abandon edge'];
const backward = [
  'flux-handover retry edge',
  "flux-handover skip edge --reason '…'",
  'flux-handover abandon edge',
];

export const heldStates: HeldState[] = [
  {
    title: 'A step did not become Ready',
    means: 'A phase acted and failed after its retries. What it had done stays; doing it again is safe.',
    hold: {
      phase: 'operator',
      findings: [
        {
          id: 'not-ready',
          severity: 'refuse',
          what: 'waited in vain for HelmRelease flux-system/flux-operator: image can not be pulled',
          why: 'the step did not become Ready within timeouts.ready',
          mend: 'look at the object named, mend what it says, then retry; or roll back',
        },
      ],
      choices: forward,
    },
    back: false,
    does: 'Mend the object that is named, then `retry`. If it can not be mended tonight, `rollback`. With `onFailure: rollback` in handover.yaml the cluster goes back by itself instead, unless nothing may be written (another cluster behind the context, another run with the Lease, missing permissions); then the hold says so.',
  },
  {
    title: 'The checklist after a phase does not hold',
    means: 'The phase is done, and something that was Ready before is not.',
    hold: {
      phase: 'adopt',
      findings: [
        {
          id: 'verify',
          severity: 'refuse',
          what: 'flux get ks -A',
          why: 'Kustomization flux-system/cluster-apps is not Ready: build failed',
          mend: 'mend what the check names, then retry: the phase is safe to repeat',
        },
      ],
      choices: forward,
    },
    back: false,
    does: '`flux-handover verify edge` shows the whole checklist. Mend what is named and `retry`, or `rollback`.',
  },
  {
    title: 'The plan is not what was approved any more',
    means: 'Somebody pushed to the branch, and the plan made there now has another digest.',
    hold: {
      phase: 'stage',
      findings: [
        {
          id: 'plan-changed',
          severity: 'refuse',
          what: 'on branch edge these files differ from the approved plan: kubernetes/edge/flux/config/flux.yaml',
          why: 'what would be done is not what was shown and approved',
          mend: 'look at what changed (git log origin/edge), then run flux-handover plan and start with the new plan, or revert the change and retry',
        },
      ],
      choices: forward,
    },
    back: false,
    does: 'Revert the change on the branch and `retry`; or `rollback` and start again with the new plan. The way back does not need the plan to hold: it restores what its own commits changed, and keeps what others wrote elsewhere.',
  },
  {
    title: 'A gate was rejected',
    means: 'A person said no at `cutover` or `retire`. Nothing of that phase has begun.',
    hold: {
      phase: 'adopt',
      findings: [
        {
          id: 'gate-rejected',
          severity: 'refuse',
          what: 'gate cutover was rejected by anna: a memory limit would change',
          why: 'a person does not want this step now',
          mend: 'retry asks at the gate again; rollback takes the way back',
        },
      ],
      choices: ['flux-handover retry edge', 'flux-handover rollback edge'],
    },
    back: false,
    does: '`retry` asks again, with what is there by then. `rollback` undoes what was begun.',
  },
  {
    title: 'The cluster stands still because another one goes back',
    means:
      'Never do two clusters move: while one that was handed over is brought back, the one under way is stopped.',
    hold: {
      phase: 'adopt',
      findings: [
        {
          id: 'paused',
          severity: 'note',
          what: 'anna lets the cluster stand still: main goes back',
          why: 'what was going on was stopped at a safe place',
          mend: 'retry goes on from there',
        },
      ],
      choices: forward,
    },
    back: false,
    does: 'Wait until the other cluster is rolled back (`flux-handover status`), then `retry`; or `rollback` this one, too.',
  },
  {
    title: 'A step of the way back failed',
    means:
      'Everything before it in the list is undone, everything after it is not. No step is ever passed over by itself.',
    hold: {
      phase: 'operator',
      findings: [
        {
          id: 'not-ready',
          severity: 'refuse',
          what: 'waited in vain for HelmRelease flux-system/flux-operator to be gone',
          why: 'the step did not become Ready within timeouts.ready',
          mend: 'look at the object named, mend what it says, then retry; or roll back',
        },
      ],
      choices: backward,
    },
    back: true,
    does: '`retry` once it is mended. The hold also shows the commands that do this very step by hand; afterwards `retry` finds it done by its commit trailers, or `skip` passes over it with a reason. `abandon` ends the run here and keeps the Lease, so that no other run begins on a cluster between.',
  },
  {
    title: 'People have built on Flux Operator',
    means:
      'The controllers are handed back already. Before instance and operator go, what would lose them is named.',
    hold: {
      phase: 'stage',
      findings: [
        {
          id: 'built-on-operator',
          severity: 'refuse',
          what: 'ResourceSet apps/tenants manages 12 objects',
          why: 'without the operator nobody keeps them, and the ResourceSet can not be deleted any more: its finalizer never clears',
          mend: 'to keep what it made: take it out of Git, then kubectl --context edge -n apps annotate resourceset tenants fluxcd.controlplane.io/reconcile=disabled --overwrite && kubectl --context edge -n apps delete resourceset tenants; then retry. Without the annotation its deletion deletes what it made',
        },
      ],
      choices: backward,
    },
    back: true,
    does: 'Take the objects away as the mend says and `retry`: it looks again. `skip` goes on and leaves them behind, with the CustomResourceDefinitions that they need.',
  },
  {
    title: 'The cluster is not as it was',
    means: 'All steps are undone, and the judgement against the baseline still finds something.',
    hold: {
      phase: 'orphan',
      findings: [
        {
          id: 'verify',
          severity: 'refuse',
          what: 'ownership',
          why: '3 of 29 objects still have the field manager flux-operator',
          mend: 'mend what the check names, then retry: the phase is safe to repeat',
        },
      ],
      choices: ['flux-handover retry edge', 'flux-handover abandon edge'],
    },
    back: true,
    does: 'Mend what is named and `retry`. This verdict can not be skipped: a cluster counts as rolled back only when it is.',
  },
];
