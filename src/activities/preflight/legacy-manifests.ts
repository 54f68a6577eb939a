/** The legacy install as it is on the cluster, ready to be applied again in an emergency: evidence of preflight. */
import { stringify } from 'yaml';
import { isClusterError } from '../../cluster/errors.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { keyOf, type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import type { ObjectReference } from '../../plan/types.ts';
import type { EvidenceReference } from '../contract.ts';
import { leavingObjects } from '../leaving.ts';
import { changeOf, isOrphaned, ownerOfPlan } from '../planned.ts';
import { findIn, type Look } from './look.ts';

/** Kinds of Flux's own manifests, for installs that no inventory lists. */
const installKinds = [
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ['v1', 'Namespace'],
  ['v1', 'ServiceAccount'],
  ['v1', 'Service'],
  ['v1', 'ResourceQuota'],
  ['apps/v1', 'Deployment'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
] as const;

export async function legacyManifests(look: Look): Promise<EvidenceReference> {
  const { session } = look;
  const documents = await Promise.all(
    (await objectsOfInstall(look)).map(async (reference) => {
      const object = await session.cluster.find(reference).catch((error: unknown) => {
        if (isClusterError(error, 'unreachable')) throw error;
        return null;
      });
      return object ? stringify(applicable(object)) : `# ${nameOf(reference)} could not be read\n`;
    }),
  );
  return session.evidence.keep(
    'legacy-manifests.yaml',
    documents.map((document) => `---\n${document}`).join(''),
  );
}

/** Never a Secret: a root that also applies Flux lists the person's own objects, too. */
async function objectsOfInstall({ session, plan, flux }: Look): Promise<ObjectReference[]> {
  if (!plan.legacy.owner) {
    const lists = await Promise.all(
      installKinds.map(([apiVersion, kind]) =>
        session.cluster.list(apiVersion, kind, { labelSelector: 'app.kubernetes.io/part-of=flux' }),
      ),
    );
    return lists.flat().map(referenceOf);
  }
  const { namespace, name } = ownerOfPlan(plan);
  const owner = findIn(flux, 'Kustomization', namespace, name);
  const listed = (owner ? inventoryOf(owner) : []).filter(({ kind }) => kind !== 'Secret');
  if (isOrphaned(plan)) return listed;
  const own = new Set(leavingObjects(changeOf(plan, 'retire')).map(keyOf));
  return listed.filter((reference) => own.has(keyOf(reference)));
}

function applicable({ status: _status, metadata, ...rest }: LiveObject): object {
  const {
    managedFields: _managed,
    resourceVersion: _version,
    uid: _uid,
    generation: _generation,
    creationTimestamp: _created,
    ...kept
  } = metadata;
  return { ...rest, metadata: kept };
}
