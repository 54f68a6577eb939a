/** The one place that turns any error into words: known ones with cause and mend, unknown ones as a fault of ours with a stack. */
import type { Finding } from '../activities/contract.ts';
import { findingsIn } from '../activities/finding.ts';
import { exitCode, Stopped, type ExitCode } from './outcome.ts';

export interface ExplainedFailure {
  known: boolean;
  code: ExitCode;
  what: string;
  why?: string | undefined;
  mend?: string | undefined;
  findings?: Finding[] | undefined;
  /** Only of unknown errors. */
  stack?: string | undefined;
}

type Fields = Error & {
  what?: unknown;
  why?: unknown;
  reason?: unknown;
  mend?: unknown;
  code?: unknown;
  path?: unknown;
  type?: unknown;
};

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** What a person does about each reason of a ClusterError. */
const clusterMends: Record<string, string> = {
  context:
    'set clusters[].context (and kubeconfig) in handover.yaml; kubectl config get-contexts lists what there is',
  unreachable:
    'bring the API server back, or mend the address: kubectl --context <context> get --raw /readyz',
  forbidden: 'give this user the permission, or choose another context',
  'not-found': 'check that the cluster is the one you mean: flux-handover doctor',
};

/** gRPC status codes by which a Temporal server (or its absence) answers. */
const unavailable = 14;
const deadlineExceeded = 4;
const unauthenticated = 16;
const permissionDenied = 7;

function explainTemporal(error: Fields): ExplainedFailure | null {
  const cause = error.cause as Fields | undefined;
  const status = Number(error.code ?? cause?.code ?? Number.NaN);
  const failed = { known: true, code: exitCode.failure };
  if (error.name === 'WorkflowNotFoundError')
    return {
      ...failed,
      what: 'no such run is known to this Temporal server',
      mend: 'flux-handover start; or point TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE at the server that holds it',
    };
  if (error.name === 'WorkflowExecutionAlreadyStartedError')
    return {
      known: true,
      code: exitCode.finding,
      what: 'a handover of this fleet already runs',
      why: 'two runs would drive the same clusters',
      mend: 'flux-handover status',
    };
  if (status === unauthenticated || status === permissionDenied)
    return {
      ...failed,
      what: `Temporal refused the credentials: ${error.message}`,
      mend: 'check TEMPORAL_API_KEY, TEMPORAL_TLS_* or the profile in temporal.toml',
    };
  const isConnection =
    status === unavailable ||
    status === deadlineExceeded ||
    /failed to connect|ECONNREFUSED|Connection(?:Failed|Error)/i.test(error.message);
  if (isConnection && /Service|Transport|Temporal|connect/i.test(`${error.name} ${error.message}`))
    return {
      ...failed,
      what: `no answer from Temporal at ${process.env['TEMPORAL_ADDRESS'] ?? 'localhost:7233 (the default)'}`,
      why: error.message,
      mend: 'flux-handover dev starts a server and a worker; for another one set TEMPORAL_ADDRESS (or a profile in temporal.toml)',
    };
  return null;
}

/** Never throws. An error is known when it carries a mend, or when its kind says enough. */
export function explain(thrown: unknown): ExplainedFailure {
  const error: Fields = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof Stopped)
    return { known: true, code: error.code, what: error.message, why: error.why, mend: error.mend };
  const findings = findingsIn(error);
  if (findings.length > 0) {
    const what =
      findings.length === 1
        ? (findings[0]?.what ?? error.message)
        : `${findings.length} things stand in the way`;
    return { known: true, code: exitCode.finding, what, findings };
  }
  if (text(error.mend) !== undefined)
    return {
      known: true,
      code: exitCode.failure,
      what: text(error.what) ?? error.message,
      why: text(error.why),
      mend: text(error.mend),
    };
  if (error.name === 'ConfigError')
    return {
      known: true,
      code: exitCode.failure,
      what: error.message,
      mend: 'correct the file; docs/reference.md lists its fields, and editors know them from schema/handover.schema.json',
    };
  const clusterMend = error.name === 'ClusterError' ? clusterMends[String(error.reason)] : undefined;
  if (clusterMend !== undefined)
    return { known: true, code: exitCode.failure, what: error.message, mend: clusterMend };
  const temporal = explainTemporal(error);
  if (temporal !== null) return temporal;
  if (error.code === 'ENOENT' && text(error.path) !== undefined)
    return {
      known: true,
      code: exitCode.failure,
      what: `${text(error.path)} does not exist`,
      mend: 'check the path, and the folder you are in',
    };
  if (error.code === 'EACCES')
    return {
      known: true,
      code: exitCode.failure,
      what: error.message,
      mend: 'give this user the right to it, or choose another path',
    };
  return {
    known: false,
    code: exitCode.failure,
    what: `a fault in flux-handover itself: ${error.message}`,
    mend: 'please report it with the lines below',
    stack: error.stack,
  };
}
