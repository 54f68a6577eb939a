/** What the watch can not see: an API server that is away or refuses the worker, or one collection that fails. It is told, and never taken for harm. */
import { openCluster } from '../../cluster/cluster.ts';
import { type ClusterError, isClusterError } from '../../cluster/errors.ts';
import type { LiveView } from '../../cluster/live-view.ts';
import type { WatchInput, WatchResult } from '../contract.ts';
import { explain } from '../failure.ts';
import type { Session } from '../session.ts';
import { Ages } from './ages.ts';
import { courseAt } from './course.ts';
import { type Fault, fault, limitsOf, type Sight } from './fault.ts';
import { findingOf } from './react.ts';
import { instanceDefinition, instances } from './watched.ts';

/** Between two attempts to see. Milliseconds. */
const again = 5_000;
/** Refused for so long, the kubeconfig is read anew: it may hold other credentials by now. Milliseconds. */
const refusedFor = 15_000;
/** A step that needs the API server waits for about ten minutes by itself, and says so. Milliseconds. */
const stepWaits = 15 * 60_000;

export interface Blindness {
  /** Nothing can be seen: the API server has not answered for a while. */
  away: Fault | null;
  /** Single collections that can not be seen. */
  partly: Fault[];
  /** Kinds that were never seen: nothing can be said about their objects. */
  unknown: ReadonlySet<string>;
}

/** @param watched whether FluxInstances are in the view. @throws ClusterError where the API server has refused the Lease for a while */
export function blindnessOf({ stand, plan, limits }: Sight, view: LiveView, watched: boolean): Blindness {
  const troubles = view.troubles.filter(({ error }) => !isClusterError(error, 'expired', 'not-found'));
  const lease = troubles.find(({ resource }) => resource.kind === 'Lease');
  if (lease?.error.reason === 'forbidden' && Date.now() - lease.since > refusedFor) throw lease.error;
  // A step that needs it waits by itself, and says so.
  const patience = courseAt(stand, plan).atRest ? limits.unready : Number.POSITIVE_INFINITY;
  const unknown = new Set(troubles.filter(({ known }) => !known).map(({ resource }) => resource.kind));
  // They are there where their definition is, and are not seen yet.
  if (!watched && (unknown.has(instanceDefinition.kind) || view.find(instanceDefinition)))
    unknown.add(instances.kind);
  return {
    away: lease?.error.reason === 'unreachable' ? awayFault(lease.error, patience) : null,
    // Without the Lease the rest is not worth a word of its own.
    partly: (lease ? [] : troubles).map(({ resource: { apiVersion, kind }, error }) =>
      fault('unseen', `${kind} (${apiVersion})`, `can not be watched: ${error.message}`, patience),
    ),
    unknown,
  };
}

/**
 * Watches, and begins again whenever nothing can be seen. What lasts is told; whoever mends it need not tell the watch.
 * @param watch calls `seen` once it sees the cluster
 * @throws what `watch` throws for another reason
 */
export async function untilSeen(
  first: Session<WatchInput>,
  watch: (session: Session<WatchInput>, seen: () => void) => Promise<WatchResult>,
): Promise<WatchResult> {
  const ages = new Ages(first.input.known);
  for (let session = first; ; session = reopened(first, session)) {
    try {
      return await watch(session, () => void ages.due([]));
    } catch (error) {
      first.signal.throwIfAborted();
      const blind = blindFault(error, first);
      if (!blind) throw error;
      first.progress(`the watch does not see: ${blind.detail}`.slice(0, 300));
      if (ages.due([blind]).length > 0) {
        const finding = findingOf({ fault: blind, seenAt: '', stoppedAfter: 0, done: [] }, ages.of(blind));
        ages.aided([blind]);
        return { breaches: [finding], known: ages.known, evidence: [] };
      }
    }
    await pause(again, first.signal);
    first.signal.throwIfAborted();
  }
}

/** Ends early with the signal. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** With the credentials that the kubeconfig holds now. Where it is just being written, the last ones do. */
function reopened(first: Session<WatchInput>, last: Session<WatchInput>): Session<WatchInput> {
  try {
    const cluster = openCluster(first.cluster.connection.settings);
    if (last !== first) last.cluster.connection.close();
    return { ...first, cluster };
  } catch (error) {
    if (!isClusterError(error, 'context')) throw error;
    return last;
  }
}

/** Null where waiting helps nothing. */
function blindFault(
  error: unknown,
  { input, settings, namespace, redact }: Session<WatchInput>,
): Fault | null {
  const { unready } = limitsOf(input.config);
  const patience = input.acting ? Math.max(unready, stepWaits) : unready;
  if (isClusterError(error, 'unreachable')) return awayFault(error, patience);
  const { type, finding } = explain(error, { cluster: input.cluster, context: settings.context, namespace });
  const refused = isClusterError(error, 'forbidden');
  if (!refused && type !== 'Unreachable') return null;
  return fault('unseen', 'the watch', `sees nothing: ${redact(finding.what)}`, refused ? unready : patience);
}

function awayFault({ message }: ClusterError, patience: number): Fault {
  return fault('api-server', 'the API server', `does not answer: ${message}`, patience);
}
