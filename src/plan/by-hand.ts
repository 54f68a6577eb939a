/** What a person types to do a compensation by hand: exact commands, per compensation and shape. Pure; the runbook shows the same. */
import { fromKept, madeByAdoption, renamed, stillTheOperators } from './by-hand-objects.ts';
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
  /** Commits of the phases, as far as they were made. */
  commits: Partial<Record<PhaseName, string>>;
}

const operatorGroup = 'fluxcd.controlplane.io';
const disabled = `${operatorGroup}/reconcile=disabled`;

/** Lines to paste in order; those that begin with `#` are for the person. In the clone, the branch is checked out and up to date. */
export function byHand(name: CompensationName, work: HandWork): string[] {
  return commands[name](work);
}

const commands: Record<CompensationName, (work: HandWork) => string[]> = {
  restoreRetired: (work) => [
    '# the annotation first: from then on Flux Operator changes nothing any more',
    disable(work),
    ...putBack(work, 'retire'),
    ...fetched(work),
    ...ownerBack(work),
  ],
  handBack: (work) => [
    '# the annotation first: an enabled instance that goes takes Flux with it',
    disable(work),
    ...giveBack(work),
    ...putBack(work, 'adopt', resumed(work)),
    ...fetched(work),
    ...inCharge(work),
    "# must print nothing: what is listed is still in the operator's name (a ResourceSet's objects are, and stay so)",
    stillTheOperators(work, kubectl(work)),
  ],
  removeInstance: (work) => [
    disable(work),
    '# must print disabled',
    `${kubectl(work)} -n ${work.namespace} get fluxinstance flux -o jsonpath='{.metadata.annotations.fluxcd\\.controlplane\\.io/reconcile}'`,
    ...(work.target.instanceHelmRelease
      ? [`${flux(work)} -n ${work.namespace} suspend helmrelease ${work.target.instanceHelmRelease}`]
      : []),
    ...putBack(work, 'stage'),
    ...fetched(work),
    gone(work, work.target.instanceKustomization),
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
    ...fetched(work),
    gone(work, work.target.operatorKustomization),
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
    ...fetched(work),
    ...(work.owner
      ? [
          `# ${work.owner.file} is as it was before the handover`,
          until(work, '.spec.suspend', '!= true'),
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
function putBack(
  { branch, commits, run, cluster }: HandWork,
  phase: PhaseName,
  also: string[] = [],
): string[] {
  const commit = commits[phase];
  if (!commit) return [`# ${phase} has no commit on ${branch}: nothing to take out of Git`];
  return [
    `git switch ${branch} && git pull --ff-only`,
    // The owner's file was written once more when it resumed: what stood there before counts.
    `git revert --no-commit ${phase === 'orphan' ? '-X theirs ' : ''}${commit}`,
    ...also,
    `git commit -am 'revert: ${phase}' --trailer 'Handover-Run: ${run}' --trailer 'Handover-Cluster: ${cluster}' --trailer 'Handover-Step: undo-${phase}'`,
    `git push origin ${branch}`,
  ];
}

/** What follows a source reconciles by itself once that has a new revision. */
function fetched(work: HandWork): string[] {
  return [
    '# the cluster fetches the commit now',
    `${kubectl(work)} annotate gitrepositories.source.toolkit.fluxcd.io --all -A reconcile.fluxcd.io/requestedAt="$(date +%s)" --overwrite`,
  ];
}

/** Waits for a field of the owner. @param test as `[` reads it */
function until(work: HandWork, field: string, test: string): string {
  const { owner } = work;
  return `until [ "$(${kubectl(work)} -n ${owner?.namespace ?? ''} get ${owner?.kind.toLowerCase() ?? ''} ${owner?.name ?? ''} -o jsonpath='{${field}}')" ${test} ]; do sleep 2; done`;
}

function gone(work: HandWork, kustomization: string): string {
  return `${kubectl(work)} -n ${work.namespace} wait --for=delete kustomization/${kustomization} --timeout=5m`;
}

/** After `retire` was undone. */
function ownerBack(work: HandWork): string[] {
  const { owner, shape } = work;
  if (!owner || shape === 'bootstrap-only')
    return ['# no Kustomization applies it: there is nothing to wait for'];
  const there = `${kubectl(work)} -n ${owner.namespace} get ${owner.kind.toLowerCase()} ${owner.name}`;
  if (shape === 'flux-bootstrap')
    return [
      '# until the root lists the controllers again',
      `until ${there} -o jsonpath='{.status.inventory.entries[*].id}' | grep -q source-controller; do sleep 2; done`,
    ];
  return [
    `# until ${owner.kind} ${owner.name} is back; it is suspended`,
    `until ${there} -o name; do sleep 2; done`,
    ...(shape === 'helm'
      ? ['# what left with the release', fromKept(work, 'left-objects.json', kubectl(work), 'helm')]
      : []),
  ];
}

/** Every object that the operator adopted gets its former manager back, and where no file holds it, its former content. */
function giveBack(work: HandWork): string[] {
  const { shape } = work;
  const again = '# a conflict means that something else wrote in between: run it again';
  if (shape !== 'bootstrap-only' && shape !== 'helm')
    return [again, renamed(work, kubectl(work), 'kustomize-controller')];
  const manager = shape === 'helm' ? 'helm' : 'kubectl';
  return [
    again,
    renamed(work, kubectl(work), manager),
    '# what the objects were before is kept in Git; each becomes what it was',
    fromKept(work, 'legacy-objects.json', kubectl(work), manager),
    '# what only the adoption has made',
    madeByAdoption(work, kubectl(work)),
  ];
}

/** In the owner's file: it reconciles again, and still may not prune. */
function resumed({ owner, shape }: HandWork): string[] {
  return owner && shape === 'self-managed'
    ? [
        '# the owner reconciles again; prune stays false, deletionPolicy stays Orphan',
        `perl -pi -e 's/^( +)suspend: true$/$1suspend: false/' ${owner.file}`,
      ]
    : [];
}

/** The legacy install has its controllers again. */
function inCharge(work: HandWork): string[] {
  const { owner, shape, namespace } = work;
  if (!owner || shape === 'bootstrap-only' || shape === 'helm')
    return [`${kubectl(work)} -n ${namespace} wait deployment --all --for=condition=Available --timeout=5m`];
  return [
    ...(shape === 'self-managed' ? [until(work, '.spec.suspend', '!= true')] : []),
    `${flux(work)} -n ${owner.namespace} reconcile kustomization ${owner.name} --with-source`,
  ];
}
