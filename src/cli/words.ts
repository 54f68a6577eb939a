/** Every command's words, in the order in which a person needs them. No work is imported here. */
import type { CommandWords, OptionWords } from './command.ts';

const approver: OptionWords = ['--as <name>', 'who decides; default: your user name'];
const reason: OptionWords = ['--reason <text>', 'why; kept in the audit list and the report'];
const yes: OptionWords = ['-y, --yes', 'do not ask'];

export const commands: CommandWords[] = [
  {
    usage: 'doctor',
    group: 'Plan',
    summary: 'is everything in place?',
    description:
      'Looks at what the other commands need: programs and their versions, handover.yaml, kubeconfig contexts, Git and its credentials, ' +
      'Temporal with its search attributes, a worker on every queue, the evidence folder. Each line that fails says what mends it.',
    options: [['--fix', 'register the search attributes that are missing']],
    examples: ['flux-handover doctor', 'flux-handover doctor --fix'],
    load: () => import('./commands/doctor.ts'),
  },
  {
    usage: 'init [repository]',
    group: 'Plan',
    summary: 'read a repository and propose handover.yaml',
    description:
      'Reads the repository in this folder (or another folder, or a Git URL) on every branch that a cluster follows, finds the clusters with their folders, ' +
      'installs and versions, and writes handover.yaml with a comment for every choice: edge-like clusters first, production last. On a terminal you choose. ' +
      'Needs no cluster, no Temporal, and for a folder no network. Exits with 1 where no cluster is found or the file is there already.',
    options: [
      ['-o, --output <file>', 'the file to write; - for the screen; default: what --config names'],
      ['--force', 'overwrite the file'],
      ['-y, --yes', 'take the proposal without asking'],
    ],
    examples: [
      'flux-handover init',
      'flux-handover init ~/src/home-ops --output -',
      'flux-handover init https://github.com/someone/home-ops.git',
    ],
    load: () => import('./commands/init.ts'),
  },
  {
    usage: 'plan [cluster]',
    group: 'Plan',
    summary: 'decisions, hazards, and every Git change as a diff',
    description:
      'Reads handover.yaml and the repository and works out what would be done, cluster by cluster. Changes nothing; writes the plan to ' +
      '.handover/plan.json. With --explain it shows one decision or hazard instead: the facts with file and line, the rule and its source. ' +
      'Exits with 0 when nothing is refused (notes and warnings pass), with 1 when the plan refuses.',
    options: [
      ['--format <format>', 'terminal, or markdown for a pull request', 'terminal'],
      ['--explain <id>', 'explain one decision or hazard: its facts, the rule, where the rule comes from'],
      ['-o, --output <file>', 'where the plan is written', '.handover/plan.json'],
      ['--no-pager', 'do not page on a terminal'],
      ['--no-diff', 'leave the diffs out'],
    ],
    examples: [
      'flux-handover plan',
      'flux-handover plan edge --explain sync-path',
      'flux-handover plan edge --format markdown > plan.md',
    ],
    load: () => import('./commands/plan.ts'),
  },
  {
    usage: 'preflight [cluster]',
    group: 'Plan',
    summary: 'the plan against the live clusters, read-only',
    description:
      'Runs the preflight phase from this machine: identity, versions, health, inventory, guards, whether every chart and image can be pulled ' +
      'and Git can be pushed to (dry run). Changes nothing. Exits with 1 when anything refuses.',
    examples: ['flux-handover preflight edge'],
    load: () => import('./commands/preflight.ts'),
  },
  {
    usage: 'start',
    group: 'Run',
    summary: 'start the handover of the fleet',
    description:
      'Plans, shows the summary, asks, starts the durable workflow and prints its address in the Temporal UI. Then follows it until the first gate or ' +
      'hold. Exits with 1 when the plan refuses or a cluster is held.',
    options: [
      yes,
      ['--detach', 'do not follow'],
      ['--take-over', 'take the Lease that an ended run kept, where it left nothing to undo'],
      ['--run <name>', 'name of the run; default: the fleet, the day and four random characters'],
      ['--as <name>', 'who starts; default: your user name'],
    ],
    examples: ['flux-handover start', 'flux-handover start --yes --detach --json'],
    load: () => import('./commands/start.ts'),
  },
  {
    usage: 'status [cluster]',
    group: 'Look',
    summary: 'where each cluster stands, what waits for whom, what comes next',
    description:
      'Shows every cluster with its phases, the gate that waits and what is to be approved, progress and the last failure of what runs, and until when a ' +
      'soak lasts. Works without a worker, then from what the workflow last noted. Exits with 1 when a cluster is held.',
    options: [
      [
        '--direct',
        'from Git and the clusters alone: where each stands, by what, and what a rollback would undo',
      ],
      ['-w, --watch', 'keep showing it until the run ends'],
      ['--until <moment>', 'with --watch, end at: end, or attention (a gate, a hold, or the end)', 'end'],
    ],
    examples: [
      'flux-handover status',
      'flux-handover status --watch',
      'flux-handover status --direct',
      'flux-handover status edge --json',
    ],
    load: () => import('./commands/status.ts'),
  },
  {
    usage: 'approve <cluster> <gate>',
    group: 'Decide',
    summary: 'open a gate: start, cutover or retire',
    description:
      'Shows what is to be approved, asks, and sends your word, bound to the digest that was shown; then waits until it was accepted or refused. ' +
      'Without a terminal, give the digest (or --yes for whatever is shown now). Exits with 1 when refused.',
    options: [
      ['--digest <digest>', 'what you approve, as `status` shows it; its first 12 characters are enough'],
      reason,
      approver,
      yes,
    ],
    examples: [
      'flux-handover approve edge cutover',
      "flux-handover approve edge cutover --digest sha256:3f9a51c07e2b --as anna --reason 'dry run read'",
    ],
    load: () => import('./commands/approve.ts'),
  },
  {
    usage: 'reject <cluster> <gate>',
    group: 'Decide',
    summary: 'say no at a gate',
    description:
      'The same as approve, with a no. At gate start nothing was begun and the cluster stays as it is; later the cluster is held, and retry or rollback leads on.',
    options: [['--digest <digest>', 'what you reject, as `status` shows it'], reason, approver, yes],
    examples: ["flux-handover reject edge cutover --reason 'the dry run drops a memory limit'"],
    load: () => import('./commands/reject.ts'),
  },
  {
    usage: 'soak skip <cluster>',
    group: 'Decide',
    summary: 'end the soak now',
    description:
      'Ends the soak (or the settling) of a cluster before its time, on your word. The checks that follow it still run.',
    options: [reason, approver, yes],
    examples: ["flux-handover soak skip edge --reason 'edge is a test cluster'"],
    load: () => import('./commands/soak-skip.ts'),
  },
  {
    usage: 'pause <cluster>',
    group: 'Decide',
    summary: 'stop where it is, and wait',
    description:
      'For a cluster that goes forward: stops what goes on at a safe place, a wait or a soak included, and holds the cluster. Then retry goes on from there, ' +
      'and rollback takes the way back. No further cluster is begun meanwhile.',
    options: [reason, approver, yes],
    examples: ["flux-handover pause edge --reason 'the store is closing its books'"],
    load: () => import('./commands/pause.ts'),
  },
  {
    usage: 'retry <cluster>',
    group: 'Decide',
    summary: 'try the held phase again',
    description: 'For a cluster that is held: does the phase again once you have mended what `status` names.',
    options: [reason, approver, yes],
    examples: ['flux-handover retry edge'],
    load: () => import('./commands/retry.ts'),
  },
  {
    usage: 'rollback [cluster]',
    group: 'Decide',
    summary: 'take the way back, now, from wherever it stands',
    description:
      'Stops what goes on and undoes the phases in reverse order, by forward commits, until the legacy install is healthy again: at a gate, in a window, ' +
      'in a soak, in the middle of a step, or held. Without a cluster: every cluster of the run that was begun, the last one first, one after the other, and ' +
      'no further one is begun. With a cluster: only that one; the others stay where they are. A cluster or a run that has ended is brought back as well.',
    options: [
      [
        '--direct',
        'without Temporal: from Git and the cluster alone, in this process; run again, it goes on where it stopped',
      ],
      ['--take-over', 'with --direct: also while somebody seems to drive the cluster; that one then holds'],
      ['--leave-behind', 'with --direct: go on although people have built on Flux Operator; it stays behind'],
      reason,
      approver,
      yes,
    ],
    examples: [
      'flux-handover rollback --direct edge',
      "flux-handover rollback edge --reason 'alerts after the adoption'",
      "flux-handover rollback --yes --reason 'not tonight'",
    ],
    load: () => import('./commands/rollback.ts'),
  },
  {
    usage: 'skip <cluster>',
    group: 'Decide',
    summary: 'go on without what is held, where the hold offers it',
    description:
      'On the way back it passes over the step that failed (you did it by hand, or can live with what is left), or over what was built on Flux Operator; the ' +
      'judgement at the end still looks at everything. Forward and back it passes over objects that are lost, where nothing else was found and Flux does not need ' +
      'them: they are not judged any more. Needs a reason, which is kept in the audit list.',
    options: [reason, approver, yes],
    examples: [
      "flux-handover skip edge --reason 'removed the HelmRelease by hand'",
      "flux-handover skip edge --reason 'plex and its volume were taken away on purpose'",
    ],
    load: () => import('./commands/skip.ts'),
  },
  {
    usage: 'abandon <cluster>',
    group: 'Decide',
    summary: 'leave a held cluster as it is, to a person',
    description:
      'For a cluster that is held: the run ends for it and nothing more is done, forward or back. A person has taken over.',
    options: [reason, approver, yes],
    examples: ["flux-handover abandon edge --reason 'mended by hand'"],
    load: () => import('./commands/abandon.ts'),
  },
  {
    usage: 'verify [cluster]',
    group: 'Look',
    summary: 'the checklist, judged, now',
    description:
      'Runs the verification checklist and the invariants against the live cluster, read-only, and judges them. With --last, shows what the run saw ' +
      'last instead. Exits with 1 when a check fails.',
    options: [['--last', 'show the last verdict of the run; needs no access to the cluster']],
    examples: ['flux-handover verify edge', 'flux-handover verify --last'],
    load: () => import('./commands/verify.ts'),
  },
  {
    usage: 'report',
    group: 'Look',
    summary: 'the record of the run, as Markdown',
    description:
      'Decisions, approvals, phases with their times and commits, checklist verdicts, evidence with digests and places.',
    options: [['-o, --output <file>', 'write to a file instead of stdout']],
    examples: ['flux-handover report -o handover-report.md', 'flux-handover report --json'],
    load: () => import('./commands/report.ts'),
  },
  {
    usage: 'worker',
    group: 'Serve',
    summary: 'run the worker',
    description:
      "Runs the fleet's workflows and the activities of the clusters whose kubeconfig this machine holds. Ctrl-C stops it after what runs has ended or " +
      'reached a safe place; the run waits for the next worker.',
    options: [
      ['--clusters <names>', 'serve only these clusters, separated by commas; default: all of handover.yaml'],
    ],
    examples: ['flux-handover worker', 'flux-handover worker --clusters edge'],
    load: () => import('./commands/worker.ts'),
  },
  {
    usage: 'dev',
    group: 'Serve',
    summary: 'a Temporal dev server with its UI, and the worker, in one',
    description:
      'Starts the Temporal dev server (state in .handover/temporal.db, so that a restart goes on) and a worker beside it. Ctrl-C stops both. Needs the ' +
      '`temporal` program.',
    options: [
      ['--clusters <names>', 'serve only these clusters, separated by commas; default: all of handover.yaml'],
      ['--port <port>', 'port of the server', '7233'],
      ['--ui-port <port>', 'port of the UI', '8233'],
      ['--temporal <program>', 'the temporal program', 'temporal'],
    ],
    examples: ['flux-handover dev', 'flux-handover dev --port 7300 --ui-port 8300'],
    load: () => import('./commands/dev.ts'),
  },
];

/** Where the handover file is looked for. */
export const usualConfig = 'handover.yaml';

/** Options that every command has. */
export const everywhere: OptionWords[] = [
  ['-c, --config <file>', 'the handover file', usualConfig],
  ['--json', 'print JSON for programs'],
];
