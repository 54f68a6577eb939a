/** Who else writes to the controllers: other tools, and field managers whose fields the operator would leave in place. Pure. */
import type { LiveObject } from '../../cluster/objects.ts';
import type { LegacyShape } from '../../plan/types.ts';
import type { Finding } from '../contract.ts';
import { refusal, warning } from '../failure.ts';

/**
 * Managers whose fields the operator takes over, and those of Kubernetes and of ourselves.
 * @see flux-operator internal/controller/common.go, takeOwnershipFrom, and fluxinstance_controller.go, apply
 */
const foreseen =
  /^(kustomize-controller|helm|helm-controller|flux|flux-operator|flux-handover|kubectl.*|before-first-apply|kube-.*|k3s|rke2|cluster-autoscaler)$/;

/** Marks of tools that apply objects and would bring back what the handover removes. */
const toolMarks: [tool: string, mark: RegExp][] = [
  ['Argo CD', /^argocd\.argoproj\.io\/(tracking-id|instance)$/],
  ['Fleet', /^objectset\.rio\.cattle\.io\//],
  ['kapp', /^kapp\.k14s\.io\//],
];

/** @param controllers the Deployments of the controllers; @param shape of the plan */
export function judgeManagers(controllers: LiveObject[], shape: LegacyShape): Finding[] {
  return controllers.flatMap(({ metadata }) => {
    const name = `Deployment ${metadata.namespace ?? ''}/${metadata.name}`;
    const marks = Object.keys({ ...metadata.labels, ...metadata.annotations });
    const findings = toolMarks
      .filter(([, mark]) => marks.some((each) => mark.test(each)))
      .map(([tool]) =>
        refusal(
          'second-gitops-tool',
          `${name} is managed by ${tool}`,
          'two tools that apply the same objects undo each other, and it would bring back what the handover removes',
          `take Flux out of ${tool} first, and keep its objects`,
        ),
      );
    const release = metadata.annotations?.['meta.helm.sh/release-name'];
    if (release !== undefined && shape !== 'helm')
      findings.push(
        refusal(
          'owner-outside-git',
          `${name} belongs to the Helm release ${release}, which the plan does not know`,
          'an uninstall or upgrade of that release would take the controllers, and the CRDs with them',
          `find out who installed it (helm -n ${metadata.namespace ?? ''} history ${release}); it must be in Git, or gone without its objects, before a handover`,
        ),
      );
    const strangers = (metadata.managedFields ?? [])
      .filter(({ subresource, manager }) => !subresource && !foreseen.test(manager ?? ''))
      .map(({ manager }) => manager ?? 'without a name');
    if (strangers.length > 0)
      findings.push(
        warning(
          'field-manager-unknown',
          `${name} has fields of ${[...new Set(strangers)].sort().join(', ')}`,
          'the operator does not take these fields over: they stay as they are, also when the FluxInstance says otherwise',
          'find out who writes them, and end that or put it into the patches of the install',
        ),
      );
    return findings;
  });
}
