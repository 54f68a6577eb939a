// The lab's Temporal: the dev server with its UI, persistent, on a loopback address that no pod can reach.

import path from 'node:path';
import { labDirectory, type LabTemporal } from '../description.ts';
import { loopbackPorts } from '../network/addresses.ts';
import type { LabIdentity } from '../network/identity.ts';
import { endProcess, ensureProcess } from '../processes.ts';
import { waitUntil } from '../readiness.ts';
import { run } from '../commands.ts';

const programName = 'temporal';

/** The dev server's services look for each other here, whatever address it is told to listen on. */
const address = '127.0.0.1';

/** By which a handover's workflows are found; all are of type Keyword. */
const searchAttributes = ['FleetName', 'ClusterName', 'HandoverPhase', 'HandoverGate'];

export function describeTemporal(identity: LabIdentity): LabTemporal {
  const ports = loopbackPorts(identity);
  return {
    address: `${address}:${ports.temporal}`,
    namespace: 'default',
    uiUrl: `http://${address}:${ports.temporalUi}`,
  };
}

/** Starts the server unless it runs; histories of an earlier start are kept. */
export async function ensureTemporal(identity: LabIdentity, bin: string): Promise<LabTemporal> {
  const temporal = describeTemporal(identity);
  const ports = loopbackPorts(identity);
  const command = path.join(bin, 'temporal');
  await ensureProcess({
    name: programName,
    command,
    parameters: [
      'server',
      'start-dev',
      `--ip=${address}`,
      `--port=${ports.temporal}`,
      `--ui-port=${ports.temporalUi}`,
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
export async function restartTemporalServer(identity: LabIdentity, bin: string): Promise<LabTemporal> {
  await endProcess(programName);
  return ensureTemporal(identity, bin);
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
