/** What a person types to do a compensation by hand: exact commands, per compensation and shape. Pure; the runbook shows the same. */
import type { CompensationName, PhaseName } from './phases.ts';
import type { LegacyOwner, LegacyShape, PlannedTarget } from './types.ts';

/** Everything that stands in the commands. */
export interface HandWork {
  shape: LegacyShape;
  cluster: string;
  /** Kubeconfig context and, where it is not the usual one, the file. */
  context: string;
  kubeconfig?: string | undefined;
  namespace: string;
  branch: string;
  run: string;
  target: Pick<
    PlannedTarget,
    'operatorKustomization' | 'instanceKustomization' | 'operatorHelmRelease' | 'instanceHelmRelease'
  >;
  owner: Pick<LegacyOwner, 'kind' | 'namespace' | 'name' | 'file'> | null;
  bootstrapPath: string | null;
  /** Commits of the phases, as far as they were made. */
  commits: Partial<Record<PhaseName, string>>;
}

const operatorGroup = 'fluxcd.controlplane.io';
const disabled = `${operatorGroup}/reconcile=disabled`;
const adopted = (work: HandWork): string =>
  `-l ${operatorGroup}/name=flux,${operatorGroup}/namespace=${work.namespace}`;
/** The kinds that a FluxInstance manages. */
const kinds =
  'namespaces,resourcequotas,customresourcedefinitions,clusterroles,clusterrolebindings,serviceaccounts,services,deployments,networkpolicies';
const ssa = 'kustomize.toolkit.fluxcd.io/ssa';

/** Lines to paste in order; those that begin with `#` are for the person. In the clone, the branch is checked out and up to date. */
export function byHand(name: CompensationName, work: HandWork): string[] {
  return commands[name](work);
}

const commands: Record<CompensationName, (work: HandWork) => string[]> = {
  restoreRetired: (work) => [
    ...putBack(work, 'retire'),
    work.owner && work.shape !== 'flux-bootstrap'
      ? `# wait until ${work.owner.kind} ${work.owner.name} is back, suspended and without pruning:`
      : '# wait until the root has applied the commit:',
    work.owner
      ? `${kubectl(work)} -n ${work.owner.namespace} get ${work.owner.kind.toLowerCase()} ${work.owner.name} -o jsonpath='{.spec.suspend} {.spec.prune} {.status.lastAppliedRevision}'`
      : `${flux(work)} get kustomizations -A`,
  ],
  handBack: (work) => [
    '# the annotation first: an enabled instance that goes takes Flux with it',
    disable(work),
    ...giveBack(work),
    ...putBack(work, 'adopt'),
    ...resume(work),
    `# nothing may be left in the operator's name:`,
    `${kubectl(work)} get ${kinds} -A ${adopted(work)} -o json --show-managed-fields | jq -r '.items[] | select(any(.metadata.managedFields[]; .manager == "flux-operator" and .operation == "Apply") or .metadata.annotations["${ssa}"]) | "\\(.kind)/\\(.metadata.name)"'`,
  ],
  removeInstance: (work) => [
    '# must print disabled; if it does not, annotate first',
    `${kubectl(work)} -n ${work.namespace} get fluxinstance flux -o jsonpath='{.metadata.annotations.fluxcd\\.controlplane\\.io/reconcile}'`,
    disable(work),
    ...(work.target.instanceHelmRelease
      ? [`${flux(work)} -n ${work.namespace} suspend helmrelease ${work.target.instanceHelmRelease}`]
      : []),
    ...putBack(work, 'stage'),
    `${kubectl(work)} -n ${work.namespace} wait --for=delete kustomization/${work.target.instanceKustomization} --timeout=5m`,
    '# the operator must be running: it clears the finalizer',
    `${kubectl(work)} -n ${work.namespace} delete fluxinstance flux`,
    ...(work.target.instanceHelmRelease
      ? [
          `${kubectl(work)} -n ${work.namespace} delete helmrelease,ocirepository ${work.target.instanceHelmRelease}`,
        ]
      : []),
  ],
  removeOperator: (work) => [
    '# must find none: without its operator an instance never goes',
    `${kubectl(work)} get fluxinstances -A`,
    ...putBack(work, 'operator'),
    `${kubectl(work)} -n ${work.namespace} wait --for=delete kustomization/${work.target.operatorKustomization} --timeout=5m`,
    `${kubectl(work)} -n ${work.namespace} delete helmrelease ${work.target.operatorHelmRelease} --wait`,
    `${kubectl(work)} -n ${work.namespace} delete ocirepository ${work.target.operatorHelmRelease}`,
    '# only where no ResourceSet of yours is left:',
    `${kubectl(work)} get crd -o name | grep '\\.${operatorGroup.replaceAll('.', '\\.')}$' | xargs -r ${kubectl(work)} delete`,
  ],
  restoreLegacyOwner: (work) => [
    ...(work.shape === 'helm'
      ? [
          '# helm finds its release again',
          `${kubectl(work)} -n ${work.namespace} label secret -l owner=flux-handover owner=helm --overwrite`,
        ]
      : []),
    ...putBack(work, 'orphan'),
    ...(work.owner
      ? [
          `# ${work.owner.file} must be as it was before the handover`,
          `${flux(work)} -n ${work.owner.namespace} reconcile ${work.owner.kind.toLowerCase()} ${work.owner.name}`,
        ]
      : []),
  ],
};

