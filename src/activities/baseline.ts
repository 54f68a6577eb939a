/** The baseline of a run: written once to the cluster and to Git, read by every later judgement and by the way back. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { isClusterError } from '../cluster/errors.ts';
import { field, type LiveObject, textField } from '../cluster/objects.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import type { ObjectReference } from '../plan/types.ts';
import type { Repository } from '../repo/repository.ts';
import { readRef, writeRef } from '../repo/run-ref.ts';
import { failure, refusal } from './failure.ts';
import type { RunRecord } from './run-record.ts';
import type { Session } from './session.ts';

const configMapName = 'flux-handover-baseline';
/** Key in the ConfigMap, and file of the run's ref, of what the run is. */
const recordName = 'run.json';
/** A ConfigMap holds 1 MiB; from half of that on the text is compressed. Bytes. */
const plainLimit = 512 * 1024;

/** The baseline of a run, as it lies on the cluster. */
export interface Baseline extends Snapshot {
  run: string;
}

/** Baselines by run and cluster: they never change once written. */
const known = new Map<string, Baseline>();

function reference({ namespace }: Pick<Session, 'namespace'>): ObjectReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: configMapName };
}

/** What the last run that began here left on the cluster; null when there was none. */
export async function recordOnCluster({
  cluster,
  namespace,
}: Pick<Session, 'cluster' | 'namespace'>): Promise<RunRecord | null> {
  const text = textField(await cluster.find(reference({ namespace })), 'data', recordName);
  return text === undefined ? null : (JSON.parse(text) as RunRecord);
}

/** What a run left in Git, as of the last fetch; null when nothing is there. */
export async function recordInGit(
  repository: Repository,
  { run, cluster }: { run: string; cluster: string },
): Promise<RunRecord | null> {
  const text = (await readRef(repository, `refs/handover/${run}`))?.[`${cluster}/${recordName}`];
  return text === undefined ? null : (JSON.parse(text) as RunRecord);
}

/** From the cluster, else from Git: both hold it. @throws NotReady when neither does */
export async function readBaseline(session: Session): Promise<Baseline> {
  const { input, cluster } = session;
  const key = `${input.run} ${input.cluster}`;
  const found = known.get(key) ?? parse(await cluster.find(reference(session)));
  if (found?.run === input.run) {
    known.set(key, found);
    return found;
  }
  const files = await readRef(await session.repository(), refOf(session));
  const kept = files?.[fileOf(session)];
  if (kept !== undefined) return JSON.parse(kept) as Baseline;
  throw failure('NotReady', [
    refusal(
      'baseline-missing',
      `neither ConfigMap ${session.namespace}/${configMapName} nor ${refOf(session)} holds the baseline of run ${input.run}`,
      'without it nobody can tell what changed',
      'was the ConfigMap deleted? restore it from the evidence folder (01-preflight/baseline.json), then retry',
    ),
  ]);
}

/** Writes what is not there yet; the baseline of a finished run is replaced. */
export async function writeBaseline(
  session: Session,
  snapshot: Snapshot,
  record: RunRecord,
): Promise<Baseline> {
  const { input, cluster } = session;
  const existing = await cluster.find(reference(session));
  const before = parse(existing);
  const baseline: Baseline = before?.run === input.run ? before : { run: input.run, ...snapshot };
  const text = JSON.stringify(baseline);
  const about = JSON.stringify(record);
  if (before?.run !== input.run) {
    const content =
      text.length < plainLimit
        ? { data: { run: input.run, [recordName]: about, 'baseline.json': text }, binaryData: null }
        : {
            data: { run: input.run, [recordName]: about, 'baseline.json': null },
            binaryData: { 'baseline.json.gz': gzipSync(text).toString('base64') },
          };
    const { namespace, name, ...type } = reference(session);
    try {
      if (existing) await cluster.merge(reference(session), content);
      else
        await cluster.create({
          ...type,
          metadata: { name, namespace },
          ...withoutNull(content),
        } as unknown as LiveObject);
    } catch (error) {
      // An earlier attempt of this very step may have created it a moment ago.
      if (!isClusterError(error, 'conflict')) throw error;
      await cluster.merge(reference(session), content);
    }
  }
  const repository = await session.repository();
  const files = (await readRef(repository, refOf(session))) ?? {};
  await writeRef({
    repository,
    ref: refOf(session),
    files: {
      ...files,
      [fileOf(session)]: `${text}\n`,
      [`${input.cluster}/${recordName}`]: `${about}\n`,
    },
    author: input.config.repository.author,
  });
  return baseline;
}

/** Keys of the objects that were not well when the run began: nobody may ask more of them now. */
export function excusedIn(baseline: Snapshot): ReadonlySet<string> {
  const unwell = Object.entries(baseline.objects).filter(
    ([, { health }]) => health !== null && health.state !== 'ready' && health.state !== 'static',
  );
  return new Set(unwell.map(([key]) => key));
}

function parse(configMap: LiveObject | null): Baseline | null {
  if (!configMap) return null;
  const plain = textField(configMap, 'data', 'baseline.json');
  const packed = textField(configMap, 'binaryData', 'baseline.json.gz');
  if (plain === undefined && packed === undefined) return null;
  return JSON.parse(plain ?? gunzipSync(Buffer.from(packed ?? '', 'base64')).toString('utf8')) as Baseline;
}

function withoutNull(content: Record<string, unknown>): Record<string, unknown> {
  const { data, binaryData } = content;
  const { 'baseline.json': text, ...rest } = data as Record<string, unknown>;
  return { data: text === null ? rest : data, ...(binaryData && field(binaryData) ? { binaryData } : {}) };
}

function refOf({ input }: Session): string {
  return `refs/handover/${input.run}`;
}

function fileOf({ input }: Session): string {
  return `${input.cluster}/baseline.json`;
}
