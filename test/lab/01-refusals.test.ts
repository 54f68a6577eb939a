/** Whatever is wrong before the handover stops it before anything changes, with an error that names the thing and the mend. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clusterOf, type Lab } from '../../lab/description.ts';
import { startTemporalServer } from './second-temporal.ts';
import { writeHandoverConfig, type RehearsalOptions } from '../../lab/rehearsal/handover-config.ts';
import type { ClusterStatus } from '../../src/workflows/contract.ts';
import { legacyLab } from '../../lab/rehearsal/legacy-lab.ts';
import { Kubectl, eventually } from './kubectl.ts';
import { gitServer, headOf, pushEdit } from './person.ts';
import { Product, type CommandResult, type WorkerProcess } from '../../lab/rehearsal/product.ts';
import { auditedWrites } from './verdicts.ts';

let lab: Lab;
let edge: Kubectl;
let worker: WorkerProcess | undefined;
let cases = 0;

beforeAll(async () => {
  lab = await legacyLab();
  edge = new Kubectl(lab, clusterOf(lab, 'edge'));
});

afterEach(async () => {
  await worker?.end();
  worker = undefined;
});

interface Untouched {
  heads: string;
  writes: number;
  generations: string;
}

/** Heads of all branches, our writes on edge, and the generation of each of its Flux objects and controllers. */
async function stateOfEdge(): Promise<Untouched> {
  const objects = await edge.list(
    'deployments,kustomizations.kustomize.toolkit.fluxcd.io,helmreleases.helm.toolkit.fluxcd.io,gitrepositories.source.toolkit.fluxcd.io',
  );
  return {
    heads: await gitServer(lab, 'for-each-ref', 'refs/heads', 'refs/handover'),
    writes: (await auditedWrites(clusterOf(lab, 'edge'))).length,
    generations: objects
      .map(({ kind, metadata }) => `${kind}/${metadata.name}@${metadata.uid}:${metadata.generation}`)
      .toSorted()
      .join(' '),
  };
}

async function productFor(options: RehearsalOptions): Promise<Product> {
  cases += 1;
  const fleet = `case${cases}`;
  const directory = path.join(lab.directory, 'test-refusals', fleet);
  const file = await writeHandoverConfig(lab, {
    fleet,
    directory,
    clusters: [clusterOf(lab, 'edge')],
    ...options,
  });
  return new Product(lab, file);
}

/** Starts a handover that must not begin; answers what was said. */
async function refused(product: Product): Promise<CommandResult> {
  worker = await product.worker('worker');
  return product.run('start', '--yes', '--json');
}

function expectRefusal(result: CommandResult, names: RegExp[], exitCode = 1): void {
  const said = result.stdout + result.stderr;
  expect(result.exitCode, said).toBe(exitCode);
  for (const name of names) expect(said).toMatch(name);
}

