/** The run of a fleet as the commands see it: look at it, start it, and send a person's word. */
import { hostname, userInfo } from 'node:os';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { HandoverConfig } from '../config/schema.ts';
import type { FleetView } from '../report/view.ts';
import {
  clusterWorkflowId,
  fleetTaskQueue,
  fleetWorkflowId,
  messageNames,
  searchAttributeNames,
  workflowTypes,
  type FleetInput,
  type GateDecision,
  type HoldResolution,
  type SoakSkip,
} from '../workflows/contract.ts';
import { look } from './look.ts';
import { openClient, temporalSettings } from './connection.ts';

export interface RunLink {
  /**
   * @throws WorkflowNotFoundError when this fleet was never started here
   * @param patience ms to wait for a worker's answers, default 3000; then the memo must do
   */
  look(patience?: number): Promise<FleetView>;
  /** @throws WorkflowExecutionAlreadyStartedError */
  start(input: FleetInput): Promise<void>;
  decide(cluster: string, decision: GateDecision): Promise<void>;
  skipSoak(cluster: string, skip: SoakSkip): Promise<void>;
  resolve(cluster: string, resolution: HoldResolution): Promise<void>;
  close(): Promise<void>;
}

async function openRunLink(config: HandoverConfig): Promise<RunLink> {
  const client = await openClient(`flux-handover ${userInfo().username}@${hostname()}`);
  const looker = { client, config, settings: temporalSettings(), answers: new Map() };
  const send = async (cluster: string, name: string, message: object): Promise<void> =>
    client.workflow.getHandle(clusterWorkflowId(config.fleet, cluster)).signal(name, message);
  return {
    look: (patience) => look(patience === undefined ? looker : { ...looker, patience }),
    async start(input) {
      const { fleet } = config;
      const order = config.clusters.map(({ name }) => name).join(', then ');
      await client.workflow.start(workflowTypes.fleet, {
        args: [input],
        workflowId: fleetWorkflowId(fleet),
        taskQueue: fleetTaskQueue(fleet),
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        memo: { run: input.run, planDigest: input.planDigest, startedBy: input.startedBy },
        typedSearchAttributes: [
          {
            key: defineSearchAttributeKey(searchAttributeNames.fleet, SearchAttributeType.KEYWORD),
            value: fleet,
          },
        ],
        staticSummary: `${fleet}: hand Flux over to Flux Operator, ${order}`,
        staticDetails: `Run \`${input.run}\`, started by ${input.startedBy}. Plan \`${input.planDigest}\`.`,
      });
    },
    decide: (cluster, decision) => send(cluster, messageNames.decide, decision),
    skipSoak: (cluster, skip) => send(cluster, messageNames.skipSoak, skip),
    resolve: (cluster, resolution) => send(cluster, messageNames.resolve, resolution),
    close: () => client.connection.close(),
  };
}

/** Opens the link for as long as `work` takes. */
export async function withRunLink<Result>(
  config: HandoverConfig,
  work: (link: RunLink) => Promise<Result>,
): Promise<Result> {
  const link = await openRunLink(config);
  try {
    return await work(link);
  } finally {
    await link.close();
  }
}
