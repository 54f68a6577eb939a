/** The worker's log: pino, with what could be a secret taken out, also handed to the Temporal runtime. */
import { DefaultLogger, makeTelemetryFilterString, Runtime, type LogLevel } from '@temporalio/worker';
import { pino, type DestinationStream, type Level, type Logger } from 'pino';

const censored = '[redacted]';

const secretFields = [
  'password',
  'token',
  'secret',
  'authorization',
  'apiKey',
  'privateKey',
  'stringData',
  'data.password',
  'data.token',
];

/** Secrets that stand inside of messages: credentials in URLs, HTTP authorization, age keys, PEM keys, GitHub and GitLab tokens. */
const secretTexts: [RegExp, string][] = [
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"\\]+@/gi, `$1${censored}@`],
  [/\b(Bearer|Basic) +[A-Za-z0-9+/=._~-]+/gi, `$1 ${censored}`],
  [/AGE-SECRET-KEY-1[0-9A-Z]+/gi, censored],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, censored],
  [/\b(gh[pousr]_|github_pat_|glpat-)[A-Za-z0-9_-]{10,}/g, censored],
];

/** A line with everything that looks like a secret replaced. */
function redacted(line: string): string {
  let result = line;
  for (const [pattern, replacement] of secretTexts) result = result.replace(pattern, replacement);
  return result;
}

/** JSON lines on stderr unless told otherwise. */
export function makeLogger(options: { level?: Level; destination?: DestinationStream } = {}): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      redact: {
        paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: censored,
      },
      hooks: { streamWrite: redacted },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

/** Sends what the Temporal SDK and its core say to the same log. Once per process, before the first connection. */
export function installRuntimeLogger(logger: Logger): void {
  const levels: Record<LogLevel, Level> = {
    TRACE: 'trace',
    DEBUG: 'debug',
    INFO: 'info',
    WARN: 'warn',
    ERROR: 'error',
  };
  Runtime.install({
    // The process that runs the worker decides what a signal means.
    shutdownSignals: [],
    logger: new DefaultLogger('INFO', ({ level, message, meta }) =>
      logger[levels[level]](meta ?? {}, message),
    ),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
    },
  });
}
