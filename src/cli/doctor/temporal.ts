/** Doctor's look at Temporal: does it answer, does it know our search attributes, does a worker listen on every queue? */
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { HandoverConfig } from '../../config/schema.ts';
import { clusterTaskQueue, fleetTaskQueue, searchAttributeNames } from '../../workflows/contract.ts';
import { openClient, temporalSettings } from '../../client/connection.ts';
import { check, type Checked } from './check.ts';

const group = 'Temporal';
const names = Object.values(searchAttributeNames);
const { INDEXED_VALUE_TYPE_KEYWORD: keyword } = proto.temporal.api.enums.v1.IndexedValueType;
const { TASK_QUEUE_TYPE_WORKFLOW: workflowQueue, TASK_QUEUE_TYPE_ACTIVITY: activityQueue } =
  proto.temporal.api.enums.v1.TaskQueueType;

async function missingAttributes(client: Client, namespace: string): Promise<string[]> {
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  return names.filter((name) => customAttributes?.[name] === undefined);
}

async function checkAttributes(client: Client, namespace: string, fix: boolean): Promise<Checked> {
  const look = async (): Promise<{ detail: string }> => {
    const missing = await missingAttributes(client, namespace);
    if (missing.length === 0) return { detail: `${names.join(', ')} are registered` };
    if (!fix)
      throw new Error(
        `${missing.join(', ')} not registered in namespace ${namespace}: no workflow can be started`,
      );
    await client.connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
    });
    return { detail: `${missing.join(', ')} registered now` };
  };
  return check(
    group,
    'search attributes',
    look,
    () => 'flux-handover doctor --fix; on Temporal Cloud: tcld namespace search-attributes add',
  );
}

async function checkQueue(
  client: Client,
  namespace: string,
  {
    name,
    label,
    kind,
    start,
  }: { name: string; label: string; kind: proto.temporal.api.enums.v1.TaskQueueType; start: string },
): Promise<Checked> {
  const look = async (): Promise<{ detail: string }> => {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name },
      taskQueueType: kind,
    });
    const identities = [...new Set((pollers ?? []).map(({ identity }) => identity ?? ''))];
    if (identities.length === 0) throw new Error(`nobody listens on ${name}`);
    return { detail: `${name}: ${identities.join(', ')}` };
  };
  return check(group, label, look, () => start);
}

export async function checkTemporal(config: HandoverConfig | null, fix: boolean): Promise<Checked[]> {
  const { address, namespace } = temporalSettings();
  let client: Client | undefined;
  const server = await check(
    group,
    'server',
    async () => {
      client = await openClient('flux-handover doctor');
      const { serverVersion } = await client.workflowService.getSystemInfo({});
      return {
        detail: `${address}, namespace ${namespace}${serverVersion ? `, version ${serverVersion}` : ''}`,
      };
    },
    () =>
      'flux-handover dev starts a server and a worker; for another one set TEMPORAL_ADDRESS or a profile in temporal.toml',
  );
  if (client === undefined || !server.ok)
    return [{ ...server, detail: server.ok ? server.detail : `${address}: ${server.detail}` }];
  try {
    const checked = [server, await checkAttributes(client, namespace, fix)];
    if (config === null) return checked;
    const { fleet, clusters } = config;
    const queues = [
      {
        name: fleetTaskQueue(fleet),
        label: 'worker of workflows',
        kind: workflowQueue,
        start: 'flux-handover worker',
      },
      ...clusters.map(({ name }) => ({
        name: clusterTaskQueue(fleet, name),
        label: `worker of ${name}`,
        kind: activityQueue,
        start: `flux-handover worker --clusters ${name}, where the kubeconfig of ${name} is`,
      })),
    ];
    for (const queue of queues) checked.push(await checkQueue(client, namespace, queue));
    return checked;
  } finally {
    await client.connection.close();
  }
}
