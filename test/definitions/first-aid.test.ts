/** The watch on a real API server: what somebody does by hand is seen, stopped, and given back. No controllers run, so nothing else moves. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ensureToolchain } from '../../lab/toolchain/index.ts';
import type { Baseline } from '../../src/activities/baseline.ts';
import type { WatchInput, WatchResult } from '../../src/activities/contract.ts';
import { type EvidenceStore, openEvidence } from '../../src/activities/evidence.ts';
import { explain } from '../../src/activities/failure.ts';
import { flux, type Session } from '../../src/activities/session.ts';
import { untilSeen } from '../../src/activities/watch/blindness.ts';
import { watchCluster } from '../../src/activities/watch/watch-health.ts';
import { liftAll } from '../../src/activities/watch/lift.ts';
import { releaseAids } from '../../src/activities/watch/release.ts';
import { planOf } from '../../src/activities/watch/fixtures.ts';
import { viewWatched } from '../../src/activities/watch/watched.ts';
import { type Cluster, openCluster } from '../../src/cluster/cluster.ts';
import { objectPath } from '../../src/cluster/discovery.ts';
import { renewLease, takeLease } from '../../src/cluster/lease.ts';
import { field, type LiveObject } from '../../src/cluster/objects.ts';
import { takeSnapshot } from '../../src/cluster/snapshot.ts';
import { handoverSchema } from '../../src/config/schema.ts';
import { objectsIn } from '../corpus/end-tree.ts';
import { type ApiServer, startApiServer } from './api-server.ts';
import { bend, type Bent } from './bent.ts';

const namespace = 'flux-system';
const directory = mkdtempSync(join(tmpdir(), 'first-aid-'));
const config = handoverSchema.parse({
  apiVersion: 'flux-handover/v1',
  fleet: 'home',
  repository: { url: 'https://git.example.com/home-ops' },
  timeouts: { ready: '20s' },
  clusters: [{ name: 'edge', branch: 'edge', path: 'kubernetes/edge', context: 'test' }],
});
let server: ApiServer;
let cluster: Cluster;
let baseline: Baseline;
const ending = new AbortController();

const kubectl = (...args: string[]) => server.kubectl(['-n', namespace, ...args]);

beforeAll(async () => {
  const toolchain = await ensureToolchain();
  server = await startApiServer(toolchain.bin);
  await server.kubectl(['create', 'namespace', namespace]);
  await define(join(toolchain.operatorConfig, 'crd/bases'));
  await define(join(toolchain.operatorConfig, 'data/flux/v2.9.1'));
  cluster = openCluster({ context: 'test', kubeconfig: server.kubeconfig, signal: ending.signal });
}, 300_000);

afterAll(async () => {
  ending.abort();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

beforeEach(async () => {
  await apply(...objects());
  for (const [kind, name] of [
    ['GitRepository', 'home-ops'],
    ['Kustomization', 'cluster'],
    ['Kustomization', 'cluster-apps'],
    ['Kustomization', 'flux-operator'],
    ['Kustomization', 'flux-instance'],
    ['FluxInstance', 'flux'],
  ] as const)
    await status(kind, name, { conditions: [condition()] });
  for (const name of ['source-controller', 'kustomize-controller', 'flux-operator'])
    await status('Deployment', name, {
      observedGeneration: 1,
      replicas: 1,
      updatedReplicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
    });
  baseline = { run: 'home-1', ...(await takeSnapshot(cluster, namespace)) };
  await takeLease(cluster, namespace, 'home-1', {});
  await renewLease(cluster, namespace, 'home-1', {
    phase: 'adopt',
    way: 'forward',
    acting: false,
    since: new Date().toISOString(),
  });
}, 120_000);

afterEach(async () => {
  await kubectl(
    'patch',
    'fluxinstance',
    'flux',
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":null}}',
  ).catch(() => '');
  await kubectl(
    'delete',
    'fluxinstance,kustomization,gitrepository,deployment,lease',
    '--all',
    '--wait=false',
  );
}, 60_000);

test('nothing is found where nothing happens', async () => {
  const { ended, stop } = await watching();
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  expect(ended()).toBeNull();
  await stop();
});

test('an instance that is deleted by hand is disabled, its operator stopped, and what it took is put back', async () => {
  // It was put back once before, in an earlier run.
  await kubectl('annotate', 'deployment', 'source-controller', 'flux-handover/stands-for=the-first');
  const { result } = await watching();
  const before = await cluster.read(deployment('source-controller'));
  // What the operator takes first is gone before the watch has seen the instance go.
  const taken = ['deployment/source-controller', 'deployment/kustomize-controller'];
  const other = await cluster.read(deployment('kustomize-controller'));
  await kubectl('delete', ...taken, 'fluxinstance/flux', '--wait=false');
  const { breaches, evidence } = await result;
  expect(breaches.map(({ id }) => id)).toContain('instance-deleted');
  expect(breaches[0]?.what).toMatch(
    /First aid, \d\.\d s after it was seen: disabled FluxInstance flux-system\/flux/,
  );
  expect(secondsIn(evidence[0]?.place ?? '')).toBeLessThan(5);

  const instance = await cluster.read(flux.instance(namespace));
  expect(instance.metadata.annotations).toMatchObject({ 'fluxcd.controlplane.io/reconcile': 'disabled' });
  expect(field(await cluster.read(deployment('flux-operator')), 'spec', 'replicas')).toBe(0);
  expect(field(await binding(), 'subjects')).toBeUndefined();
  const keeperSuspended = async () =>
    field(await cluster.read(flux.kustomization(namespace, 'flux-instance')), 'spec', 'suspend');
  expect(await keeperSuspended()).toBe(true);
  const after = await cluster.read(deployment('source-controller'));
  expect(after.metadata.uid).not.toBe(before.metadata.uid);
  expect(after.metadata.annotations).toMatchObject({ 'flux-handover/stands-for': 'the-first' });
  expect(field(after, 'spec', 'template')).toEqual(field(before, 'spec', 'template'));
  const firstTime = await cluster.read(deployment('kustomize-controller'));
  expect(firstTime.metadata.annotations).toMatchObject({ 'flux-handover/stands-for': other.metadata.uid });

  // The operator that goes on lets go of the disabled instance; only then may Git bring it back.
  const lifting = lift();
  await expect
    .poll(async () => field(await cluster.read(deployment('flux-operator')), 'spec', 'replicas'), {
      timeout: 20_000,
    })
    .toBe(1);
  expect(field(await binding(), 'subjects')).toHaveLength(1);
  expect(await keeperSuspended()).toBe(true);
  await kubectl('patch', 'fluxinstance', 'flux', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
  await expect.poll(keeperSuspended, { timeout: 20_000 }).toBe(false);
  await apply(...objects().filter((object) => (object as LiveObject).kind === 'FluxInstance'));
  await status('FluxInstance', 'flux', { conditions: [condition()] });
  const { generation } = (await cluster.read(deployment('flux-operator'))).metadata;
  await status('Deployment', 'flux-operator', { observedGeneration: generation });
  const done = await lifting;
  await apply(workload('source-controller', 'ghcr.io/fluxcd/source-controller:v1.9.3'));
  const applied = await cluster.read(deployment('source-controller'));
  expect(applied.metadata.annotations).toMatchObject({ 'flux-handover/stands-for': 'the-first' });
  expect(done).toContain('lifted the first aid of Deployment flux-system/flux-operator');
});

test('a legacy owner that is resumed is suspended and shielded, and given back to Git on retry', async () => {
  await apply(legacyOwner(true));
  baseline = { run: 'home-1', ...(await takeSnapshot(cluster, namespace)) };
  const { result } = await watching();
  await resume({ prune: true });
  const { breaches, evidence } = await result;
  expect(breaches.map(({ id }) => id)).toEqual(['owner-resumed']);
  expect(secondsIn(evidence[0]?.place ?? '')).toBeLessThan(5);
  const owner = await cluster.read(flux.kustomization(namespace, 'flux'));
  expect(owner.spec).toMatchObject({ suspend: true, prune: false, deletionPolicy: 'Orphan' });
  expect(owner.metadata.annotations).toMatchObject({ 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' });

  expect(await lift()).toEqual(['lifted the first aid of Kustomization flux-system/flux']);
  const given = await cluster.read(flux.kustomization(namespace, 'flux'));
  expect(given.spec).toMatchObject({ suspend: true, prune: false });
  expect(given.metadata.managedFields?.map(({ manager }) => manager)).not.toContain(
    'flux-handover-first-aid',
  );
  expect(given.metadata.annotations ?? {}).not.toHaveProperty('kustomize.toolkit.fluxcd.io/reconcile');
  const again = await watching({ anew: false });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(again.ended()).toBeNull();
  await again.stop();
});

test('an owner that is resumed once more after the first aid was lifted is stopped and told once more', async () => {
  const first = await watching();
  await resume();
  await first.result;
  expect(await lift()).toEqual(['lifted the first aid of Kustomization flux-system/flux']);
  const again = await watching({ anew: false });
  await resume();
  expect((await again.result).breaches.map(({ id }) => id)).toEqual(['owner-resumed']);
  expect((await cluster.read(flux.kustomization(namespace, 'flux'))).spec).toMatchObject({ suspend: true });
});

test('an owner that is resumed while a person is asked is stopped once more, and not told again', async () => {
  const first = await watching();
  await resume({ prune: true });
  const { known } = await first.result;
  const asked = await watching({ anew: false, known });
  await kubectl('annotate', 'kustomization', 'flux', 'kustomize.toolkit.fluxcd.io/reconcile-');
  await resume({ prune: true });
  const owner = () => cluster.read(flux.kustomization(namespace, 'flux'));
  await expect
    .poll(async () => (await owner()).spec, { timeout: 15_000 })
    .toMatchObject({ suspend: true, prune: false, deletionPolicy: 'Orphan' });
  expect((await owner()).metadata.annotations).toMatchObject({
    'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
  });
  expect(asked.ended()).toBeNull();
  await asked.stop();
  expect(await lift()).toEqual(['lifted the first aid of Kustomization flux-system/flux']);
});

test('a second set that its Kustomization scales up again is scaled down again and shielded, and never started by us', async () => {
  const second = { ...deployment('source-controller'), namespace: 'default' };
  const replicas = async () => field(await cluster.read(second), 'spec', 'replicas');
  const scale = (count: number) =>
    server.kubectl(['-n', 'default', 'scale', 'deployment/source-controller', `--replicas=${count}`]);
  const made = workload('source-controller', 'ghcr.io/fluxcd/source-controller:v1.9.3');
  const labels = {
    'kustomize.toolkit.fluxcd.io/name': 'cluster-apps',
    'kustomize.toolkit.fluxcd.io/namespace': namespace,
  };
  const first = await watching();
  await apply({ ...made, metadata: { ...made.metadata, namespace: 'default', labels } });
  try {
    const { breaches, known } = await first.result;
    expect(breaches.map(({ id }) => id)).toEqual(['second-controllers']);
    expect(await replicas()).toBe(0);
    expect((await cluster.read(second)).metadata.annotations ?? {}).not.toHaveProperty(
      'kustomize.toolkit.fluxcd.io/reconcile',
    );

    const asked = await watching({ anew: false, known });
    await scale(1);
    await expect.poll(replicas, { timeout: 15_000 }).toBe(0);
    expect((await cluster.read(second)).metadata.annotations).toMatchObject({
      'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
    });
    expect(asked.ended()).toBeNull();
    await asked.stop();

    // As the handing back does it.
    expect(await releaseAids(sessionUntil(ending.signal), { operator: true })).toEqual([]);
    expect(await replicas()).toBe(0);
    await expect(lift()).rejects.toMatchObject({
      details: [[{ id: 'second-controllers', what: expect.stringContaining('default/source-controller') }]],
    });
    expect(await replicas()).toBe(0);
  } finally {
    await cluster.remove(second);
  }
  expect(await lift()).toEqual([]);
});

test('first aid whose report was lost is told by the next watch, and lifted on retry', async () => {
  const first = await watching();
  await resume();
  await first.result;
  // The worker died before it could say so: the next one begins with what the run knows, which is nothing.
  const { result } = await watching({ anew: false });
  const { breaches, known } = await result;
  expect(breaches).toMatchObject([
    { id: 'aid-in-force', what: 'first aid is in force on Kustomization flux-system/flux' },
  ]);
  const asked = await watching({ anew: false, known });
  expect(asked.ended()).toBeNull();
  await asked.stop();
  expect(await lift()).toEqual(['lifted the first aid of Kustomization flux-system/flux']);
  const again = await watching({ anew: false });
  expect(again.ended()).toBeNull();
  await again.stop();
});

test('a breach is told also where no evidence of it can be kept', async () => {
  const { result } = await watching({
    keep: () => Promise.reject(new Error("EACCES: permission denied, open 'breach.json'")),
  });
  await resume();
  expect(await result).toMatchObject({
    breaches: [{ id: 'owner-resumed', what: expect.stringContaining('no evidence of it was kept: EACCES') }],
    evidence: [],
  });
  await lift();
});

test('many definitions that are deleted at once suspend each object once, tell it in short, and keep one record', async () => {
  const many = 200;
  const names = ['alerts', 'providers', 'receivers'].map((name) => `${name}.notification.toolkit.fluxcd.io`);
  await apply(...Array.from({ length: many }, (_, number) => kustomization(`app-${number}`)));
  const { result } = await watching();
  await kubectl('delete', 'crd', ...names);
  try {
    const { breaches, known, evidence } = await result;
    expect(breaches.map(({ id }) => id)).toContain('definition-deleted');
    const told = breaches.map(({ what }) => what).join('\n');
    expect(told).toMatch(/suspended 20\d objects/);
    expect(told.length).toBeLessThan(2_000);
    const lines = deedsIn(evidence[0]?.place ?? '').filter((line) => line.startsWith('suspended '));
    expect(lines).toHaveLength(new Set(lines).size);
    expect(lines.length).toBeGreaterThan(many);
    process.stdout.write(
      `   ${lines.length} objects suspended in ${secondsIn(evidence[0]?.place ?? '')} s\n`,
    );

    const finds: string[] = [];
    const kept: string[] = [];
    const asked = await watching({
      anew: false,
      known: [...known, ...names.map((name) => `definition-deleted CustomResourceDefinition ${name}`)],
      cluster: { ...cluster, find: (object) => (finds.push(object.name), cluster.find(object)) },
      keep: (name) => (kept.push(name), Promise.reject(new Error('nothing is to be kept'))),
    });
    await new Promise((resolve) => setTimeout(resolve, 9_000));
    expect(asked.ended()).toBeNull();
    await asked.stop();
    expect(kept).toEqual([]);
    expect(finds.filter((name) => name.startsWith('app-'))).toEqual([]);
  } finally {
    await define(join((await ensureToolchain()).operatorConfig, 'data/flux/v2.9.1'));
  }
}, 120_000);

test('a Lease that another one took ends the watch at once: what that one does is no harm', async () => {
  const { result } = await watching();
  await kubectl(
    'patch',
    'lease',
    'flux-handover',
    '--type=merge',
    '-p',
    '{"spec":{"holderIdentity":"home-1+direct-ab12"}}',
  );
  await resume();
  await expect(result).rejects.toMatchObject({
    name: 'LeaseNotOurs',
    holder: { identity: 'home-1+direct-ab12' },
  });
  expect((await cluster.read(flux.kustomization(namespace, 'flux'))).spec).toMatchObject({ suspend: false });
});

test('a Lease that somebody deleted ends the watch, and the command that is told gives it back', async () => {
  const { result } = await watching();
  await kubectl('delete', 'lease', 'flux-handover');
  const lost = await result.catch((error: unknown) => error);
  const { type, finding } = explain(lost, { cluster: 'edge', context: 'test', namespace });
  expect({ type, id: finding.id, what: finding.what }).toEqual({
    type: 'LockHeld',
    id: 'lock-held',
    what: 'cluster edge: the Lease flux-handover is gone',
  });
  const [, args = '', manifest = ''] = /kubectl --context test (.*) <<<'(.*)'$/.exec(finding.mend) ?? [];
  await server.kubectl(args.split(' '), manifest);
  const again = await watching({ anew: false });
  await resume();
  expect((await again.result).breaches.map(({ id }) => id)).toEqual(['owner-resumed']);
});

test('a bootstrap that is applied by hand is told, and nothing is stopped', async () => {
  await apply(legacyOwner(true));
  const { result } = await watching();
  const written = '--field-manager=kubectl-client-side-apply';
  // A note on it is anybody's, and so is a restart.
  await kubectl('annotate', 'deployment', 'source-controller', 'by=hand', '--field-manager=k9s');
  await kubectl('rollout', 'restart', 'deployment', 'source-controller', '--field-manager=Lens');
  await kubectl('patch', 'deployment', 'source-controller', '-p', '{"spec":{"minReadySeconds":5}}', written);
  const { breaches } = await result;
  expect(breaches).toMatchObject([
    {
      id: 'controllers-changed',
      what: expect.stringContaining('source-controller was written by kubectl-client-side-apply:Update'),
    },
  ]);
  expect(field(await cluster.read(deployment('flux-operator')), 'spec', 'replicas')).toBe(1);
});

describe('what the watch can not see', () => {
  let bent: Bent;
  beforeAll(async () => {
    bent = await bend(server.kubeconfig);
  });
  afterEach(() => (bent.answer = null));
  afterAll(() => bent?.stop());

  test('one collection that fails is told as such; its objects are not thought gone, and the rest is judged', async () => {
    bent.answer = (path) => (path === '/apis/apps/v1/deployments' ? 500 : null);
    const { result } = await watching({ through: bent });
    const { breaches, known } = await result;
    expect(breaches.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^Deployment \(apps\/v1\) can not be watched: .*500.* \(for \d+ s\)$/),
    ]);
    expect(known).toEqual(['unseen Deployment (apps/v1)']);
  });

  test('a breach is stopped while a collection fails', async () => {
    bent.answer = (path) => (path.includes('/alerts') ? 500 : null);
    const { result } = await watching({ through: bent });
    await resume();
    expect((await result).breaches.map(({ id }) => id)).toContain('owner-resumed');
    expect((await cluster.read(flux.kustomization(namespace, 'flux'))).spec).toMatchObject({ suspend: true });
  });

  test('an API server that went away is told, and so is one that is away from the beginning', async () => {
    const { result } = await watching({ through: bent });
    bent.answer = () => 'nothing';
    bent.cut();
    expect((await result).breaches.map(({ id }) => id)).toEqual(['api-server']);
    const { result: again } = await watching({ anew: false, through: bent });
    expect(await again).toMatchObject({
      breaches: [{ id: 'api-server' }],
      known: ['api-server the API server'],
    });
  });

  test('another one that answers 404 in its place for a moment takes nothing away', async () => {
    const { ended, result } = await watching({ through: bent, unready: '2m' });
    bent.answer = () => 404;
    bent.cut();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    bent.answer = null;
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(ended()).toBeNull();
    await resume();
    expect((await result).breaches.map(({ id }) => id)).toEqual(['owner-resumed']);
  });

  test('credentials that are refused for long are told; with others in the kubeconfig the watch goes on by itself', async () => {
    const { result, stop } = await watching({ through: bent });
    bent.token = 'another';
    bent.cut();
    const { breaches, known } = await result;
    expect(breaches).toMatchObject([
      { id: 'unseen', what: expect.stringMatching(/^the watch sees nothing: .*refused: .*Unauthorized/) },
    ]);
    expect(known).toEqual(['unseen the watch']);
    await stop();
    const again = await watching({ anew: false, through: bent, known });
    bent.writeKubeconfig('another');
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    await resume();
    expect((await again.result).breaches.map(({ id }) => id)).toEqual(['owner-resumed']);
  });
});

/** As somebody does by hand who wants the legacy owner back. */
async function resume(more: object = {}): Promise<void> {
  const patch = JSON.stringify({ spec: { suspend: false, ...more } });
  await kubectl('patch', 'kustomization', 'flux', '--type=merge', '-p', patch);
}

