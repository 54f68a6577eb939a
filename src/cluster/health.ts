/** Whether an object is well: Ready conditions of Flux objects, rollouts of workloads. Pure. */
import { conditionOf, field, type LiveObject, textField } from './objects.ts';
import { marks } from './ownership.ts';

export interface Health {
  /** static: the kind has no status (Provider, Alert, an OCI HelmRepository), so there is nothing to wait for. */
  state: 'ready' | 'suspended' | 'static' | 'progressing' | 'failed' | 'deleting';
  /** Reason of the Ready condition, empty when there is none. */
  reason: string;
  message: string;
}

/** The FluxReport is rewritten by the operator all the time, and says nothing about itself. */
const withoutStatus = new Set(['Provider', 'Alert', 'FluxReport']);

export function isSuspended(object: LiveObject): boolean {
  return (
    field(object, 'spec', 'suspend') === true || object.metadata.annotations?.[marks.reconcile] === 'disabled'
  );
}

/** Judges a Flux (or Flux Operator) object: Ready=True with observedGeneration == generation. */
export function healthOf(object: LiveObject): Health {
  if (object.metadata.deletionTimestamp)
    return {
      state: 'deleting',
      reason: '',
      message: `being deleted since ${object.metadata.deletionTimestamp}`,
    };
  if (isSuspended(object)) return { state: 'suspended', reason: '', message: 'suspended' };
  if (
    withoutStatus.has(object.kind) ||
    (object.kind === 'HelmRepository' && field(object, 'spec', 'type') === 'oci')
  )
    return { state: 'static', reason: '', message: '' };
  const ready = conditionOf(object, 'Ready');
  if (!ready) return { state: 'progressing', reason: '', message: 'no Ready condition yet' };
  const reason = ready.reason ?? '';
  const message = firstWords(ready.message ?? '');
  const { generation = 0 } = object.metadata;
  const observed = field(object, 'status', 'observedGeneration') ?? ready.observedGeneration;
  if (typeof observed === 'number' && observed !== generation)
    return { state: 'progressing', reason, message: `generation ${observed} of ${generation} was looked at` };
  if (ready.status === 'True') return { state: 'ready', reason, message };
  if (conditionOf(object, 'Stalled')?.status === 'True') return { state: 'failed', reason, message };
  return { state: ready.status === 'False' ? 'failed' : 'progressing', reason, message };
}

/** The revision that is in force: applied by a Kustomization, fetched by a source, installed by a HelmRelease; empty when unknown. */
export function revisionOf(object: LiveObject): string {
  return (
    textField(object, 'status', 'lastAppliedRevision') ??
    textField(object, 'status', 'artifact', 'revision') ??
    textField(object, 'status', 'history', 0, 'chartVersion') ??
    ''
  );
}

/** The Git commit inside a revision such as `main@sha1:0a1b…`; empty for revisions of other sources. */
export function commitOf(revision: string): string {
  return /@sha1:([0-9a-f]{40})$/.exec(revision)?.[1] ?? '';
}

/** One sentence about what a workload's rollout still lacks; empty when it is complete and available. */
export function rolloutMissing(workload: LiveObject): string {
  const { spec, status, metadata } = workload;
  if (metadata.deletionTimestamp) return 'being deleted';
  if (Number(field(status, 'observedGeneration') ?? 0) < (metadata.generation ?? 0))
    return 'its last change was not looked at yet';
  const count = (name: string) => Number(field(status, name) ?? 0);
  if (workload.kind === 'DaemonSet') {
    const wanted = count('desiredNumberScheduled');
    if (count('updatedNumberScheduled') < wanted)
      return `${count('updatedNumberScheduled')} of ${wanted} pods updated`;
    return count('numberAvailable') < wanted ? `${count('numberAvailable')} of ${wanted} pods available` : '';
  }
  const wanted = Number(field(spec, 'replicas') ?? 1);
  if (
    count('updatedReplicas') < wanted &&
    (workload.kind === 'Deployment' || field(spec, 'updateStrategy', 'type') !== 'OnDelete')
  )
    return `${count('updatedReplicas')} of ${wanted} pods updated`;
  if (workload.kind === 'Deployment' && count('replicas') > wanted)
    return `${count('replicas') - wanted} old pods still run`;
  const available = workload.kind === 'Deployment' ? count('availableReplicas') : count('readyReplicas');
  return available < wanted ? `${available} of ${wanted} pods available` : '';
}

/** Controllers put whole error lists into a condition; a sentence is enough to know where to look. */
function firstWords(message: string): string {
  const [line = ''] = message.split('\n');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
