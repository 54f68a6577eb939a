/** Files of a run on the cluster itself, compressed in one ConfigMap: they are there when Git is not. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { isClusterError } from '../cluster/errors.ts';
import { field, type LiveObject, textField } from '../cluster/objects.ts';
import type { ObjectReference } from '../plan/types.ts';
import type { Session } from './session.ts';

/** A ConfigMap holds 1 MiB; some of it is left for its metadata. Bytes of base64. */
const room = 900 * 1024;

function reference({ namespace }: Pick<Session, 'namespace'>): ObjectReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'flux-handover-kept' };
}

/** The file, or null where this run has kept none of that name here. */
export async function readFromCluster(session: Session, file: string): Promise<string | null> {
  const live = await session.cluster.find(reference(session));
  const packed = keptBy(live, session.input.run)[`${file}.gz`];
  return packed === undefined ? null : gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
}

/** Keeps a file beside the others of the run; what an earlier run has left goes. False where there is no room for it. */
export async function keepOnCluster(session: Session, file: string, text: string): Promise<boolean> {
  const { cluster, input } = session;
  const packed = gzipSync(text).toString('base64');
  const key = `${file}.gz`;
  for (;;) {
    const live = await cluster.find(reference(session));
    const ours = keptBy(live, input.run);
    if (ours[key] === packed) return true;
    const others = Object.entries(ours).filter(([name]) => name !== key);
    if (others.reduce((sum, [, { length }]) => sum + length, packed.length) > room) return false;
    const stale = Object.keys(binaryOf(live)).filter((name) => ours[name] === undefined);
    const content = {
      data: { run: input.run },
      binaryData: { ...Object.fromEntries(stale.map((name) => [name, null])), [key]: packed },
    };
    const { namespace, name, ...type } = reference(session);
    try {
      if (live)
        await cluster.merge(reference(session), {
          metadata: { resourceVersion: live.metadata.resourceVersion },
          ...content,
        });
      else
        await cluster.create({ ...type, metadata: { name, namespace }, ...content } as unknown as LiveObject);
      return true;
    } catch (error) {
      // Somebody else wrote between our look and our write: look again.
      if (!isClusterError(error, 'conflict')) throw error;
    }
  }
}

function keptBy(live: LiveObject | null, run: string): Record<string, string> {
  return textField(live, 'data', 'run') === run ? binaryOf(live) : {};
}

function binaryOf(live: LiveObject | null): Record<string, string> {
  return (field(live, 'binaryData') as Record<string, string> | undefined) ?? {};
}
