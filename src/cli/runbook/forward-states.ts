/** Held on the way forward. Findings are shown as the program words them. */
import { explain } from '../../activities/failure.ts';
import { breaches } from '../../activities/watch/breaches.ts';
import { markdownTable } from '../../report/markdown.ts';
import { ClusterError } from '../../cluster/errors.ts';
import { LeaseNotOurs } from '../../cluster/lease.ts';
import { exampleRun, forwardChoices, type HeldState, kubectl, refused, retry } from './held-state.ts';

const example = { cluster: 'edge', context: 'edge', namespace: 'flux-system' };
const lease = {
  identity: 'home-20261123-11c0',
  run: 'home-20261123-11c0',
  direct: false,
  about: { fleet: 'home', cluster: 'edge', temporal: 'laptop:7233' },
  renewedAt: '2026-11-22T20:07:41Z',
  lasts: 60_000,
};

export const forwardStates: HeldState[] = [
  {
    title: 'A step did not become Ready',
    means: 'A phase acted and failed after its retries. What it had done stays; doing it again is safe.',
    hold: {
      phase: 'operator',
      findings: [
        refused(
          'not-ready',
          'waited in vain for Kustomization flux-system/flux-operator to appear',
          'the step did not become Ready within timeouts.ready',
          'look at the object named, mend what it says, then retry; or roll back',
        ),
      ],
      choices: forwardChoices,
    },
    back: false,
    commands: [
      '# what is not Ready; mend it, and what is suspended above it',
      'flux --context edge get all -A --status-selector ready=false',
      retry,
    ],
    does: 'If it can not be mended tonight: `flux-handover rollback edge`. With `onFailure: rollback` in handover.yaml the cluster goes back by itself instead, unless nothing may be written (another cluster behind the context, another run with the Lease, missing permissions); then the hold says so.',
  },
  {
    title: 'The checklist after a phase does not hold',
    means: 'The phase is done, and something that was Ready before is not.',
    hold: {
      phase: 'adopt',
      findings: [
        refused(
          'verify',
          '"ready at the current revision" does not hold: Kustomization flux-system/cluster-apps is not Ready: build failed',
          'what comes next relies on it',
          'mend what is named (flux-handover verify shows it in full), then retry: the phase is safe to repeat',
        ),
      ],
      choices: forwardChoices,
    },
    back: false,
    commands: [
      '# the whole checklist, judged now; it must hold once you have mended what is named',
      'flux-handover verify edge',
      retry,
    ],
    does: '',
  },
  {
    title: 'The plan is not what was approved any more',
    means: 'Somebody pushed to the branch, and the plan made there now has another digest.',
    hold: {
      phase: 'adopt',
      findings: [
        refused(
          'plan-changed',
          'on branch edge these files differ from the approved plan: kubernetes/edge/flux/config/flux.yaml',
          'what would be done is not what was shown and approved',
          'look at what changed (git log origin/edge), then run flux-handover plan and start with the new plan, or revert the change and retry',
        ),
      ],
      choices: forwardChoices,
    },
    back: false,
    commands: [
      '# what came in; revert it, and push',
      'git fetch origin && git log -3 --oneline origin/edge',
      retry,
    ],
    does: 'Or roll back, and start again with the new plan. The way back does not need the plan to hold: it restores what its own commits changed, and keeps what others wrote elsewhere.',
  },
  {
    title: 'A gate was rejected',
    means: 'A person said no at `cutover` or `retire`. Nothing of that phase has begun.',
    hold: {
      phase: 'adopt',
      findings: [
        refused(
          'gate-rejected',
          'gate cutover was rejected by anna: a memory limit would change',
          'a person does not want this step now',
          'retry asks at the gate again; rollback takes the way back',
        ),
      ],
      choices: forwardChoices.slice(0, 2),
    },
    back: false,
    commands: ['# asks again, with what is there by then', retry],
    does: '',
  },
  {
    title: 'The cluster stands still',
    means:
      'A person paused it (`flux-handover pause edge`), or another cluster goes back: never do two clusters move at once.',
    hold: {
      phase: 'soak',
      findings: [
        {
          id: 'paused',
          severity: 'note',
          what: 'anna lets the cluster stand still: main goes back',
          why: 'what was going on was stopped at a safe place',
          mend: 'retry goes on from there',
        },
      ],
      choices: forwardChoices,
    },
    back: false,
    commands: ['# once the other cluster is rolled back', 'flux-handover status', retry],
    does: 'A soak that stood still goes on for the time that was left of it.',
  },
  {
    title: 'The watch saw something that could do harm',
    means:
      'Somebody, or something, did what the run did not: from the outside, while it went on or waited. What could do harm was stopped within seconds, before you were asked; it stays stopped until you answer.',
    hold: {
      phase: 'soak',
      findings: [
        refused(
          'owner-resumed',
          'Kustomization flux-system/flux lacks suspend: true. First aid, 0.2 s after it was seen: suspended Kustomization flux-system/flux',
          breaches['owner-resumed'].why,
          breaches['owner-resumed'].mend,
        ),
      ],
      choices: forwardChoices,
    },
    back: false,
    commands: [
      '# who changed it',
      `${kubectl} -n flux-system get kustomization flux -o yaml --show-managed-fields`,
      '# once it is as it was, in Git, too: first aid is lifted, and the run goes on',
      retry,
    ],
    does: `With \`onBreach: rollback\` in handover.yaml the cluster goes back by itself instead, where that would do no harm. These are the breaches:\n\n${markdownTable(
      ['breach', 'why it is one', 'what to do'],
      Object.entries(breaches).map(([id, { why, mend }]) => [`\`${id}\``, why, mend]),
    )}`,
  },
  {
    title: 'Something that was there is gone',
    means:
      'An object of the baseline was deleted, or made anew, and not by Git: what a commit takes out of a Kustomization or a HelmRelease, and all that went with it, is told apart and never asked about.',
    hold: {
      phase: 'soak',
      findings: [
        {
          ...refused(
            'object-gone',
            'Bucket default/by-hand is gone (for 15 s)',
            breaches['object-gone'].why,
            breaches['object-gone'].mend,
          ),
          passable: ['Bucket.source.toolkit.fluxcd.io/default/by-hand'],
        },
      ],
      choices: [...forwardChoices, "flux-handover skip edge --reason '…'"],
    },
    back: false,
    commands: [
      '# if it was meant to go: its loss is not judged any more, and the record says why',
      "flux-handover skip edge --reason 'the Bucket was taken away on purpose'",
    ],
    does: 'If it was not, bring it back and `retry`. `skip` is offered only where nothing else was found and Flux does not need what is lost (its definitions, its namespace, what runs there), forward and in the judgement at the end of a way back alike.',
  },
  {
    title: 'Another cluster is behind the context',
    means:
      'The cluster is not the one that the plan was made for: the context was pointed elsewhere, or the cluster was raised anew. Nothing was written there.',
    hold: {
      phase: 'retire',
      findings: [
        refused(
          'wrong-cluster',
          'behind context edge (https://10.0.0.12:6443) is the cluster with kube-system UID 5b1e…, but edge has UID 90aa…',
          'the steps of one cluster on another would take its Flux apart',
          'make context edge point at edge (kubectl config get-contexts), then retry',
        ),
      ],
      choices: forwardChoices,
    },
    back: false,
    commands: [
      '# where the context points; mend the kubeconfig of the worker, then look again',
      'kubectl config get-contexts edge',
      `${kubectl} get namespace kube-system -o jsonpath='{.metadata.uid}'`,
      retry,
    ],
    does: 'A cluster that was raised anew has no way back to what it never was: abandon the run.',
  },
  {
    title: 'Another run holds the Lease',
    means:
      'Somebody else drives this cluster, took it over with `--take-over`, or deleted the Lease. Until this run holds it again it writes nothing more, and does not watch the cluster; the hold comes as soon as the watch sees it, at a gate or in a soak, too.',
    hold: {
      phase: 'retire',
      findings: [explain(new LeaseNotOurs(lease, exampleRun), example).finding],
      choices: forwardChoices,
    },
    back: false,
    commands: [
      '# who it is, since when, and what it left',
      `${kubectl} -n flux-system get lease flux-handover -o yaml`,
      'flux-handover status --direct edge',
      '# only once that one drives no more: give the Lease back to this run',
      `${kubectl} -n flux-system patch lease flux-handover --type merge -p '{"spec":{"holderIdentity":"${exampleRun}"}}'`,
      retry,
    ],
    does: 'If the other one is the right one, abandon this run instead. `retry` takes the Lease from nobody, also where it is gone: it may be gone because another one went back with the cluster and gave it free. `flux-handover status --direct edge` tells; if nothing of that kind was done, the hold names the command that gives the Lease back to this run, then retry.',
  },
  {
    title: 'Permissions are missing',
    means:
      'The API server refused what a step needs. It never goes back by itself then: the way back needs the same permissions.',
    hold: {
      phase: 'retire',
      findings: [
        explain(
          new ClusterError(
            'forbidden',
            'leases.coordination.k8s.io "flux-handover" is forbidden: User "nobody" cannot get resource "leases"',
          ),
          example,
        ).finding,
      ],
      choices: forwardChoices,
    },
    back: false,
    commands: [
      '# must say yes for the user of the worker',
      `${kubectl} auth can-i '*' '*' --all-namespaces`,
      retry,
    ],
    does: '',
  },
];
