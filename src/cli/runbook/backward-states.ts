/** Held on the way back. Findings are shown as the program words them. */
import { GitUnreachable } from '../../repo/errors.ts';
import {
  backwardChoices,
  forwardChoices,
  type HeldState,
  judgedChoices,
  kubectl,
  refused,
  retry,
} from './held-state.ts';

const disable = `${kubectl} -n default annotate resourceset tenants fluxcd.controlplane.io/reconcile=disabled --overwrite`;
const remove = `${kubectl} -n default delete resourceset tenants`;
const orphan = `${kubectl} -n flux-system patch kustomization flux --type merge -p '{"spec":{"suspend":true,"prune":false,"deletionPolicy":"Orphan"}}'`;
const away = new GitUnreachable('https://git.example/home-ops.git', 'Connection refused');
/** The operator's source does not leave. */
const stuck = refused(
  'not-ready',
  'waited in vain for OCIRepository flux-system/flux-operator to be gone',
  'the step did not become Ready within timeouts.ready',
  'look at the object named, mend what it says, then retry; or roll back',
);

export const backwardStates: HeldState[] = [
  {
    title: 'A step of the way back failed',
    means:
      'Everything before it in the list is undone, everything after it is not. No step is ever passed over by itself.',
    hold: {
      phase: 'operator',
      findings: [stuck],
      choices: backwardChoices,
    },
    back: true,
    commands: ['# once it is mended', retry],
    does: 'The hold also shows the commands that do this very step by hand; afterwards `flux-handover retry edge` finds it done by its commit trailers.',
  },
  {
    title: 'A step of the way back can not be done, or was done by hand',
    means:
      'You can live with what is left of it, or you have done it yourself. The judgement at the end still looks at everything.',
    hold: {
      phase: 'operator',
      findings: [stuck],
      choices: backwardChoices,
    },
    back: true,
    commands: ["flux-handover skip edge --reason 'the OCIRepository was removed by hand'"],
    does: '',
  },
  {
    title: 'People have built on Flux Operator',
    means:
      'The controllers are handed back already. Before instance and operator go, what would lose them is named.',
    hold: {
      phase: 'stage',
      findings: [
        refused(
          'built-on-operator',
          'ResourceSet default/tenants manages 12 objects',
          'without the operator nobody keeps them, and the ResourceSet can not be deleted any more: its finalizer never clears',
          `to keep what it made: take it out of Git, then ${disable} && ${remove}; then retry. Without the annotation its deletion deletes what it made`,
        ),
      ],
      choices: backwardChoices,
    },
    back: true,
    commands: ['# once it is out of Git; what it made stays', disable, remove, retry],
    does: '`skip` goes on and leaves them behind, with the CustomResourceDefinitions that they need.',
  },
  {
    title: 'The cluster is not as it was',
    means: 'All steps are undone, and the judgement against the baseline still finds something.',
    hold: {
      phase: 'orphan',
      findings: [
        refused(
          'verify',
          '"one controller set" does not hold: source-controller runs twice: flux-system/source-controller, default/source-controller',
          'what comes next relies on it',
          'mend what is named (flux-handover verify shows it in full), then retry: the phase is safe to repeat',
        ),
      ],
      choices: judgedChoices,
    },
    back: true,
    commands: ['# mend what is named, then', retry],
    does: 'This verdict can not be skipped: a cluster counts as rolled back only when it is. The one exception: objects that are lost and that Flux does not need, as in [Something that was there is gone](#something-that-was-there-is-gone).',
  },
  {
    title: 'What is there does not fit the run',
    means:
      'A run that has ended is to be undone, and somebody has moved the cluster since. Nothing is undone on a guess. Each finding has its mend; docs/without-temporal.md lists them.',
    hold: {
      phase: 'preflight',
      findings: [
        refused(
          'owner-enabled',
          'Kustomization flux-system/flux is on the cluster without suspend: true, and run home-20261122-7f3a has orphaned it',
          'somebody applied or resumed it by hand: beside Flux Operator it could overwrite the controllers, or collect them',
          `make it harmless: ${orphan}`,
        ),
      ],
      choices: judgedChoices,
    },
    back: true,
    commands: [
      '# everything that does not fit, and how it was found',
      'flux-handover status --direct edge',
      orphan,
      retry,
    ],
    does: '',
  },
  {
    title: 'Git does not answer',
    means:
      'The rest of the way back is commits. What is urgent is done: the FluxInstance is disabled, and its objects are handed back as far as that needs no Git. It is tried again for about ten minutes, then held.',
    hold: {
      phase: 'adopt',
      findings: [
        refused(
          'git-unreachable',
          away.what,
          'the rest of the way back is commits. What is urgent is done: the FluxInstance is disabled: Flux Operator changes nothing any more; 29 objects are handed back',
          `${away.mend}. It is tried again for about ten minutes; after that, retry once Git answers`,
        ),
      ],
      choices: backwardChoices,
    },
    back: true,
    commands: ['# once it answers', 'git ls-remote origin HEAD', retry],
    does: '',
  },
  {
    title: 'A person takes over',
    means:
      'On either way, in any hold: the run ends for this cluster, and nothing more is done. The Lease stays held where something was changed, so that no other run begins on a cluster between.',
    hold: {
      phase: 'soak',
      findings: [
        {
          id: 'paused',
          severity: 'note',
          what: 'anna lets the cluster stand still',
          why: 'what was going on was stopped at a safe place',
          mend: 'retry goes on from there',
        },
      ],
      choices: forwardChoices,
    },
    back: false,
    commands: ["flux-handover abandon edge --reason 'mended by hand'"],
    does: 'From there the way back is still open: `flux-handover rollback edge` begins a run of its own, and `flux-handover rollback --direct edge` needs no Temporal.',
  },
];
