/** Exit codes, and the errors by which a command says that it ends without having done what was asked. */

export const exitCode = {
  /** Everything asked for is done. */
  done: 0,
  /** A finding or a refusal, or a cluster is held and a person is asked. */
  finding: 1,
  /** Something failed: usage, connection, permission, a fault of ours. */
  failure: 2,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

export interface Explanation {
  /** What was found. */
  what: string;
  /** Why that is dangerous, or what it prevents. */
  why?: string;
  /** The command or edit that mends it. */
  mend?: string;
}

/** A known end with a cause and a mend; shown without a stack. */
export class Stopped extends Error {
  readonly code: ExitCode;
  readonly why: string | undefined;
  readonly mend: string | undefined;

  constructor(code: ExitCode, explanation: Explanation, cause?: unknown) {
    super(explanation.what, cause === undefined ? undefined : { cause });
    this.name = 'Stopped';
    this.code = code;
    this.why = explanation.why;
    this.mend = explanation.mend;
  }
}

/** Refuses: nothing was changed (exit 1). */
export function refuse(explanation: Explanation): never {
  throw new Stopped(exitCode.finding, explanation);
}

/** Fails for a known reason (exit 2). */
export function fail(explanation: Explanation, cause?: unknown): never {
  throw new Stopped(exitCode.failure, explanation, cause);
}

/** Ends because a person pressed Ctrl-C or answered a prompt with Escape (exit 130). */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}
