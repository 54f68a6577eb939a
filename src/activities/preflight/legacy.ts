/** Is the legacy install what the plan says, healthy, alone, and not half-way through an earlier attempt? */
import { secondSets } from '../../cluster/controller-set.ts';
import { healthOf } from '../../cluster/health.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { field, keyOf, nameOf } from '../../cluster/objects.ts';
import { missingForLegacy } from '../../cluster/ownership.ts';
import type { Finding } from '../contract.ts';
import { note, refusal, warning } from '../failure.ts';
import { ownerOfPlan } from '../planned.ts';
import { findIn, type Look } from './look.ts';

export async function checkLegacy(look: Look): Promise<Finding[]> {
  return [
    ...checkControllers(look),
    ...(await checkOwner(look)),
    ...checkTerminating(look),
    ...checkUnready(look),
    ...checkOperator(look),
  ];
}

function checkControllers({ session, plan, snapshot }: Look): Finding[] {
  const { context } = session.settings;
  const { target } = plan;
  const findings: Finding[] = secondSets(snapshot.controllers).map((sentence) =>
    refusal(
      'second-controller-set',
      sentence,
      'two controllers that reconcile the same objects undo each other',
      `find out which one is meant to run, and remove the other (kubectl --context ${context} get deploy -A -l app.kubernetes.io/part-of=flux)`,
    ),
  );
  const here = snapshot.controllers.filter(
    ({ namespace, shard }) => namespace === target.namespace && shard === '',
  );
  const live = here.map(({ component }) => component).sort();
  const planned = target.components.toSorted();
  if (live.join() !== planned.join())
    findings.push(
      refusal(
        'components-differ',
        `these controllers run in ${target.namespace}: ${live.join(', ') || 'none'}; the plan has ${planned.join(', ')}`,
        'a controller that is not listed would not be adopted, and one that does not run would be started',
        'bring Git and cluster together, then plan again',
      ),
    );
  for (const { name, version, missing } of here) {
    if (version && version !== target.distributionVersion)
      findings.push(
        refusal(
          'version-differs',
          `${name} belongs to Flux ${version}, the plan adopts ${target.distributionVersion}`,
          'an upgrade (or a downgrade) in the same step can not be told from a fault',
          'set install.distributionVersion to what runs, or upgrade Flux first',
        ),
      );
    if (missing)
      findings.push(
        refusal(
          'controller-unavailable',
          `Deployment ${target.namespace}/${name}: ${missing}`,
          'a handover begins from a healthy Flux',
          `kubectl --context ${context} -n ${target.namespace} describe deploy ${name}`,
        ),
      );
  }
  return findings;
}

async function checkOwner({ session, plan, flux }: Look): Promise<Finding[]> {
  if (!plan.legacy.owner) return [];
  const reference = ownerOfPlan(plan);
  const name = nameOf(reference);
  const live = findIn(flux, 'Kustomization', reference.namespace, reference.name);
  const mend = `compare Git and cluster: flux --context ${session.settings.context} -n ${reference.namespace} reconcile kustomization ${reference.name}`;
  if (!live)
    return [
      refusal(
        'owner-missing',
        `${name}, which owns Flux according to ${plan.legacy.owner.file}, is not on the cluster`,
        'the plan would orphan something that is not there',
        mend,
      ),
    ];
  const findings: Finding[] = [];
  const { state, message } = healthOf(live);
  if (state !== 'ready')
    findings.push(
      refusal(
        'owner-unready',
        `${name} is ${state}: ${message}`,
        'a handover begins from a healthy Flux',
        mend,
      ),
    );
  if ((field(live, 'spec', 'prune') === true) !== plan.legacy.owner.prune)
    findings.push(
      refusal(
        'owner-differs',
        `${name} has prune: ${String(field(live, 'spec', 'prune'))} on the cluster, Git says ${plan.legacy.owner.prune}`,
        'somebody edited it by hand, or a parent patches it',
        mend,
      ),
    );
  const inventory = inventoryOf(live);
  const managed = new Set(inventory.map(keyOf));
  const absent = plan.target.components.filter(
    (component) => !managed.has(`Deployment.apps/${plan.target.namespace}/${component}`),
  );
  if (absent.length > 0)
    findings.push(
      refusal(
        'owner-not-owning',
        `${name} does not manage ${absent.join(', ')}`,
        'something else owns these controllers, and the plan does not know it',
        `find it: kubectl --context ${session.settings.context} -n ${plan.target.namespace} get deploy ${absent[0]} --show-managed-fields -o yaml`,
      ),
    );
  const rivals = flux.filter(
    (object) =>
      object !== live &&
      object.kind === 'Kustomization' &&
      inventoryOf(object).some(
        (entry) =>
          entry.kind === 'Deployment' &&
          plan.target.components.includes(entry.name) &&
          entry.namespace === plan.target.namespace,
      ),
  );
  for (const rival of rivals)
    findings.push(
      refusal(
        'two-owners',
        `Kustomization ${rival.metadata.namespace}/${rival.metadata.name} also manages controllers`,
        'orphaning one owner leaves the other in charge',
        'take the controllers out of one of them first',
      ),
    );
  const objects = await Promise.all(
    inventory.map(async (entry) => ({ entry, object: await session.cluster.find(entry) })),
  );
  const strange = objects
    .map(({ entry, object }) => ({
      entry,
      missing: object ? missingForLegacy(object, reference) : ['it does not exist'],
    }))
    .filter(({ missing }) => missing.length > 0);
  for (const { entry, missing } of strange)
    findings.push(
      refusal(
        'owned-by-others',
        `${nameOf(entry)}: ${missing.join(', ')}`,
        'the inventory says the legacy owner manages it, the object says otherwise',
        'let the legacy owner reconcile; if that does not help, look at its managed fields',
      ),
    );
  return findings;
}

