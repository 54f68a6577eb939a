/** Every breach that the watch knows: why it is dangerous, what mends it. The one list that findings and docs are made from. Pure. */

interface Meaning {
  why: string;
  /** After `retry` or before it: what a person does. */
  mend: string;
}

export const breaches = {
  'instance-deleted': {
    why: 'deleting an enabled FluxInstance uninstalls Flux: its controllers, its definitions and with them every Flux object',
    mend: 'retry lets the stopped operator go on: it lets the disabled instance go, and Git brings it back; or roll back',
  },
  'instance-unexpected': {
    why: 'an instance that the plan does not know of yet would take the controllers over',
    mend: 'find out who made it (kubectl get fluxinstance --show-managed-fields), remove it while it is disabled, then retry',
  },
  'instance-enabled': {
    why: 'Flux Operator would take the controllers over before a person approved the cutover, or after they were handed back',
    mend: 'find out who enabled it; retry takes our live annotation away again, so Git must disable it first',
  },
  'instance-disabled': {
    why: 'nobody keeps the controllers as they should be while the instance is disabled',
    mend: 'remove the annotation fluxcd.controlplane.io/reconcile from the FluxInstance where it was set, then retry',
  },
  'instance-sync-changed': {
    why: 'another spec.sync makes the operator delete a Kustomization, whose pruning deletes what is on the cluster',
    mend: 'put spec.sync back as it was (Git holds it), then retry; or roll back',
  },
  'owner-resumed': {
    why: 'two owners would write the controllers in turn, and the legacy one could prune them',
    mend: 'find out who changed it (kubectl get kustomization --show-managed-fields) and take that back, also in Git; then retry',
  },
  'owner-deleted': {
    why: 'an owner that is deleted takes along what it lists: the controllers and all of Flux',
    mend: 'one that was suspended takes nothing along; otherwise what it had begun to delete goes, and what lies beneath is kept where it was reached in time; let Git bring it back, then retry; or roll back',
  },
  'owner-returned': {
    why: 'the retired legacy owner would write and prune the controllers beside Flux Operator',
    mend: 'remove it from where it came from, then from the cluster while it is suspended (kubectl delete), then retry',
  },
  'owner-changed': {
    why: 'what the legacy owner may do to the cluster is not what was planned',
    mend: 'put it back as Git has it, then retry; or roll back',
  },
  'kustomization-deleted': {
    why: 'a Kustomization that is deleted prunes what it applied, and those beneath it do the same',
    mend: 'what it had begun to delete goes; what lies beneath is kept where it was reached in time: see what is left (flux get all -A), let Git bring it back, then retry; or roll back',
  },
  'definition-deleted': {
    why: 'with a definition go all its objects, and each of those prunes what it applied',
    mend: 'everything is suspended, so nothing more is pruned; see which definitions are left (kubectl get crd), then roll back, or install Flux again',
  },
  'namespace-deleted': {
    why: 'the controllers live in this namespace, with every secret they need',
    mend: 'everything is suspended, so nothing more is pruned; nothing stops the deletion of a namespace: be ready to install Flux again',
  },
  'aid-in-force': {
    why: 'what first aid stopped does not reconcile, and this run has not told of it: the report was lost with a worker, or an earlier run ended before it was lifted',
    mend: 'see what else is said here and what the evidence names (breach-*.json), and find out what somebody did; retry lifts it, or roll back',
  },
  'second-controllers': {
    why: 'two sets of controllers write the same objects against each other',
    mend: 'remove the second set where it came from, and from the cluster what is left of it (kubectl delete deployment), then retry',
  },
  'controllers-changed': {
    why: 'somebody beside the owner wrote the controllers (a bootstrap applied by hand, say): what was set by patches is lost, or comes and goes',
    mend: 'leave the bootstrap alone; retry has Flux Operator put them right, where it owns them (before the adoption: flux reconcile kustomization, then retry); or roll back',
  },
  'object-gone': {
    why: 'it was there when the run began, and the plan does not take it away',
    mend: 'bring it back (Git holds it: flux reconcile kustomization), then retry; or roll back',
  },
  'object-remade': {
    why: 'it was deleted and made again, so what it managed may have gone in between',
    mend: 'see what is missing (flux get all -A), then retry; or roll back',
  },
  'operator-unwell': {
    why: 'without Flux Operator nobody keeps the controllers, and no FluxInstance can be removed',
    mend: 'look at its Deployment and its logs, mend it, then retry; or roll back',
  },
  unready: {
    why: 'it was Ready when the run began',
    mend: 'mend what it says and retry, or roll back while the way back is cheap',
  },
  'source-unready': {
    why: 'what comes from Git, a registry or another object does not arrive, so nothing new is applied; going back needs the sources as much',
    mend: 'see whether the server answers and the credentials hold (flux get sources all -A), and what is waited for; then retry',
  },
  failing: {
    why: 'it was Ready when the run began, and fails again and again',
    mend: 'mend what it says and retry, or roll back while the way back is cheap',
  },
  behind: {
    why: 'a Kustomization that does not follow its source applies nothing new, whatever it says',
    mend: 'look at its conditions and its controller (flux logs), mend it and retry, or roll back',
  },
  restarts: {
    why: 'a controller that restarts again and again reconciles little, and often lacks memory',
    mend: 'look at its logs (kubectl logs --previous) and limits, mend them and retry, or roll back',
  },
  drift: {
    why: 'it was otherwise when the run began, and the plan does not change it',
    mend: 'mend what it names and retry, or roll back while the way back is cheap',
  },
  unseen: {
    why: 'what the watch does not see it can not judge, and nobody stops what is done there',
    mend: 'mend what it names (credentials or permissions of the worker, a conversion webhook); the watch then sees it again by itself; retry, or roll back once it does',
  },
  'api-server': {
    why: 'nothing can be seen or stopped without the API server',
    mend: 'bring it back, then retry',
  },
} as const satisfies Record<string, Meaning>;

export type BreachId = keyof typeof breaches;
