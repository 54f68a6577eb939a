/** Judges what outside observers saw: unplanned changes of objects, and writes of ours in an audit log. */
import { readFile } from 'node:fs/promises';
import type { LabCluster } from '../../lab/description.ts';
import type { ObjectReference } from '../../src/plan/types.ts';
import type { Sighting, Witness } from './witness.ts';

/** As the witness names them: the plural of the kind, and the namespace where there is one. */
function sightingKey({ kind, namespace, name }: ObjectReference): string {
  const resource = `${kind.toLowerCase().replace(/y$/, 'ie')}s`;
  return `${resource} ${namespace ? `${namespace}/` : ''}${name}`;
}

/** Objects that come and go by themselves in any cluster. */
function passing({ resource, object }: Sighting): boolean {
  if (resource === 'secrets') return object.includes('/sh.helm.release.v1.');
  // Our own lock: taken at the beginning of a run, given back at its end.
  return resource === 'leases' && object.endsWith('/flux-handover');
}

/** Deletions that the plan does not name, and creations in place of an object that was there. */
export function unplannedChanges(
  witness: Pick<Witness, 'sightings'>,
  planned: readonly ObjectReference[],
): Sighting[] {
  const allowed = new Set(planned.map(sightingKey));
  const gone = new Set<string>();
  return witness.sightings.filter((sighting) => {
    const key = `${sighting.resource} ${sighting.object}`;
    if (sighting.event === 'leader' || passing(sighting)) return false;
    if (sighting.event === 'created') return gone.has(key) || sighting.detail.startsWith('replaces');
    gone.add(key);
    return !allowed.has(key);
  });
}

interface AuditEvent {
  verb: string;
  user: { username: string };
  requestURI: string;
  objectRef?: { resource?: string; apiGroup?: string; name?: string; namespace?: string };
  responseStatus?: { code?: number };
}

const reads = new Set(['get', 'list', 'watch']);

/** Writes by the product's own user in the API server's audit log; access reviews ask and change nothing. */
export async function auditedWrites(cluster: LabCluster): Promise<string[]> {
  const lines = (await readFile(cluster.auditLog, 'utf8'))
    .split('\n')
    .filter((line) => line.includes('flux-handover'));
  return lines
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(
      ({ user, verb, objectRef }) =>
        user.username === 'flux-handover' &&
        !reads.has(verb) &&
        objectRef?.apiGroup !== 'authorization.k8s.io',
    )
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}
