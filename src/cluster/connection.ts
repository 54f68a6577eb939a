/** A connection to one API server: kubeconfig and authentication by @kubernetes/client-node, plain JSON over HTTPS. */
import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { ClusterError, isClusterError, reasonOfStatus } from './errors.ts';
import { loadKubeConfig } from './kubeconfig.ts';

export interface ConnectionSettings {
  context: string;
  /** Path of the kubeconfig; default: KUBECONFIG, else ~/.kube/config. */
  kubeconfig?: string | undefined;
  /** Ends every request and watch. */
  signal?: AbortSignal | undefined;
  /** Milliseconds a single request may take; default 15 s. */
  timeout?: number;
}

export interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  contentType?: string;
  accept?: string;
  signal?: AbortSignal | undefined;
  timeout?: number;
}

export interface Connection {
  readonly context: string;
  readonly server: string;
  /** The settings it was opened with, for programs that connect by themselves. */
  readonly settings: ConnectionSettings;
  /** One request, its answer parsed. @throws ClusterError */
  send<Answer>(path: string, request?: Request): Promise<Answer>;
  /** Opens a stream of JSON lines (a watch). @throws ClusterError */
  stream(path: string, request?: Request): Promise<http.IncomingMessage>;
  /** Closes idle sockets. */
  close(): void;
}

/** An API server that starts knows nobody yet, or not yet what they may do: its refusals count only after that. Milliseconds. */
const startsFor = 30_000;
/** When a server last gave no answer, by its origin: whoever connects next ought to know. Milliseconds since 1970. */
const lastAway = new Map<string, number>();

/** @throws ClusterError with reason `context` when the kubeconfig or the context is not there. */
export function openConnection(settings: ConnectionSettings): Connection {
  const config = loadKubeConfig(settings.context, settings.kubeconfig);
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw new ClusterError(
      'context',
      `context ${settings.context} names a cluster that the kubeconfig does not have`,
    );
  const server = new URL(cluster.server);
  const secure = server.protocol === 'https:';

  let agent: http.Agent | undefined;

  async function open(
    target: string,
    request: Request,
    timeout: number | undefined,
  ): Promise<http.IncomingMessage> {
    const url = new URL(server.pathname.replace(/\/$/, '') + target, server);
    for (const [key, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) url.searchParams.set(key, String(value));
    const signals = [
      settings.signal,
      request.signal,
      timeout === undefined ? undefined : AbortSignal.timeout(timeout),
    ];
    const options: https.RequestOptions = {
      method: request.method ?? 'GET',
      signal: AbortSignal.any(signals.filter((signal) => signal !== undefined)),
    };
    await config.applyToHTTPSOptions(options);
    // client-node caches one agent per cluster and user but leaves it without keep-alive.
    if (options.agent instanceof http.Agent)
      agent = Object.assign(options.agent, { keepAlive: true, maxFreeSockets: 16 });
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    options.headers = {
      ...(options.headers as http.OutgoingHttpHeaders | undefined),
      accept: request.accept ?? 'application/json',
      ...(body === undefined
        ? {}
        : {
            'content-type': request.contentType ?? 'application/json',
            'content-length': Buffer.byteLength(body),
          }),
    };
    return new Promise((resolve, reject) => {
      const sending = (secure ? https : http).request(url, options, resolve);
      sending.on('error', reject);
      sending.end(body);
    });
  }

  async function answer(
    target: string,
    request: Request,
    timeout: number | undefined,
  ): Promise<http.IncomingMessage> {
    const response = await open(target, request, timeout).catch((error: unknown) => {
      settings.signal?.throwIfAborted();
      request.signal?.throwIfAborted();
      if (!isCut(error)) lastAway.set(server.origin, Date.now());
      throw unreachable(server.origin, error);
    });
    const status = response.statusCode ?? 0;
    if (status < 400) return response;
    const message = `${request.method ?? 'GET'} ${target}: ${messageOf(await text(response), status)}`;
    const reason = reasonOfStatus(status);
    const starts = reason === 'forbidden' && Date.now() - (lastAway.get(server.origin) ?? 0) < startsFor;
    throw starts
      ? new ClusterError('unreachable', `${message} (it has only just come back)`, status)
      : new ClusterError(reason, message, status);
  }

  async function send<Answer>(target: string, request: Request = {}): Promise<Answer> {
    const timeout = request.timeout ?? settings.timeout ?? 15_000;
    const once = async () => {
      const response = await answer(target, request, timeout);
      try {
        return JSON.parse(await text(response)) as Answer;
      } catch (error) {
        settings.signal?.throwIfAborted();
        throw unreachable(server.origin, error);
      }
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once();
      } catch (error) {
        if ((request.method ?? 'GET') !== 'GET' || attempt > 5 || !isPassing(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, error.status === 0 ? 0 : 100 * 2 ** attempt));
      }
    }
  }

  return {
    context: settings.context,
    server: server.origin,
    settings,
    send,
    stream: (target, request = {}) => answer(target, request, request.timeout),
    close: () => agent?.destroy(),
  };
}

function unreachable(server: string, error: unknown): ClusterError {
  const { message, code, name } = error as NodeJS.ErrnoException;
  const why =
    name === 'TimeoutError' || code === 'ABORT_ERR'
      ? 'no answer in time'
      : code && !message.includes(code)
        ? `${code} ${message}`
        : message || String(code);
  return new ClusterError('unreachable', `${server}: ${why}`, 0, { cause: error });
}

function messageOf(body: string, status: number): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? String(status);
  } catch {
    return `${status} ${body.slice(0, 200)}`.trim();
  }
}

/**
 * A kept-alive socket may be closed by the server just as it is used again; an overloaded server, or one that has just learned of
 * a new CRD (`storage is (re)initializing`), asks for a moment. Reads are repeated then.
 */
function isPassing(error: unknown): error is ClusterError {
  if (!isClusterError(error, 'unreachable')) return false;
  return error.status === 429 || error.status === 503 || isCut(error);
}

/** A connection that was there ended: a proxy or an idle socket does that, too, while the server goes on. */
function isCut(error: unknown): boolean {
  return /ECONNRESET|socket hang up|EPIPE/.test(
    `${(error as NodeJS.ErrnoException).code} ${(error as Error).message}`,
  );
}