interface Watching {
  result: Promise<WatchResult>;
  ended: () => WatchResult | null;
  stop: () => Promise<void>;
}

/** @param unready how long it takes until what is not well is told */
function sessionUntil(
  signal: AbortSignal,
  {
    through,
    known = [],
    unready = '2m',
  }: { through?: Bent | undefined; known?: string[]; unready?: string } = {},
): Session<WatchInput> {
  const told = { ...config, regressions: { ...config.regressions, unready } };
  return {
    input: {
      run: 'home-1',
      config: told,
      cluster: 'edge',
      phase: 'soak',
      way: 'forward',
      acting: false,
      known,
      planDigest: '',
      baseCommit: null,
      clusterUid: null,
    },
    settings: config.clusters[0],
    namespace,
    holder: 'home-1',
    cluster: through
      ? openCluster({ context: 'test', kubeconfig: through.kubeconfig, signal, timeout: 3_000 })
      : cluster,
    signal,
    progress: () => {},
    redact: (text: string) => text,
    evidence: openEvidence(directory, { run: 'home-1', cluster: 'edge', phase: 'soak' }, (text) => text),
    timeouts: { ready: 20_000 },
  } as unknown as Session<WatchInput>;
}

/** As on a person's word to go on. */
async function lift(): Promise<string[]> {
  const view = await viewWatched(cluster, namespace);
  try {
    return await liftAll(sessionUntil(ending.signal), view, planOf('self-managed'), baseline);
  } finally {
    await view.close();
  }
}

