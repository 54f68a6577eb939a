/** Drives one run's cluster from this process: the same activities as the workflow's, without Temporal. */
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { type Rescue, rescue } from '../activities/back/rescue.ts';
import type { ClusterActivities, StepInput } from '../activities/contract.ts';
import { assertIdentity } from '../activities/guard.ts';
import { createClusterActivities } from '../activities/index.ts';
import { resolveOptions } from '../activities/options.ts';
import { directProgress } from '../activities/progress.ts';
import { inputOfRecord, type RunRecord } from '../activities/run-record.ts';
import { withSession } from '../activities/session.ts';
import { standing } from '../activities/standing/look.ts';
import type { Standing } from '../activities/standing/standing.ts';
import { releaseLease, takeLease } from '../cluster/lease.ts';
import type { HandoverConfig } from '../config/schema.ts';

export interface Driver {
  activities: ClusterActivities;
  /** @throws WrongCluster | Unreachable */
  standing(cluster: string): Promise<Standing>;
  /** Takes the Lease in this process's own name: from nobody, or from whom it was seen with. @throws LockHeld when it moved meanwhile */
  takeOver(input: StepInput, from: Standing['lease']): Promise<void>;
  /** Removes a Lease that is held in this name. */
  release(cluster: string, identity: string): Promise<void>;
  /** The urgent part, without Git. */
  rescue(record: RunRecord, retired: boolean): Promise<Rescue>;
  input(record: RunRecord): StepInput;
}

export interface DriverOptions {
  config: HandoverConfig;
  /** Folder of handover.yaml. */
  directory: string;
  signal: AbortSignal;
  report: (sentence: string) => void;
}

export function openDriver({ config, directory, signal, report }: DriverOptions): Driver {
  const options = {
    directory,
    direct: randomBytes(2).toString('hex'),
    startProgress: directProgress(signal, report),
  };
  const resolved = resolveOptions(options);
  const activities = createClusterActivities(options);
  // Where no run is known yet.
  const anyRun = (cluster: string): StepInput => ({
    run: 'none',
    config,
    cluster,
    planDigest: '',
    baseCommit: null,
    clusterUid: null,
  });
  const input = (record: RunRecord): StepInput => inputOfRecord(config, record);
  return {
    activities,
    input,
    standing: (cluster) => withSession(resolved, anyRun(cluster), 'preflight', standing),
    release: (cluster, identity) =>
      withSession(resolved, anyRun(cluster), 'preflight', async (session) => {
        await assertIdentity(session);
        await releaseLease(session.cluster, session.namespace, identity);
      }),
    takeOver: (step, from) =>
      withSession(resolved, step, 'preflight', async (session) => {
        await assertIdentity(session);
        const about = {
          fleet: config.fleet,
          cluster: step.cluster,
          // Says where the one is that drives now; no Temporal is asked.
          temporal: 'none',
          direct: `${userInfo().username}@${hostname()}`,
        };
        await takeLease(session.cluster, session.namespace, session.holder, about, from?.identity);
      }),
    rescue: (record, retired) =>
      withSession(resolved, input(record), 'adopt', (session) => rescue(session, record, retired)),
  };
}
