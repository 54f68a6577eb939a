/** `rollback`: takes the way back, of one cluster or of every cluster that was begun, from wherever they stand. */
import { randomUUID } from 'node:crypto';
import { withRunLink, type RunLink } from '../../client/run-link.ts';
import type { ClusterView, FleetView } from '../../report/view.ts';
import type { Call, Run } from '../command.ts';
import { clusterNamed, readConfig } from '../config-file.ts';
import type { DirectOptions } from '../direct/rollback.ts';
import { exitCode, refuse, type ExitCode } from '../outcome.ts';
import { agrees, personName } from '../person.ts';
import { symbols } from '../render/words.ts';
import type { ResolveOptions } from '../resolve.ts';
import { sayFleetVerdict, sayVerdict } from '../verdict.ts';

/** Where the word has to go. */
export type Recipient =
  /** The cluster's own workflow: it is under way. */
  | { to: 'cluster'; cluster: string }
  /** The fleet's workflow, which brings back what was handed over; null: the whole fleet. */
  | { to: 'fleet'; clusters: string[] | null }
  /** Nothing runs any more: a run of its own brings these back. */
  | { to: 'new-run'; clusters: string[] };

/** @param name null for the whole fleet. Refuses where there is nothing to bring back. */
export function recipientOf(view: FleetView, name: string | null): Recipient {
  if (name === null) {
    if (view.state === 'running') return { to: 'fleet', clusters: null };
    const clusters = view.clusters.filter(canGoBack).map(({ cluster }) => cluster);
    if (clusters.length > 0) return { to: 'new-run', clusters };
    return refuse({
      what: `no cluster of fleet ${view.fleet} is to be brought back`,
      why: 'each is on its legacy install, or was never begun',
      mend: 'flux-handover status',
    });
  }
  const cluster = view.clusters.find((each) => each.cluster === name);
  if (cluster?.run === 'running') {
    if (cluster.status?.back)
      return refuse({
        what: `${name} is on its way back already`,
        mend: `flux-handover status ${name}`,
      });
    return { to: 'cluster', cluster: name };
  }
  if (!cluster || !canGoBack(cluster))
    return refuse({
      what: `there is nothing to bring back on ${name}: ${standOf(cluster)}`,
      mend: `flux-handover status ${name}`,
    });
  return view.state === 'running' ? { to: 'fleet', clusters: [name] } : { to: 'new-run', clusters: [name] };
}

/** It was begun, has ended, and did not end on its legacy install. */
function canGoBack({ run, status, outcome }: ClusterView): boolean {
  if (run === 'running') return false;
  if (status?.state === 'rolled-back' || outcome === 'legacy' || outcome === 'rejected') return false;
  return status !== null || outcome !== null;
}

function standOf(cluster: ClusterView | undefined): string {
  if (!cluster || (cluster.status === null && cluster.outcome === null)) return 'it was not begun';
  return cluster.outcome === 'rejected'
    ? 'it was rejected before anything was begun'
    : 'it is on its legacy install';
}

function question(recipient: Recipient, view: FleetView): string {
  if (recipient.to === 'cluster')
    return `Stop ${recipient.cluster} and take the way back, until the legacy install is healthy again?`;
  if (recipient.clusters === null) {
    const begun = view.clusters.filter(({ status }) => status !== null).map(({ cluster }) => cluster);
    return `Stop fleet ${view.fleet} and take the way back${begun.length > 0 ? ` on ${begun.toReversed().join(', then ')}` : ''}?`;
  }
  return `Bring ${recipient.clusters.toReversed().join(', then ')} back to the legacy install?`;
}

export const run: Run<ResolveOptions & DirectOptions> = async (call) => {
  if (call.options.direct === true) return (await import('../direct/rollback.ts')).directRollback(call);
  const { terminal, words, options } = call;
  const { config } = await readConfig(options.config);
  const name = words[0] === undefined ? null : clusterNamed(config, words[0]).name;
  return withRunLink(config, async (link) => {
    const view = await link.look();
    const recipient = recipientOf(view, name);
    if (!(await agrees(terminal, question(recipient, view), { yes: options.yes, mend: 'add --yes' }))) {
      terminal.remark('nothing was sent');
      return exitCode.finding;
    }
    return send(call, link, view, recipient);
  });
};

async function send(
  { terminal, options, signal }: Call<ResolveOptions>,
  link: RunLink,
  view: FleetView,
  recipient: Recipient,
): Promise<ExitCode> {
  const requestId = randomUUID();
  const approver = personName(options.as);
  const reason = options.reason ?? '';
  const word = { requestId, approver, reason };
  if (recipient.to === 'cluster') {
    await link.rollback(recipient.cluster, word);
    return sayVerdict({ terminal, link, cluster: recipient.cluster, requestId, signal });
  }
  if (recipient.to === 'fleet') {
    await link.rollbackFleet(recipient.clusters === null ? word : { ...word, clusters: recipient.clusters });
    return sayFleetVerdict({ terminal, link, requestId, signal });
  }
  await link.bringBack(view, recipient.clusters, { approver, reason });
  if (terminal.json) terminal.printJson({ started: true, run: view.run, clusters: recipient.clusters });
  else
    terminal.print(
      `${symbols(terminal.paint).done} ${recipient.clusters.toReversed().join(', then ')} is brought back\n  flux-handover status --watch`,
    );
  return exitCode.done;
}
