/** Regressions: what was Ready when the run began and is not any more, or lags behind, fails or restarts again and again. Pure. */
import { healthOf, revisionOf } from '../../cluster/health.ts';
import {
  conditionOf,
  field,
  keyOf,
  listField,
  type LiveObject,
  nameOf,
  referenceOf,
  textField,
} from '../../cluster/objects.ts';
import { sourceKeyOf } from '../../cluster/record.ts';
import { isOrphaned, ownerOfPlan } from '../planned.ts';
import { courseAt } from './course.ts';
import { type Fault, fault, type Sight } from './fault.ts';

/** What is counted while the watch goes on: kept by the caller from one look to the next. */
export interface Tally {
  /** Moments at which an object's Ready condition turned False, by key. */
  failures: Map<string, Set<string>>;
  /** Restarts that a container had when it was first seen, by pod UID and container. */
  restarts: Map<string, number>;
}

export function newTally(): Tally {
  return { failures: new Map(), restarts: new Map() };
}

export function judgeHealth(sight: Sight, tally: Tally): Fault[] {
  const { plan, stand, objects, baseline, limits } = sight;
  const course = courseAt(stand, plan);
  if (!course.atRest) return [];
  const ours = plan.legacy.owner && isOrphaned(plan) ? keyOf(ownerOfPlan(plan)) : '';
  const revisions = new Map<string, string>();
  for (const object of objects.values())
    revisions.set(`${object.kind}/${object.metadata.namespace}/${object.metadata.name}`, revisionOf(object));
  const faults: Fault[] = [];
  for (const [key, object] of objects) {
    if (!object.apiVersion.includes('fluxcd') || key === ours || course.moving.has(key)) continue;
    const before = baseline.objects[key]?.health?.state;
    // What was not well before need not be well now; of what is new, only Flux's own namespace is our concern.
    if (before ? before !== 'ready' && before !== 'static' : object.metadata.namespace !== baseline.namespace)
      continue;
    faults.push(...judgeObject(object, revisions, limits), ...judgeFailures(key, object, sight, tally));
  }
  return [...faults, ...judgeRestarts(sight, tally)];
}

function judgeObject(object: LiveObject, revisions: Map<string, string>, limits: Sight['limits']): Fault[] {
  const subject = nameOf(referenceOf(object));
  const { state, reason, message } = healthOf(object);
  if (state === 'suspended' || state === 'static') return [];
  if (state !== 'ready') {
    const since = conditionOf(object, 'Ready')?.lastTransitionTime;
    const said = [reason, message].filter(Boolean).join(': ') || state;
    return [
      fault('unready', subject, `is not Ready${since ? ` since ${since}` : ''}: ${said}`, limits.unready),
    ];
  }
  if (object.kind !== 'Kustomization') return [];
  const wanted = revisions.get(sourceKeyOf(object)) ?? '';
  const applied = revisionOf(object);
  return wanted && applied !== wanted
    ? [fault('behind', subject, `is at ${applied || 'no revision'}, its source at ${wanted}`, limits.behind)]
    : [];
}

/** It recovers in between, so that no single failure lasts: what counts is how often it turned. */
function judgeFailures(key: string, object: LiveObject, { stand, limits }: Sight, tally: Tally): Fault[] {
  const ready = conditionOf(object, 'Ready');
  const seen = tally.failures.get(key) ?? new Set<string>();
  const at = ready?.lastTransitionTime ?? '';
  if (ready?.status === 'False' && at >= stand.since.replace(/\.\d+Z$/, 'Z') && !isWaiting(ready.reason))
    tally.failures.set(key, seen.add(at));
  if (seen.size <= limits.failures) return [];
  const said =
    ready?.status === 'False' ? `, the last time with ${ready.reason ?? ''}: ${ready.message ?? ''}` : '';
  return [
    fault(
      'failing',
      nameOf(referenceOf(object)),
      `failed ${seen.size} times since ${[...seen].sort()[0]}${said.slice(0, 300)}`,
      0,
    ),
  ];
}

/** It waits its turn; nothing went wrong. */
function isWaiting(reason = ''): boolean {
  return reason === 'DependencyNotReady' || reason === 'Progressing';
}

/** @returns containers of the controllers' pods that restarted more often than allowed, with what ended them */
function judgeRestarts({ objects, baseline, limits }: Sight, tally: Tally): Fault[] {
  const names = baseline.controllers.map(({ name }) => name);
  const faults: Fault[] = [];
  for (const pod of objects.values()) {
    if (pod.kind !== 'Pod' || pod.metadata.namespace !== baseline.namespace) continue;
    const controller = names.find((name) =>
      new RegExp(`^${name}-[a-z0-9]+-[a-z0-9]+$`).test(pod.metadata.name),
    );
    if (!controller) continue;
    for (const container of listField(pod, 'status', 'containerStatuses')) {
      const count = Number(field(container, 'restartCount') ?? 0);
      const key = `${pod.metadata.uid} ${textField(container, 'name') ?? ''}`;
      // A pod of this run had none when it began.
      const young = (pod.metadata.creationTimestamp ?? '') > baseline.takenAt;
      if (!tally.restarts.has(key)) tally.restarts.set(key, young ? 0 : count);
      const restarts = count - (tally.restarts.get(key) ?? 0);
      if (restarts <= limits.restarts) continue;
      const ended = field(container, 'lastState', 'terminated');
      const why = ended
        ? `, the last time with ${textField(ended, 'reason') ?? 'Error'} (exit code ${Number(field(ended, 'exitCode') ?? 0)}) at ${textField(ended, 'finishedAt') ?? '?'}`
        : '';
      faults.push(
        fault('restarts', nameOf(referenceOf(pod)), `of ${controller} restarted ${restarts} times${why}`, 0),
      );
    }
  }
  return faults;
}
