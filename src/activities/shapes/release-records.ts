/** The records of a Helm release: Secrets that helm finds by a label. Under another label it neither upgrades nor uninstalls. */
import { isClusterError } from '../../cluster/errors.ts';
import { type LiveObject, referenceOf, textField } from '../../cluster/objects.ts';
import type { Session } from '../session.ts';

/** Label by which helm (and helm-controller) look for records: `owner=helm` (Helm pkg/storage, History). */
const ownerLabel = 'owner';
const visible = 'helm';
/** The value that hides a record. Nothing of it is copied or changed otherwise, so that the way back is the same label again. */
const hidden = 'flux-handover';

export interface ReleaseIdentity {
  name: string;
  /** Namespace of the records. */
  namespace: string;
}

/** What helm-controller says it manages; null where it has not installed anything yet. */
export function releaseOf(owner: LiveObject): ReleaseIdentity | null {
  const name = textField(owner, 'status', 'history', 0, 'name');
  const namespace = textField(owner, 'status', 'storageNamespace');
  return name && namespace ? { name, namespace } : null;
}

/** @returns how many records helm would still find */
export async function visibleRecords(session: Session, release: ReleaseIdentity): Promise<number> {
  return (await records(session, release.namespace, `${ownerLabel}=${visible},name=${release.name}`)).length;
}

/** Hides the records of one release. @returns how many */
export async function hideRecords(session: Session, release: ReleaseIdentity): Promise<number> {
  const selector = `${ownerLabel}=${visible},name=${release.name}`;
  return relabel(session, await records(session, release.namespace, selector), hidden);
}

/** Shows every record that was hidden in the controllers' namespace. @returns how many */
export async function showRecords(session: Session): Promise<number> {
  return relabel(session, await records(session, session.namespace, `${ownerLabel}=${hidden}`), visible);
}

/** Without their data, which holds the values of the release. */
async function records(
  { cluster }: Session,
  namespace: string,
  labelSelector: string,
): Promise<LiveObject[]> {
  const secrets = await cluster.list('v1', 'Secret', { namespace, labelSelector, metadataOnly: true });
  return secrets.filter(({ metadata }) => metadata.name.startsWith('sh.helm.release.v1.'));
}

async function relabel({ cluster }: Session, found: LiveObject[], owner: string): Promise<number> {
  for (const record of found) {
    try {
      await cluster.merge(referenceOf(record), { metadata: { labels: { [ownerLabel]: owner } } });
    } catch (error) {
      // Helm drops old records by itself.
      if (!isClusterError(error, 'not-found')) throw error;
    }
  }
  return found.length;
}
