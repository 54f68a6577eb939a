/** How each fault is done to a lane, and how it is taken back. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startPrograms } from '../../lab/cluster/lifecycle.ts';
import { killMarked, sendSignal } from '../../lab/process-marks.ts';
import type { FaultName } from './cells.ts';
import type { Refusal } from './network.ts';
import { editElsewhere, editTouched, type PersonsEdit } from './persons-edit.ts';
import type { Run } from './run-of-lane.ts';

/** A fault that was done. */
export interface Done {
  /** Null where there is nothing to wait for and nothing to take back. */
  readonly undo: (() => Promise<void>) | null;
  /** What a person pushed. */
  readonly edit?: PersonsEdit;
}

type Means = (run: Run, phase: string) => Promise<Done>;

export const means: Record<FaultName, Means> = {
  'worker-killed': async (run) => {
    await run.killWorker();
    return { undo: () => run.startWorker() };
  },
  'temporal-killed': async ({ lane: { temporal } }) => {
    await temporal.kill();
    return { undo: () => temporal.start() };
  },
  'api-server-gone': async ({ lane: { lab, identity, layout, name } }) => {
    await killMarked((mark) => mark === `${name}/kube-apiserver`);
    const all = { identity, bin: lab.bin, registry: lab.registry };
    return { undo: async () => void (await startPrograms(layout, all)) };
  },
  'git-gone': ({ lane }) => refuse(lane.refusals.git),
  'registry-gone': ({ lane }) => refuse(lane.refusals.registry),
  'operator-crash-looping': async ({ lane }) => {
    const stop = new AbortController();
    const killing = killOverAndOver(lane.layout.addresses.cgroup, 'flux-operator', stop.signal);
    return {
      undo: async () => {
        stop.abort();
        await killing;
      },
    };
  },
  'kustomize-controller-down': async ({ lane: { kubectl } }) => {
    const scale = async (replicas: number): Promise<void> => {
      const target = ['deployment', 'kustomize-controller', '--namespace=flux-system'];
      await kubectl.run('scale', ...target, `--replicas=${replicas}`);
    };
    await scale(0);
    return { undo: () => scale(1) };
  },
  'person-touched': async (run, phase) => ({ undo: null, edit: await editTouched(run, phase) }),
  'person-elsewhere': async (run, phase) => ({ undo: null, edit: await editElsewhere(run, phase) }),
  'credentials-revoked': async ({ lane: { credentials } }) => {
    await credentials.revoke();
    return { undo: () => credentials.grant() };
  },
  'disk-full': async ({ lane: { disk } }) => {
    await disk.fill();
    return { undo: () => disk.empty() };
  },
};

async function refuse(service: Refusal): Promise<Done> {
  await service.refuse();
  return { undo: () => service.accept() };
}

/** Kills every process of that program in a cluster's pods, so that kubelet starts it again and again. */
async function killOverAndOver(cgroup: string, program: string, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
      // A process may end while we look.
      const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
      if (!groups.split('\n').some((line) => line.includes(`:/${cgroup}/`))) continue;
      const [file = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      if (path.basename(file) === program) sendSignal(Number(pid), 'SIGKILL');
    }
    await pause(300);
  }
}
