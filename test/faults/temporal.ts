/** A Temporal server of one lane's own, which can be killed without the other lane's noticing. */
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import type { Lab } from '../../lab/description.ts';
import { killMarked } from '../../lab/process-marks.ts';
import { endProcess, ensureProcess } from '../../lab/processes.ts';
import { searchAttributeNames } from '../../src/workflows/contract.ts';
import { freePort } from '../../lab/network/free-port.ts';

export interface LaneTemporal {
  /** `host:port`. */
  readonly address: string;
  /** On the data it had, if any; ends when the namespace answers. */
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** @param folder where its data is kept */
export async function laneTemporal(lab: Lab, lane: string, folder: string): Promise<LaneTemporal> {
  const name = `temporal-of-${lane}`;
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const command = path.join(lab.bin, 'temporal');
  const attributes = Object.values(searchAttributeNames).map((each) => `--search-attribute=${each}=Keyword`);
  const parameters = [
    'server',
    'start-dev',
    '--headless',
    '--ip=127.0.0.1',
    `--port=${port}`,
    `--db-filename=${path.join(folder, 'temporal.db')}`,
    '--log-level=error',
    '--disable-config-file',
    '--disable-config-env',
    ...attributes,
  ];
  return {
    address,
    async start() {
      await ensureProcess({ name, command, parameters });
      for (const end = Date.now() + 60_000; Date.now() < end; await pause(200)) {
        const asked = ['operator', 'namespace', 'describe', '--address', address, '--namespace', 'default'];
        const { exitCode } = await execa(command, asked, { reject: false, timeout: 5000 });
        if (exitCode === 0) return;
      }
      throw new Error(`the Temporal server of ${lane} does not answer at ${address}`);
    },
    kill: () => killMarked((mark) => mark === name),
    stop: () => endProcess(name),
  };
}
