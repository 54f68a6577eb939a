/** Another Temporal server beside the lab's own, as a second laptop would bring. */
import path from 'node:path';
import { execa } from 'execa';
import type { Lab } from '../../lab/description.ts';
import { searchAttributeNames } from '../../src/workflows/contract.ts';
import { eventually } from './kubectl.ts';
import { freePort } from '../../lab/network/free-port.ts';

export async function startTemporalServer(lab: Lab): Promise<{ address: string; stop(): Promise<void> }> {
  const program = path.join(lab.bin, 'temporal');
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const attributes = Object.values(searchAttributeNames).flatMap((name) => [
    '--search-attribute',
    `${name}=Keyword`,
  ]);
  const server = execa(
    program,
    [
      'server',
      'start-dev',
      '--headless',
      '--ip',
      '127.0.0.1',
      '--port',
      String(port),
      '--log-level',
      'error',
      ...attributes,
    ],
    {
      reject: false,
      stdio: 'ignore',
    },
  );
  await eventually('the second Temporal server', 30, async () =>
    (await execa(program, ['operator', 'cluster', 'health', '--address', address], { reject: false }))
      .exitCode === 0
      ? true
      : undefined,
  );
  return {
    address,
    stop: async () => {
      server.kill();
      await server;
    },
  };
}
