/** Is anything in the way: deletions that hang, objects that are unwell, an operator or an instance of an earlier attempt? */
import { runsOperator } from '../../cluster/controller-set.ts';
import { nameOf } from '../../cluster/objects.ts';
import type { Finding } from '../contract.ts';
import { note, refusal, warning } from '../failure.ts';
import { ownerOfPlan } from '../planned.ts';
import type { Look } from './look.ts';

export function checkLeftovers(look: Look): Finding[] {
  return [...checkTerminating(look), ...checkUnready(look), ...checkOperator(look)];
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
        `flux-handover status --direct ${session.input.cluster} says whether a run left it; if it is what is left of an attempt, disable it (annotation fluxcd.controlplane.io/reconcile=disabled) before you delete it: kubectl --context ${context} -n ${metadata.namespace} get fluxinstance ${metadata.name} -o yaml`,
      ),
    );
  for (const { metadata } of deployments.filter(runsOperator))
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