function checkTerminating({ snapshot }: Look): Finding[] {
  return Object.values(snapshot.objects)
    .filter(
      ({ deleting, reference }) =>
        deleting &&
        (reference.apiVersion.includes('fluxcd') ||
          reference.kind === 'CustomResourceDefinition' ||
          reference.kind === 'Namespace'),
    )
    .map(({ reference }) =>
      refusal(
        'terminating',
        `${nameOf(reference)} is being deleted`,
        'a deletion that is stuck goes on as soon as something changes, and takes more with it',
        'let it end, or free it by hand, before a handover',
      ),
    );
}

function checkUnready({ snapshot, plan }: Look): Finding[] {
  const judged = new Set([
    ...plan.roots.map(({ namespace, name }) => `Kustomization ${namespace}/${name}`),
    plan.legacy.owner ? nameOf(ownerOfPlan(plan)) : '',
  ]);
  return Object.values(snapshot.objects)
    .filter(
      ({ health, reference }) =>
        health &&
        ['progressing', 'failed'].includes(health.state) &&
        reference.apiVersion.includes('fluxcd') &&
        !judged.has(nameOf(reference)),
    )
    .map(({ reference, health }) =>
      warning(
        'unready-before',
        `${nameOf(reference)} is not Ready: ${health?.message ?? ''}`,
        'it was so before the handover, so nothing is concluded from it afterwards',
        'mend it first if you can',
      ),
    );
}

function checkOperator({ session, flux, deployments, plan }: Look): Finding[] {
  const { context } = session.settings;
  const findings: Finding[] = [];
  for (const { kind, metadata } of flux.filter((object) => object.kind === 'FluxInstance'))
    findings.push(
      refusal(
        'instance-exists',
        `there is a ${kind} ${metadata.namespace}/${metadata.name} already`,
        'two installs would fight over the controllers',
        `find out who made it; if it is what is left of an attempt, disable it (annotation fluxcd.controlplane.io/reconcile=disabled) before you delete it: kubectl --context ${context} -n ${metadata.namespace} get fluxinstance ${metadata.name} -o yaml`,
      ),
    );
  const operators = deployments.filter((object) =>
    JSON.stringify(field(object, 'spec', 'template', 'spec', 'containers') ?? []).includes('/flux-operator:'),
  );
  for (const { metadata } of operators)
    findings.push(
      refusal(
        'operator-exists',
        `Flux Operator runs already as ${metadata.namespace}/${metadata.name}`,
        `the plan installs it in ${plan.target.namespace}, and two operators would fight`,
        `remove it first, or hand over by hand (kubectl --context ${context} -n ${metadata.namespace} describe deploy ${metadata.name})`,
      ),
    );
  const leftover =
    findings.length === 0 && flux.some(({ apiVersion }) => apiVersion.startsWith('fluxcd.controlplane.io/'));
  return leftover
    ? [
        ...findings,
        note(
          'operator-api-left',
          'objects of the Flux Operator API are there, without an operator',
          'left by an earlier install',
        ),
      ]
    : findings;
}