describe('before anything changes, a handover stops at', () => {
  it('a kubeconfig context that does not exist', async () => {
    const before = await stateOfEdge();
    const product = await productFor({
      edit: (document) => void ((document['clusters'] as { context: string }[])[0]!.context = 'nowhere'),
    });
    expectRefusal(await refused(product), [/nowhere/, /context/, /mend/i]);
    expect(await stateOfEdge()).toEqual(before);
  });

  it('a context that leads to another cluster', async () => {
    const before = await stateOfEdge();
    const product = await productFor({
      edit: (document) => {
        const [cluster] = document['clusters'] as { context: string; kubeconfig: string }[];
        cluster!.context = 'main';
        cluster!.kubeconfig = clusterOf(lab, 'main').handoverKubeconfig;
      },
    });
    expectRefusal(await refused(product), [/main/, /mend/i]);
    expect(await stateOfEdge()).toEqual(before);
  });

  it('a cluster that does not answer', async () => {
    const kubeconfig = path.join(lab.directory, 'test-refusals', 'unreachable.kubeconfig');
    const text = await readFile(clusterOf(lab, 'edge').handoverKubeconfig, 'utf8');
    await writeFile(kubeconfig, text.replace(/server: .*/, 'server: https://127.0.0.1:9'), { mode: 0o600 });
    const before = await stateOfEdge();
    const product = await productFor({
      edit: (document) =>
        void ((document['clusters'] as { kubeconfig: string }[])[0]!.kubeconfig = kubeconfig),
    });
    expectRefusal(await refused(product), [/127\.0\.0\.1:9/, /mend/i]);
    expect(await stateOfEdge()).toEqual(before);
  });

  it('wrong Git credentials', async () => {
    const tokenFile = path.join(lab.directory, 'test-refusals', 'wrong-token');
    await writeFile(tokenFile, 'not-the-token\n', { mode: 0o600 });
    const before = await stateOfEdge();
    const product = await productFor({
      edit: (document) =>
        void ((document['repository'] as { credentials: object }).credentials = {
          username: lab.git.username,
          passwordFile: tokenFile,
        }),
    });
    const result = await refused(product);
    expect([1, 2]).toContain(result.exitCode);
    expectRefusal(result, [/credential|authenti|401/i, /wrong-token/, /mend/i], result.exitCode);
    expect(result.stdout + result.stderr).not.toContain('not-the-token');
    expect(await stateOfEdge()).toEqual(before);
  });

  it("the cluster's missing SOPS key", async () => {
    const secret = await edge.run('get', 'secret', 'sops-age', '-n', 'flux-system', '-o', 'json');
    const { metadata, data, type } = JSON.parse(secret) as {
      metadata: { name: string; namespace: string };
      data: object;
      type: string;
    };
    await edge.run('delete', 'secret', 'sops-age', '-n', 'flux-system');
    try {
      const before = await stateOfEdge();
      expectRefusal(await refused(await productFor({})), [/sops-age/, /mend/i]);
      expect(await stateOfEdge()).toEqual(before);
    } finally {
      await edge.apply(
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Secret',
          type,
          data,
          metadata: { name: metadata.name, namespace: metadata.namespace },
        }),
      );
    }
  });

  it('a chart that can not be pulled', async () => {
    const before = await stateOfEdge();
    expectRefusal(await refused(await productFor({ install: { operatorVersion: '0.58.99' } })), [
      /0\.58\.99/,
      /mend/i,
    ]);
    expect(await stateOfEdge()).toEqual(before);
  });

  it('an image that can not be pulled', async () => {
    const before = await stateOfEdge();
    expectRefusal(await refused(await productFor({ install: { distributionRegistry: 'ghcr.io/nowhere' } })), [
      /ghcr\.io\/nowhere/,
      /mend/i,
    ]);
    expect(await stateOfEdge()).toEqual(before);
  });

  it('a broken handover.yaml, by file and line', async () => {
    const before = await stateOfEdge();
    const product = await productFor({
      edit: (document) => void (document['soak'] = { afterAdopt: 'a while' }),
    });
    expectRefusal(
      await product.run('start', '--yes', '--json'),
      [/handover\.yaml:\d+/, /afterAdopt/, /30m/],
      2,
    );
    expect(await stateOfEdge()).toEqual(before);
  });

  it('a protected branch', async () => {
    await gitServer(lab, 'config', 'handover.protectedBranch', 'edge');
    try {
      const head = await headOf(lab, 'edge');
      const before = await stateOfEdge();
      const product = await productFor({ gates: { start: 'auto' } });
      expectRefusal(await refused(product), [/edge/, /protect|declined|rejected/i, /mend/i]);
      expect(await headOf(lab, 'edge')).toBe(head);
      expect((await stateOfEdge()).generations).toBe(before.generations);
      // Nothing was done, so the way back has nothing to undo but the lock.
      expect((await product.run('rollback', 'edge', '--yes')).exitCode).toBe(0);
      await eventually('the lock given back', 60, async () =>
        (await edge.get('lease', 'flux-handover')) === null ? true : undefined,
      );
      expect((await stateOfEdge()).generations).toBe(before.generations);
    } finally {
      await gitServer(lab, 'config', '--unset', 'handover.protectedBranch');
    }
  });
});

describe('a run that has been planned', () => {
  const owner = 'kubernetes/edge/flux/config/flux.yaml';

  it('stops when someone pushed to a file it touches', async () => {
    const product = await productFor({});
    worker = await product.worker('worker');
    expect((await product.run('start', '--yes', '--detach')).exitCode).toBe(0);
    await eventually('the start gate', 60, async () => {
      const { json } = await product.run('status', '--json');
      return (json as { clusters: ClusterStatus[] } | undefined)?.clusters[0]?.state === 'waiting-for-gate'
        ? true
        : undefined;
    });
    const original = await headOf(lab, 'edge');
    const pushed = await pushEdit(lab, 'edge', owner, (text) =>
      text.replace('--concurrent=8', '--concurrent=9'),
    );
    try {
      const before = await stateOfEdge();
      await product.run('approve', 'edge', 'start', '--yes');
      const held = await eventually('the hold', 90, async () => {
        const { json } = await product.run('status', '--json');
        const [status] = (json as { clusters: ClusterStatus[] }).clusters;
        return status?.state === 'held' ? status : undefined;
      });
      expect(JSON.stringify(held.hold)).toMatch(/plan/i);
      expect(JSON.stringify(held.hold)).toContain(owner);
      expect(await headOf(lab, 'edge')).toBe(pushed);
      expect((await stateOfEdge()).generations).toBe(before.generations);
      expect((await product.run('abandon', 'edge', '--yes')).exitCode).toBe(0);
    } finally {
      await gitServer(lab, 'update-ref', 'refs/heads/edge', original);
    }
  });

  it('is refused while another run, on another Temporal server, drives the cluster', async () => {
    const first = await productFor({ gates: { start: 'auto' } });
    worker = await first.worker('worker');
    expect((await first.run('start', '--yes', '--detach')).exitCode).toBe(0);
    await eventually('the lock', 90, async () => (await edge.get('lease', 'flux-handover')) ?? undefined);
    const temporal = await startTemporalServer(lab);
    const second = new Product(
      lab,
      await writeHandoverConfig(lab, {
        fleet: 'intruder',
        directory: path.join(lab.directory, 'test-refusals', 'intruder'),
        clusters: [clusterOf(lab, 'edge')],
      }),
      {
        TEMPORAL_ADDRESS: temporal.address,
      },
    );
    const intruder = await second.worker('worker');
    try {
      const holder = (await edge.get('lease', 'flux-handover'))?.spec.holderIdentity as string;
      expectRefusal(await second.run('start', '--yes', '--json'), [new RegExp(holder), /mend/i]);
      expect((await edge.get('lease', 'flux-handover'))?.spec.holderIdentity).toBe(holder);
    } finally {
      await intruder.end();
      await temporal.stop();
    }
  });
});
