/** Turns what went wrong into the failures of the contract: typed for the workflow, with findings a person can act on. */
import { tmpdir } from 'node:os';
import { asyncLocalStorage, CancelledFailure, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { ClusterError } from '../cluster/errors.ts';
import { leaseName, LeaseNotOurs } from '../cluster/lease.ts';
import { WaitEnded } from '../cluster/wait.ts';
import { FilesChanged, RepositoryError } from '../repo/errors.ts';
import { cacheHome } from '../repo/repository.ts';
import { BuilderMissing } from '../repo/kustomize-program.ts';
import type { FailureType, Finding } from './contract.ts';
import { refusal } from './finding.ts';
import { ProgramFailed } from './programs.ts';
import type { Redactor } from './redact.ts';

export { note, refusal, warning } from './finding.ts';

const retried: ReadonlySet<FailureType> = new Set(['Unreachable', 'NotYet']);

/** `details[0]` is `Finding[]`; only `Unreachable` and `NotYet` are tried again without a person. */
export function failure(type: FailureType, findings: Finding[]): ApplicationFailure {
  const message = findings.map(({ what, mend }) => `${what}. ${mend}`).join('\n');
  return ApplicationFailure.create({ type, message, nonRetryable: !retried.has(type), details: [findings] });
}

/** Where an error came from, for the words of its finding. */
export interface FailureSource {
  cluster: string;
  context: string;
  namespace: string;
  redact: Redactor;
}

/** Every error as a failure of the contract; failures and cancellations pass as they are. */
export function asFailure(error: unknown, source: FailureSource): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  const { type, finding } = explain(error, source);
  if (finding.id === unexpected) logUnexpected(error, source.redact);
  return failure(type, [{ ...finding, what: source.redact(finding.what) }]);
}

export const unexpected = 'unexpected';

/** A fault of this code: its stack belongs in the worker's log, and not in history. */
export function logUnexpected(error: unknown, redact: Redactor): void {
  const stack = redact((error as Error).stack ?? String(error));
  if (asyncLocalStorage.getStore()) log.error('unexpected error', { stack });
}

/** What an error means to a person. */
export function explain(
  error: unknown,
  { cluster, context, namespace }: Omit<FailureSource, 'redact'>,
): { type: FailureType; finding: Finding } {
  const as = (type: FailureType, id: string, what: string, why: string, mend: string) => ({
    type,
    finding: refusal(id, what, why, mend),
  });
  if (isDiskFull(error))
    return as(
      'NotYet',
      'disk-full',
      `no space is left on a disk of the worker: ${(error as Error).message}`,
      'the mirror of the repository, the builds and the evidence are kept there',
      `make room where the worker keeps its cache, its temporary files and the evidence (df -h ${cacheHome()} ${tmpdir()}); it is tried again`,
    );
  if (error instanceof ClusterError) {
    const { message } = error;
    if (error.reason === 'context')
      return as(
        'Refused',
        'kubeconfig-context',
        message,
        `the cluster ${cluster} can not be addressed`,
        `correct clusters[].context or clusters[].kubeconfig of ${cluster} in handover.yaml; kubectl config get-contexts lists what is there`,
      );
    if (error.reason === 'unreachable')
      return as(
        'Unreachable',
        'cluster-unreachable',
        `the API server of ${cluster} did not answer: ${message}`,
        'nothing can be checked or moved without it',
        `check it with: kubectl --context ${context} get --raw /readyz`,
      );
    if (error.reason === 'forbidden')
      return as(
        'Forbidden',
        'cluster-forbidden',
        `the API server of ${cluster} refused: ${message}`,
        'the step can not be done with these credentials',
        `give the user of context ${context} the permission, or use another context`,
      );
    return as(
      error.reason === 'conflict' ? 'NotYet' : 'NotReady',
      `cluster-${error.reason}`,
      message,
      'the API server did not accept the step',
      `look at the object with kubectl --context ${context}, then retry`,
    );
  }
  if (error instanceof LeaseNotOurs) {
    const held = error.holder
      ? `${error.message} (${
          Object.entries(error.holder.about)
            .map(([key, value]) => `${key}: ${value}`)
            .join(', ') || 'no details'
        }; last seen ${error.holder.renewedAt})`
      : error.message;
    return as(
      'LockHeld',
      'lock-held',
      `cluster ${cluster}: ${held}`,
      'two runs that drive one cluster undo each other',
      error.holder
        ? `let that run end (flux-handover status); if nothing drives it any more, flux-handover status --direct ${cluster} says what it left: flux-handover rollback --direct ${cluster} takes that back, and where it is nothing, flux-handover start --take-over (or: kubectl --context ${context} -n ${namespace} delete lease flux-handover)`
        : `if somebody took the cluster over, abandon this run; if not, give the Lease back and retry: kubectl --context ${context} -n ${namespace} create -f - <<<'${leaseManifest(error.identity)}'`,
    );
  }
  if (error instanceof WaitEnded)
    return as(
      'NotReady',
      'not-ready',
      `waited in vain for ${error.waiting}`,
      error.hopeless
        ? 'it will not come right by waiting longer'
        : 'the step did not become Ready within timeouts.ready',
      'look at the object named, mend what it says, then retry; or roll back',
    );
  if (error instanceof FilesChanged)
    return { type: 'PlanChanged', finding: refusal('files-changed', error.what, error.why, error.mend) };
  if (error instanceof RepositoryError) {
    const type: FailureType =
      error.kind === 'unreachable'
        ? 'Unreachable'
        : error.kind === 'race'
          ? 'NotYet'
          : error.kind === 'forbidden'
            ? 'Forbidden'
            : 'Refused';
    return { type, finding: refusal(`git-${error.kind}`, error.what, error.why, error.mend) };
  }
  if (error instanceof BuilderMissing)
    return as('Refused', 'program-missing', error.what, error.why, error.mend);
  if (error instanceof ProgramFailed)
    return as(
      'NotReady',
      'program-failed',
      error.message,
      `${error.program} did not do its part`,
      'run the command by hand to see more, then retry',
    );
  const { name, message } = error as Error;
  return as(
    'NotReady',
    unexpected,
    `${name ?? 'Error'}: ${message ?? String(error)}`,
    'this was not foreseen, so nothing more was done',
    "look at the worker's log, then retry: steps are safe to repeat",
  );
}

/** Ours, and what git and the other programs say of it. */
function isDiskFull(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || /no space left on device|out of diskspace/i.test(message);
}

function leaseManifest(holderIdentity: string): string {
  return JSON.stringify({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: leaseName },
    spec: { holderIdentity },
  });
}
