// The lab's Temporal: the dev server with its UI, persistent, on a loopback address that no pod can reach.

import path from 'node:path';
import { labDirectory, type LabTemporal } from '../description.ts';
import { endProcess, ensureProcess } from '../processes.ts';
import { waitUntil } from '../readiness.ts';
import { run } from '../commands.ts';

const programName = 'temporal';
const frontendPort = 7233;
const uiPort = 8233;

/** By which a handover's workflows are found; all are of type Keyword. */
const searchAttributes = ['FleetName', 'ClusterName', 'HandoverPhase', 'HandoverGate'];

export function describeTemporal(address: string): LabTemporal {
  return {
    address: `${address}:${frontendPort}`,
    namespace: 'default',
    uiUrl: `http://${address}:${uiPort}`,
  };
}

/** Starts the server unless it runs; histories of an earlier start are kept. */
export async function ensureTemporal(address: string, bin: string): Promise<LabTemporal> {
  const temporal = describeTemporal(address);
  const command = path.join(bin, 'temporal');
  await ensureProcess({
    name: programName,
    command,
    parameters: [
      'server',
      'start-dev',
      `--ip=${address}`,
      `--port=${frontendPort}`,
      `--ui-port=${uiPort}`,
      `--namespace=${temporal.namespace}`,
      `--db-filename=${path.join(labDirectory, 'temporal.db')}`,
      ...searchAttributes.map((name) => `--search-attribute=${name}=Keyword`),
      '--log-level=warn',
      // A person's own Temporal settings must not reach the lab's.
      '--disable-config-file',
      '--disable-config-env',
    ],
  });
  await waitUntil({
    what: 'Temporal',
    check: () => namespaceAnswers(command, temporal),
    timeout: 30_000,
    programs: [programName],
  });
  return temporal;
}

/** Ends the server as a shutdown of its machine would, and starts it again on the same data. */
export async function restartTemporalServer(address: string, bin: string): Promise<LabTemporal> {
  await endProcess(programName);
  return ensureTemporal(address, bin);
}

/** The port opens before the namespace exists, so ask for that. */
async function namespaceAnswers(command: string, temporal: LabTemporal): Promise<string | null> {
  const parameters = [
    'operator',
    'namespace',
    'describe',
    '--address',
    temporal.address,
    '--namespace',
    temporal.namespace,
  ];
  const described = await run(command, [...parameters, '--output=json'], { mayFail: true, timeout: 5000 });
  return described.failed ? described.stderr.split('\n')[0] || 'no answer' : null;
}