function kubectl({ context, kubeconfig }: HandWork): string {
  return `kubectl --context ${context}${kubeconfig ? ` --kubeconfig ${kubeconfig}` : ''}`;
}

function flux({ context, kubeconfig }: HandWork): string {
  return `flux --context ${context}${kubeconfig ? ` --kubeconfig ${kubeconfig}` : ''}`;
}

function disable(work: HandWork): string {
  return `${kubectl(work)} -n ${work.namespace} annotate fluxinstance flux ${disabled} --overwrite --field-manager=flux-handover`;
}

/** Takes the commit of one step out of Git again, with the trailers by which a retry finds it done. */
function putBack({ branch, commits, run, cluster }: HandWork, phase: PhaseName): string[] {
  const commit = commits[phase];
  if (!commit) return [`# ${phase} has no commit on ${branch}: nothing to take out of Git`];
  return [
    `git switch ${branch} && git pull --ff-only`,
    `git revert --no-commit ${commit}`,
    `git commit -m 'revert: ${phase}' --trailer 'Handover-Run: ${run}' --trailer 'Handover-Cluster: ${cluster}' --trailer 'Handover-Step: undo-${phase}'`,
    `git push origin ${branch}`,
  ];
}

/** Every object that the operator adopted gets its former manager back. */
function giveBack(work: HandWork): string[] {
  const { shape, run, cluster, bootstrapPath } = work;
  const renamed = (manager: string): string =>
    `${kubectl(work)} get ${kinds} -A ${adopted(work)} -o json --show-managed-fields | ` +
    `jq -c '.items[] | (.metadata.managedFields[] | select(.manager == "flux-operator" and .operation == "Apply") | .manager) = "${manager}" | del(.metadata.annotations["${ssa}"])' | ` +
    `while read -r object; do printf '%s' "$object" | ${kubectl(work)} replace -f -; done`;
  if (shape === 'helm')
    return [
      '# what the objects were before is kept in Git; each is applied as it was',
      `git fetch origin refs/handover/${run} && git show FETCH_HEAD:${cluster}/legacy-objects.json | jq -c '.[] | select(. != null) | del(.metadata.managedFields, .metadata.resourceVersion, .metadata.uid, .metadata.creationTimestamp, .metadata.generation)' | ${kubectl(work)} apply --server-side --force-conflicts --field-manager=flux-operator -f -`,
      renamed('helm'),
    ];
  if (shape === 'bootstrap-only')
    return [
      '# a conflict means that something else wrote in between: run it again',
      renamed('kubectl'),
      `${kubectl(work)} apply --server-side --force-conflicts -k ${bootstrapPath ?? '<the bootstrap folder>'}`,
    ];
  return [
    '# a conflict means that something else wrote in between: run it again',
    renamed('kustomize-controller'),
  ];
}

/** The owner reconciles again, and still may not prune. */
function resume(work: HandWork): string[] {
  const { owner, shape } = work;
  if (!owner || shape === 'bootstrap-only' || shape === 'helm') return [];
  if (shape === 'flux-bootstrap')
    return [`${flux(work)} -n ${owner.namespace} reconcile kustomization ${owner.name} --with-source`];
  return [
    `# in ${owner.file}: spec.suspend of ${owner.kind} ${owner.name} becomes false; prune stays false, deletionPolicy stays Orphan`,
    `git commit -am 'resume ${owner.name}' && git push`,
    `${flux(work)} -n ${owner.namespace} reconcile kustomization ${owner.name} --with-source`,
  ];
}
