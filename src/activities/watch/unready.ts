/** Of what is not Ready: whether it works, waits for another or has failed, and how long that is borne. Pure but for the tally. */
import { healthOf } from '../../cluster/health.ts';
import { conditionOf, type LiveObject, textField } from '../../cluster/objects.ts';
import { marks } from '../../cluster/ownership.ts';
import { goDurationMs } from '../../config/duration.ts';
import type { BreachId } from './breaches.ts';
import type { Limits } from './fault.ts';
import { beforeFailure, type Tally } from './tally.ts';

const second = 1_000;
const minute = 60 * second;
/** After its own timeout a controller needs a moment to say so. */
const leeway = minute;
/** Outages of others, and turns that are waited for. Mostly over before a person has read of them. */
const elsewhere = 10 * minute;

/** With these a controller says Ready=False while it waits: for what it depends on, or for what a source has to bring. */
const waiting = new Set(['DependencyNotReady', 'ArtifactFailed', 'SourceNotReady']);
/** It goes on at once. */
const working = new Set(['Progressing', 'HealthCheckCanceled']);

function isWaiting(object: LiveObject): boolean {
  const ready = conditionOf(object, 'Ready');
  return ready?.status === 'False' && waiting.has(ready.reason ?? '');
}

/** It says Ready=False, and nothing went wrong with it. */
export function isWaitingOrWorking(object: LiveObject): boolean {
  const reason = conditionOf(object, 'Ready')?.reason ?? '';
  return waiting.has(reason) || working.has(reason);
}

/** A failed attempt leaves observedGeneration behind, so the condition itself tells what it is about. */
function hasFailed(object: LiveObject): boolean {
  const ready = conditionOf(object, 'Ready');
  if (ready?.status !== 'False' || isWaitingOrWorking(object)) return false;
  return ready.observedGeneration === undefined
    ? healthOf(object).state === 'failed'
    : ready.observedGeneration === (object.metadata.generation ?? ready.observedGeneration);
}

/** What it does is fetched, or pushed, across the border of the cluster. */
export function fetchesFromElsewhere({ apiVersion, kind }: LiveObject): boolean {
  return /^(source|image)\./.test(apiVersion) || kind === 'ResourceSetInputProvider';
}

export function idOfUnready(object: LiveObject): BreachId {
  return fetchesFromElsewhere(object) || isWaiting(object) ? 'source-unready' : 'unready';
}

/** From the moment on from which it counts as `idOfUnready` says. Milliseconds. */
export function patienceOf(key: string, object: LiveObject, { unready }: Limits, tally: Tally): number {
  if (idOfUnready(object) === 'source-unready') {
    tally.clocks.delete(key);
    return Math.max(unready, elsewhere + leeway);
  }
  const atMost = Math.max(unready, timeoutOf(object) + leeway);
  const before = beforeFailure(tally, key, hasFailed(object));
  // Trying again it may look like work for ever, so that what it took before the failure counts, too.
  return before === null ? atMost : Math.min(atMost, before + unready);
}

/** How long its controller lets one attempt last: the defaults are those of the APIs. Milliseconds. */
export function timeoutOf(object: LiveObject): number {
  const { kind, metadata, apiVersion } = object;
  const written = (...path: string[]) => goDurationMs(textField(object, 'spec', ...path));
  const timeout = written('timeout');
  if (kind === 'HelmRelease')
    return Math.max(
      timeout ?? 5 * minute,
      written('install', 'timeout') ?? 0,
      written('upgrade', 'timeout') ?? 0,
    );
  if (kind === 'Kustomization')
    return Math.max(timeout ?? (written('interval') ?? 0) - 30 * second, 30 * second);
  if (apiVersion.startsWith('fluxcd.controlplane.io/'))
    return goDurationMs(metadata.annotations?.[marks.reconcileTimeout]) ?? 5 * minute;
  return timeout ?? minute;
}