/**
 * @param anew with the legacy owner as it is after the adoption, and a baseline of that
 * @param known what was told already: a person is being asked
 * @param keep how evidence is kept; @param cluster how the cluster is reached; @param through a bent way to its API server
 */
async function watching({
  anew = true,
  known = [],
  keep,
  cluster: reached = cluster,
  through,
  unready = through ? '4s' : '2m',
}: {
  anew?: boolean;
  known?: string[];
  keep?: EvidenceStore['keep'];
  cluster?: Cluster;
  through?: Bent;
  unready?: string;
} = {}): Promise<Watching> {
  if (anew && !(await cluster.find(flux.kustomization(namespace, 'flux')))) await apply(legacyOwner(true));
  if (anew) baseline = { run: 'home-1', ...(await takeSnapshot(cluster, namespace)) };
  const stopping = new AbortController();
  const plain = sessionUntil(stopping.signal, { through, known, unready });
  const first = {
    ...plain,
    cluster: through ? plain.cluster : reached,
    evidence: keep ? { keep } : plain.evidence,
  };
  let ended: WatchResult | null = null;
  const result = untilSeen(first, async (session, seen) => {
    const view = await viewWatched(through ? session.cluster : cluster, namespace, { patiently: true });
    seen();
    try {
      return await watchCluster(session, view, planOf('self-managed'), baseline);
    } finally {
      await view.close();
    }
  }).then((found) => (ended = found));
  result.catch(() => {});
  // The first look has been.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  return {
    result,
    ended: () => ended,
    async stop() {
      stopping.abort();
      await result.catch(() => {});
    },
  };
}

