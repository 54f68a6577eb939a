/** What can go wrong between us and an API server, told apart by what a person has to do about it. */

export type ClusterErrorReason =
  | 'context' // the kubeconfig or its context is missing or unusable
  | 'unreachable' // no answer, or the server is overloaded: worth another try
  | 'forbidden' // 401 or 403
  | 'not-found'
  | 'conflict' // 409: somebody else wrote first, or the object exists
  | 'invalid' // 4xx that trying again will not change
  | 'expired'; // 410: the watched version is gone, list again

export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  readonly reason: ClusterErrorReason;
  /** HTTP status, 0 where there was no answer. */
  readonly status: number;

  constructor(reason: ClusterErrorReason, message: string, status = 0, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.status = status;
  }
}

export function isClusterError(error: unknown, ...reasons: ClusterErrorReason[]): error is ClusterError {
  return error instanceof ClusterError && (reasons.length === 0 || reasons.includes(error.reason));
}

export function reasonOfStatus(status: number): ClusterErrorReason {
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 409) return 'conflict';
  if (status === 410) return 'expired';
  return status === 429 || status >= 500 ? 'unreachable' : 'invalid';
}
