/** Are the controllers that run the planned ones, at the planned version, one set of them, and well? */
import { secondSets } from '../../cluster/controller-set.ts';
import type { Finding } from '../contract.ts';
import { refusal } from '../failure.ts';
import type { Look } from './look.ts';

export function checkControllers({ session, plan, snapshot }: Look): Finding[] {
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