function secondsIn(place: string): number {
  const kept = JSON.parse(readFileSync(join(directory, place), 'utf8')) as {
    reactions: { secondsToReaction?: number; breach: string }[];
  };
  for (const { breach, secondsToReaction } of kept.reactions)
    process.stdout.write(`   ${breach}: ${secondsToReaction ?? '-'} s\n`);
  return Math.max(...kept.reactions.map(({ secondsToReaction = 0 }) => secondsToReaction));
}

function deedsIn(place: string): string[] {
  const kept = JSON.parse(readFileSync(join(directory, place), 'utf8')) as {
    reactions: { done: string[] }[];
  };
  return kept.reactions.flatMap(({ done }) => done);
}

function deployment(name: string) {
  return { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name };
}

function binding(): Promise<LiveObject> {
  return cluster.read({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    namespace: '',
    name: 'flux-operator',
  });
}

function condition() {
  return {
    type: 'Ready',
    status: 'True',
    reason: 'ReconciliationSucceeded',
    message: 'done',
    lastTransitionTime: '2026-11-22T19:00:00Z',
    observedGeneration: 1,
  };
}

const apiVersions = {
  GitRepository: 'source.toolkit.fluxcd.io/v1',
  Kustomization: 'kustomize.toolkit.fluxcd.io/v1',
  FluxInstance: 'fluxcd.controlplane.io/v1',
  Deployment: 'apps/v1',
};

