/** Does the Helm release hold what the plan thinks: the controllers, and nothing that would be left without an owner? */
import { keyOf, type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { objectsOf } from '../../plan/flux-objects.ts';
import type { ObjectReference } from '../../plan/types.ts';
import type { Finding } from '../contract.ts';
import { refusal } from '../failure.ts';
import { changeOf, ownerOfPlan } from '../planned.ts';
import { controllersOf } from '../shapes/controllers.ts';
import { releaseOf } from '../shapes/release-records.ts';
import type { Look } from './look.ts';

/** Kinds that the chart can make beside the CRDs. */
const kinds: [apiVersion: string, kind: string][] = [
  ['v1', 'ServiceAccount'],
  ['v1', 'Service'],
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['v1', 'PersistentVolumeClaim'],
  ['apps/v1', 'Deployment'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
];

export async function checkRelease(look: Look, owner: LiveObject): Promise<Finding[]> {
  const { session, plan } = look;
  const reference = ownerOfPlan(plan);
  const release = releaseOf(owner);
  if (!release || release.namespace !== plan.target.namespace)
    return [
      refusal(
        'release-unknown',
        `${nameOf(reference)} does not say which Helm release it manages in ${plan.target.namespace}`,
        'its records could not be hidden, and helm uninstall would go on working',
        `let it reconcile: flux --context ${session.settings.context} -n ${reference.namespace} reconcile helmrelease ${reference.name}`,
      ),
    ];
  const lists = await Promise.all(
    kinds.map(([apiVersion, kind]) => session.cluster.list(apiVersion, kind, { metadataOnly: true })),
  );
  const made = lists
    .flat()
    .filter(
      ({ metadata }) =>
        metadata.annotations?.['meta.helm.sh/release-name'] === release.name &&
        metadata.annotations['meta.helm.sh/release-namespace'] === release.namespace,
    )
    .map(referenceOf);
  const there = new Set(made.map(keyOf));
  const findings = controllersOf(plan)
    .filter((controller) => !there.has(keyOf(controller)))
    .map((controller) =>
      refusal(
        'owner-not-owning',
        `${nameOf(reference)} did not make ${nameOf(controller)}`,
        'something else owns this controller, and the plan does not know it',
        `find it: kubectl --context ${session.settings.context} -n ${controller.namespace} get deploy ${controller.name} --show-managed-fields -o yaml`,
      ),
    );
  const known = knownObjects(look);
  const strange = made.filter((object) => !known.has(`${object.kind}/${object.name}`));
  if (strange.length > 0)
    findings.push(
      refusal(
        'release-objects-unknown',
        `the release ${release.name} also made ${strange.map(nameOf).join(', ')}`,
        'Flux Operator does not build these and the plan does not name them: they would be left without an owner',
        'take them out of the release (write them as manifests of your own where they are needed), then plan again',
      ),
    );
  return findings;
}

/** What the operator adopts, and what the plan removes with the release. */
function knownObjects({ plan }: Look): ReadonlySet<string> {
  const { components, namespace } = plan.target;
  const adopted = objectsOf(components, namespace, plan.legacy.networkPolicies);
  const removed: ObjectReference[] = changeOf(plan, 'retire').collects;
  return new Set([...adopted, ...removed].map(({ kind, name }) => `${kind}/${name}`));
}
