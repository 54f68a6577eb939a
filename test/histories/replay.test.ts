/** Runs that began under earlier code must go on under today's: stored histories replay, and a deliberate change is caught. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import '../workflow/quiet.ts';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { describe, expect, test } from 'vitest';
import { workflowBundle } from '../workflow/world.ts';
import { readHistory, type History } from './history-file.ts';

interface Stored {
  workflowId: string;
  history: History;
}

const workflowIds: Record<string, string> = { fleet: 'handover/home', 'fleet-brought-back': 'handover/home' };

/** Every version that has recorded histories, with the folder that holds them. */
async function versions(): Promise<string[]> {
  const entries = await readdir(import.meta.dirname, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function stored(version: string): Promise<Map<string, Stored>> {
  const folder = path.join(import.meta.dirname, version);
  const histories = new Map<string, Stored>();
  for (const file of (await readdir(folder)).toSorted()) {
    const name = path.basename(file, '.json');
    histories.set(name, { workflowId: workflowIds[name] ?? 'handover/home/edge', history: await readHistory(path.join(folder, file)) });
  }
  return histories;
}

describe.each(await versions())('histories of version %s', async (version) => {
  const histories = await stored(version);

  test('are all there', () => expect([...histories.keys()]).toEqual(['cancelled', 'fleet-brought-back', 'fleet', 'forward', 'held-and-rolled-back', 'interrupted', 'rejected']));

  test.each([...histories.keys()])('%s replays', async (name) => {
    const { workflowId, history } = histories.get(name) ?? { workflowId: '', history: null };
    await expect(Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId)).resolves.toBeUndefined();
  });
});

test('a changed workflow does not replay: without the phase "operator" the history is not its own', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'changed-phases-'));
  try {
    const phases = path.resolve(import.meta.dirname, '../../src/plan/phases.ts');
    const changed = path.join(folder, 'phases.ts');
    const source = await readFile(phases, 'utf8');
    const shortened = source.replace("'self-managed': selfManaged,", "'self-managed': selfManaged.filter(({ name }) => name !== 'operator'),");
    expect(shortened).not.toBe(source);
    await writeFile(changed, shortened);
    const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
    const { code } = await bundleWorkflowCode({
      workflowsPath: path.resolve(import.meta.dirname, '../../src/workflows/index.ts'),
      logger: quiet,
      webpackConfigHook: (config) => ({ ...config, resolve: { ...config.resolve, alias: { ...(config.resolve?.alias as Record<string, string> | undefined), [phases]: changed } } }),
    });
    const histories = await stored((await versions()).at(-1) ?? '');
    const replay = Worker.runReplayHistory({ workflowBundle: { code } }, histories.get('forward')?.history, 'handover/home/edge');
    await expect(replay).rejects.toThrow(DeterminismViolationError);
    // What the change does not touch still replays: the failure above is about the change and nothing else.
    await expect(Worker.runReplayHistory({ workflowBundle: { code } }, histories.get('rejected')?.history, 'handover/home/edge')).resolves.toBeUndefined();
  } finally {
    await rm(folder, { recursive: true });
  }
});