async function status(kind: keyof typeof apiVersions, name: string, content: object): Promise<void> {
  const resource = await cluster.discovery.resource(apiVersions[kind], kind);
  await cluster.connection.send(`${objectPath(resource, { namespace, name })}/status`, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    query: { fieldManager: 'kubectl-patch' },
    body: { status: content },
  });
}

async function apply(...made: object[]): Promise<void> {
  await server.kubectl(
    ['apply', '--server-side', '--force-conflicts', '--field-manager=flux-operator', '--filename=-'],
    made.map((object) => stringify(object)).join('---\n'),
  );
}

function legacyOwner(orphaned: boolean) {
  return kustomization('flux', orphaned ? { suspend: true, prune: false, deletionPolicy: 'Orphan' } : {});
}

function kustomization(name: string, spec: object = {}) {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace },
    spec: {
      interval: '10m',
      prune: true,
      path: './',
      sourceRef: { kind: 'GitRepository', name: 'home-ops' },
      ...spec,
    },
  };
}

function workload(name: string, image: string) {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          containers: [{ name: 'manager', image, args: ['--log-level=info'] }],
        },
      },
    },
  };
}

function objects(): object[] {
  return [
    workload('source-controller', 'ghcr.io/fluxcd/source-controller:v1.9.3'),
    workload('kustomize-controller', 'ghcr.io/fluxcd/kustomize-controller:v1.9.3'),
    workload('flux-operator', 'ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.1'),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'flux-operator' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'flux-operator', namespace }],
    },
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'home-ops', namespace },
      spec: { interval: '10m', url: 'https://git.example.com/home-ops' },
    },
    ...['cluster', 'cluster-apps', 'flux-operator', 'flux-instance'].map((name) => kustomization(name)),
    {
      apiVersion: 'fluxcd.controlplane.io/v1',
      kind: 'FluxInstance',
      metadata: { name: 'flux', namespace, finalizers: ['fluxcd.controlplane.io/finalizer'] },
      spec: { distribution: { version: '2.9.1', registry: 'ghcr.io/fluxcd' } },
    },
  ];
}

/** Applies the definitions of a folder, and waits until they are served. */
async function define(folder: string): Promise<void> {
  const definitions = readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => objectsIn(readFileSync(join(folder, file), 'utf8')) as LiveObject[])
    .filter(({ kind }) => kind === 'CustomResourceDefinition');
  await server.kubectl(
    ['apply', '--server-side', '--force-conflicts', '--filename=-'],
    definitions.map((definition) => stringify(definition)).join('---\n'),
  );
  await server.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
}
