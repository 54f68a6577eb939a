/** The connection to Temporal as the environment and temporal.toml describe it, and addresses in its UI. */
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

/** Milliseconds to wait for a server that may be away. */
const patience = 5000;

export interface TemporalSettings {
  connectionOptions: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
  address: string;
  namespace: string;
}

/** TEMPORAL_* variables and profiles of temporal.toml. */
export function temporalSettings(): TemporalSettings {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return {
    connectionOptions,
    address: connectionOptions.address ?? 'localhost:7233',
    namespace: namespace ?? 'default',
  };
}

export async function openClient(identity: string): Promise<Client> {
  const { connectionOptions, namespace } = temporalSettings();
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: patience });
  return new Client({ connection, namespace, identity });
}

/**
 * Where the UI shows a workflow. FLUX_HANDOVER_UI names the UI; else Temporal Cloud's for its addresses, else the port that
 * `temporal server start-dev` gives its UI: a thousand above the server's.
 */
export function workflowUrl(
  workflowId: string,
  { address, namespace }: { address: string; namespace: string },
): string {
  return `${uiAddress(address)}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
}

function uiAddress(address: string): string {
  const given = process.env['FLUX_HANDOVER_UI'];
  if (given) return given.replace(/\/+$/, '');
  const [host = 'localhost', port = '7233'] = address.split(':');
  if (host.endsWith('.tmprl.cloud') || host.endsWith('.temporal.io')) return 'https://cloud.temporal.io';
  return `http://${host}:${Number(port) + 1000}`;
}
