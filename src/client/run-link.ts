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
  type AuditEntry,
  type FleetInput,
  type FleetRollbackRequest,
  type FleetStatus,
  type GateDecision,
  type HoldResolution,
  type PauseRequest,
  type RollbackRequest,
  type SoakSkip,
  type WayBackWord,
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
  pause(cluster: string, request: PauseRequest): Promise<void>;
  resolve(cluster: string, resolution: HoldResolution): Promise<void>;
  /** To the workflow of one cluster. */
  rollback(cluster: string, request: RollbackRequest): Promise<void>;
  /** To the workflow of the fleet. */
  rollbackFleet(request: FleetRollbackRequest): Promise<void>;
  /** Words to the fleet and their verdicts; undefined when no worker answers. */
  fleetAudit(): Promise<AuditEntry[] | undefined>;
  /**
   * Starts a run of its own that brings clusters back which `view` shows as ended.
   * @throws WorkflowExecutionAlreadyStartedError
   */
  bringBack(view: FleetView, clusters: string[], word: WayBackWord): Promise<void>;
  close(): Promise<void>;
}

async function openRunLink(config: HandoverConfig): Promise<RunLink> {
  const client = await openClient(`flux-handover ${userInfo().username}@${hostname()}`);
  const looker = { client, config, settings: temporalSettings(), answers: new Map() };
  const send = async (cluster: string, name: string, message: object): Promise<void> =>
    client.workflow.getHandle(clusterWorkflowId(config.fleet, cluster)).signal(name, message);
  const { fleet } = config;
  const start = async (input: FleetInput, summary: string): Promise<void> => {
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
      staticSummary: summary,
      staticDetails: `Run \`${input.run}\`, started by ${input.startedBy}. Plan \`${input.planDigest}\`.`,
    });
  };
  return {
    look: (patience) => look(patience === undefined ? looker : { ...looker, patience }),
    start(input) {
      const order = config.clusters.map(({ name }) => name).join(', then ');
      return start(input, `${config.fleet}: hand Flux over to Flux Operator, ${order}`);
    },
    decide: (cluster, decision) => send(cluster, messageNames.decide, decision),
    skipSoak: (cluster, skip) => send(cluster, messageNames.skipSoak, skip),
    pause: (cluster, request) => send(cluster, messageNames.pause, request),
    resolve: (cluster, resolution) => send(cluster, messageNames.resolve, resolution),
    rollback: (cluster, request) => send(cluster, messageNames.rollback, request),
    rollbackFleet: (request) =>
      client.workflow.getHandle(fleetWorkflowId(config.fleet)).signal(messageNames.rollback, request),
    async fleetAudit() {
      const handle = client.workflow.getHandle(fleetWorkflowId(config.fleet));
      const asked = client.withAbortSignal(AbortSignal.timeout(3000), () =>
        handle.query<FleetStatus>(messageNames.status),
      );
      return (await asked.catch(() => null))?.audit;
    },
    async bringBack(view, clusters, back) {
      const run = view.run ?? '';
      const plans = view.clusters
        .filter(({ cluster }) => clusters.includes(cluster))
        // The commit stands in the run's record on the cluster.
        .map(({ cluster, status }) => ({
          name: cluster,
          planDigest: status?.planDigest ?? '',
          baseCommit: '',
        }));
      await start(
        { run, config, planDigest: view.planDigest ?? '', plans, startedBy: back.approver, back },
        `${config.fleet}: bring the legacy install of Flux back on ${clusters.toReversed().join(', then ')}`,
      );
    },
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
