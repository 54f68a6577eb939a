/** When a FluxInstance that was disabled in the middle of a reconciliation has come to rest: Flux Operator changes nothing any more. */
import { viewFlux } from '../../cluster/collections.ts';
import { conditionOf, field, type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { marks } from '../../cluster/ownership.ts';
import { waitFor } from '../../cluster/wait.ts';
import type { Session } from '../session.ts';

/** What Flux Operator says whenever it looks at a disabled instance; it handles one look at an instance after the other. */
const saidDisabled = 'ReconciliationDisabled';

/**
 * How long the word of Flux Operator is waited for before the conditions are believed without it, and before even those are no longer
 * waited for, while nothing changes (milliseconds): it says nothing where it does not run, or where the instance was disabled already.
 */
const stillness = { quiet: 3_000, cutOff: 20_000 };

/** The disabled instance once a reconciliation that was under way has ended; null when it went meanwhile. @throws WaitEnded */
export async function instanceAtRest(session: Session, instance: LiveObject): Promise<LiveObject | null> {
  const { cluster, namespace, signal, progress, timeouts } = session;
  const reference = referenceOf(instance);
  const view = await viewFlux(cluster, namespace);
  let seen = { version: '', at: 0 };
  try {
    const events = await cluster.discovery.resource('v1', 'Event');
    await view.add([{ resource: events, namespace: reference.namespace }]);
    return await waitFor<LiveObject | null>(
      view,
      () => {
        const live = view.find(reference);
        if (!live) return { value: null };
        const version = live.metadata.resourceVersion;
        if (version !== seen.version) seen = { version, at: Date.now() };
        const still = Date.now() - seen.at;
        return saidToBeDisabled(live, view.objects('Event')) ||
          still >= (isQuiet(live) ? stillness.quiet : stillness.cutOff)
          ? { value: live }
          : { waiting: `${nameOf(reference)} to end its reconciliation` };
      },
      { timeout: timeouts.ready, signal, progress },
    );
  } finally {
    await view.close();
  }
}

/**
 * Flux Operator has looked at the instance since it was disabled, so that an earlier look has ended. Its conditions alone do not tell: a
 * reconciliation may be about to begin, and where the operator died in the middle of one they stay as they were.
 */
export function saidToBeDisabled(instance: LiveObject, events: LiveObject[]): boolean {
  const annotation = (fields: unknown) =>
    field(fields, 'f:metadata', 'f:annotations', `f:${marks.reconcile}`);
  const disabledAt = lastWrite(instance, (fields) => annotation(fields) !== undefined);
  return events.some(
    (event) =>
      field(event, 'reason') === saidDisabled &&
      field(event, 'involvedObject', 'uid') === instance.metadata.uid &&
      disabledAt !== '' &&
      lastWrite(event, () => true) >= disabledAt,
  );
}

/**
 * No reconciliation is under way. Reconciling stays True where the annotation called off the health checks (Ready is False then,
 * HealthCheckCanceled) and where one failed: what would take it away is the next one, which is disabled (flux-operator
 * internal/controller/fluxinstance_controller.go, Reconcile, and common.go, returnHealthChecksCanceled).
 */
export function isQuiet(instance: LiveObject): boolean {
  return (
    conditionOf(instance, 'Reconciling')?.status !== 'True' ||
    conditionOf(instance, 'Ready')?.status === 'False'
  );
}

/** By the API server's clock, which is the same for the instance and its events. @returns ISO time; empty where nobody wrote it */
function lastWrite({ metadata }: LiveObject, concerns: (fields: unknown) => boolean): string {
  const times = (metadata.managedFields ?? [])
    .filter(({ fieldsV1 }) => concerns(fieldsV1))
    .map(({ time }) => time ?? '');
  return times.toSorted().at(-1) ?? '';
}
