/** What was seen, in one sentence each, for a person who wants to check it. Pure. */
import type { Reading } from './conclude.ts';
import type { Sighting } from './sighting.ts';

export function evidenceOf(sighting: Sighting, { state, begun }: Reading): string[] {
  const { lease, steps, branch, instances, operators, owner, controllers, records, namespace } = sighting;
  const adopted = controllers.filter((controller) => controller.adopted).length;
  return [
    lease
      ? `Lease ${namespace}/flux-handover: held by run ${lease.run}${lease.direct ? ', from a command line' : ''}, last renewed ${lease.renewedAt}${lease.fresh ? ' (somebody drives it)' : ''}`
      : `Lease ${namespace}/flux-handover: nobody holds it`,
    steps === null
      ? `branch ${branch}: Git does not answer`
      : state === null
        ? `branch ${branch}: no commit of a handover`
        : begun.length > 0
          ? `branch ${branch}: of run ${state.run} in force: ${begun.join(', ')}${state.undoing ? `; undone last: ${state.undoing}` : ''}`
          : state.undoing
            ? `branch ${branch}: every commit of run ${state.run} was undone, ${state.undoing} last`
            : `branch ${branch}: run ${state.run} has committed nothing`,
    records.length > 0
      ? `baseline: of run ${records.map(({ run, shape }) => `${run} (${shape})`).join(', ')}`
      : 'baseline: none',
    instances.length > 0
      ? `FluxInstance: ${instances
          .map(
            ({ name, enabled, disabledByUs, deleting }) =>
              `${name}, ${enabled ? 'enabled' : `disabled${disabledByUs ? ' by flux-handover' : ''}`}${deleting ? ', being deleted' : ''}`,
          )
          .join('; ')}`
      : 'FluxInstance: none',
    operators.length > 0 ? `Flux Operator: runs as ${operators.join(', ')}` : 'Flux Operator: does not run',
    ...(owner
      ? [
          `legacy owner: ${owner.name} is ${
            !owner.there
              ? 'not on the cluster'
              : owner.deleting
                ? 'being deleted'
                : owner.lacksOrphaned
                  ? 'there'
                  : 'there, suspended and orphaned'
          }`,
        ]
      : []),
    `controllers: ${adopted} of ${controllers.length} belong to Flux Operator`,
  ];
}
