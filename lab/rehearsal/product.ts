/** Runs the built product the way a person does: the command line, and workers as processes. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { checkoutDirectory, type Lab } from '../description.ts';
import { besideLab } from './outside-names.ts';

export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** stdout as JSON, or undefined when it is not. */
  json: unknown;
}

export interface WorkerProcess {
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when it has ended; `signal` defaults to SIGTERM. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

export class Product {
  readonly #lab: Lab;
  readonly #configFile: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #through: readonly string[];

  /**
   * @param environment extra variables, e.g. another TEMPORAL_ADDRESS
   * @param through program and parameters that start the product in their turn and become it, e.g. setpriv
   */
  constructor(
    lab: Lab,
    configFile: string,
    environment: NodeJS.ProcessEnv = {},
    through: readonly string[] = [],
  ) {
    this.#lab = lab;
    this.#configFile = configFile;
    this.#environment = environment;
    this.#through = through;
  }

  async #command(
    ...words: string[]
  ): Promise<{ file: string; arguments: readonly string[]; environment: NodeJS.ProcessEnv }> {
    const wrapped = await besideLab(this.#lab, [
      'node',
      path.join(checkoutDirectory, 'dist/cli/main.js'),
      ...words,
      '--config',
      this.#configFile,
    ]);
    const [file = '', ...parameters] = [...this.#through, wrapped.file, ...wrapped.arguments];
    return {
      file,
      arguments: parameters,
      environment: { ...wrapped.environment, NO_COLOR: '1', ...this.#environment },
    };
  }

  /** Runs one command to its end; never throws for an exit code. */
  async run(...words: string[]): Promise<CommandResult> {
    const command = await this.#command(...words);
    const result = await execa(command.file, command.arguments, {
      cwd: path.dirname(this.#configFile),
      env: command.environment,
      reject: false,
      stdin: 'ignore',
      timeout: 600_000,
    });
    let json: unknown;
    try {
      json = JSON.parse(result.stdout);
    } catch {
      json = undefined;
    }
    return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr, json };
  }

  /** Runs one command at this terminal, where it may ask. @returns its exit code */
  async attend(...words: string[]): Promise<number> {
    const command = await this.#command(...words);
    const { exitCode } = await execa(command.file, command.arguments, {
      cwd: path.dirname(this.#configFile),
      env: { ...command.environment, ...(process.stdout.isTTY ? { NO_COLOR: undefined } : {}) },
      reject: false,
      stdio: 'inherit',
    });
    return exitCode ?? -1;
  }

  /** Starts a worker; its output goes to a log file. Kill it with `worker.kill('SIGKILL')`. */
  async worker(name: string): Promise<WorkerProcess> {
    const command = await this.#command('worker');
    const folder = path.join(path.dirname(this.#configFile), 'logs');
    await mkdir(folder, { recursive: true });
    const logFile = path.join(folder, `${name}.log`);
    const worker = execa(command.file, command.arguments, {
      cwd: path.dirname(this.#configFile),
      env: command.environment,
      reject: false,
      stdin: 'ignore',
      all: true,
      buffer: false,
      forceKillAfterDelay: 20_000,
    });
    worker.all?.pipe(createWriteStream(logFile, { flags: 'a' }));
    if (worker.pid === undefined) throw new Error(`the worker ${name} did not start`);
    return {
      pid: worker.pid,
      logFile,
      end: async (signal = 'SIGTERM') => {
        worker.kill(signal);
        await worker;
      },
    };
  }
}
