// Starts, recognises and ends the long-running programs of the lab, across runs of this code and after any crash.
//
// Two marks tell what is ours: a record with the process id AND its start time (a reused id is never touched), and two
// variables in the environment of every process, which also find what was started by our programs in their turn.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { programPath } from './commands.ts';
import { labDirectory } from './description.ts';
import { enterNamespace } from './network/node-namespace.ts';
import { killMarked, markOf, processStartTime, sendSignal } from './process-marks.ts';

export interface ProcessSpecification {
  /** Unique in the lab; programs of a cluster are named `cluster/program`. */
  readonly name: string;
  readonly command: string;
  readonly parameters: readonly string[];
  /** Network namespace to run in; the host's when missing. */
  readonly netns?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What it started lives on without it and serves its successor (containerd's shims). */
  readonly keepsDescendants?: boolean;
  /** Done before a start, not when it runs already. */
  readonly prepare?: () => Promise<unknown>;
}

export interface LabProcess {
  readonly name: string;
  readonly pid: number;
  readonly alive: boolean;
}

interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** Clock ticks after boot, from /proc; with `boot` it makes the process id unambiguous. */
  readonly startTime: string;
  readonly boot: string;
}

const recordFolder = path.join(labDirectory, 'processes');
const logFolder = path.join(labDirectory, 'logs');

export function logFile(name: string): string {
  return path.join(logFolder, `${fileName(name)}.log`);
}

/** Starts a program unless it runs already. True when it was started. */
export async function ensureProcess(specification: ProcessSpecification): Promise<boolean> {
  const { name } = specification;
  const earlier = await readRecord(name);
  if (earlier !== undefined && (await isAlive(earlier))) return false;
  if (specification.keepsDescendants !== true) await killMarked((mark) => mark === name);
  await specification.prepare?.();
  await mkdir(recordFolder, { recursive: true });
  await mkdir(logFolder, { recursive: true });
  const enter = specification.netns === undefined ? [] : enterNamespace(specification.netns);
  const [file = '', ...parameters] = [...enter, specification.command, ...specification.parameters];
  const log = await open(logFile(name), 'a', 0o600);
  try {
    const child = spawn(file, parameters, {
      cwd: labDirectory,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: {
        PATH: programPath,
        HOME: labDirectory,
        ...specification.environment,
        ...markOf(name),
      },
    });
    await once(child, 'spawn');
    child.unref();
    const pid = child.pid ?? 0;
    const record: ProcessRecord = {
      name,
      pid,
      startTime: (await processStartTime(pid)) ?? '',
      boot: await bootId(),
    };
    await writeFile(recordFile(name), JSON.stringify(record));
  } finally {
    await log.close();
  }
  return true;
}

/** Every program that should run, by name, with whether it does. */
export async function listProcesses(): Promise<LabProcess[]> {
  const files = await readdir(recordFolder).catch(() => []);
  const records = await Promise.all(files.map((file) => readRecord(path.basename(file, '.json'))));
  const known = records.filter((record) => record !== undefined);
  const listed = known.map(async (record) => ({
    name: record.name,
    pid: record.pid,
    alive: await isAlive(record),
  }));
  return (await Promise.all(listed)).toSorted((left, right) => left.name.localeCompare(right.name));
}

/**
 * Ends a program and all that it started: SIGTERM, and after `grace` milliseconds SIGKILL. Its record goes, so that
 * `listProcesses` no longer expects it.
 */
export async function endProcess(name: string, grace = 5000): Promise<void> {
  const record = await readRecord(name);
  if (record !== undefined && (await isAlive(record))) {
    sendSignal(record.pid, 'SIGTERM');
    for (let waited = 0; waited < grace && (await isAlive(record)); waited += 50) await pause(50);
  }
  await killMarked((mark) => mark === name);
  await rm(recordFile(name), { force: true });
}

async function isAlive(record: ProcessRecord): Promise<boolean> {
  return record.boot === (await bootId()) && record.startTime === (await processStartTime(record.pid));
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

function fileName(name: string): string {
  return name.replace('/', '.');
}

function recordFile(name: string): string {
  return path.join(recordFolder, `${fileName(name)}.json`);
}

async function readRecord(name: string): Promise<ProcessRecord | undefined> {
  const text = await readFile(recordFile(name), 'utf8').catch(() => undefined);
  // Empty or cut short by a crash: the mark in the environment finds the process all the same.
  return text?.endsWith('}') === true ? (JSON.parse(text) as ProcessRecord) : undefined;
}
