/** The main job, for real: edge and main are handed over in the lab while outside witnesses watch. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterOf, type Lab } from '../../lab/description.ts';
import { restartTemporal } from '../../lab/index.ts';
import { writeHandoverConfig } from '../../lab/rehearsal/handover-config.ts';
import type { Plan } from '../../src/plan/types.ts';
import type { AuditEntry, ClusterStatus, FleetStatus } from '../../src/workflows/contract.ts';
import { clusterWorkflowId } from '../../src/workflows/contract.ts';
import { legacyLab } from '../../lab/rehearsal/legacy-lab.ts';
import { Kubectl, controllerSettings, eventually, uidsOf, unready } from './kubectl.ts';
import { ArgumentsWatch } from './leaks.ts';
import { fileAt, filesAt, gitServer, headOf } from './person.ts';
import { Product, type WorkerProcess } from '../../lab/rehearsal/product.ts';
import { auditedWrites, unplannedChanges } from './verdicts.ts';
import { Witness } from './witness.ts';

const clusters = ['edge', 'main'] as const;
type ClusterName = (typeof clusters)[number];
const controllers = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
];
const legacyKinds = [
  'kustomizations.kustomize.toolkit.fluxcd.io',
  'ocirepositories.source.toolkit.fluxcd.io',
];

interface Before {
  uids: Map<string, string>;
  settings: Awaited<ReturnType<typeof controllerSettings>>;
  head: string;
  suspended: string[];
  /** Our writes in the audit log so far (the log outlives a test). */
  writes: number;
}

let lab: Lab;
let product: Product;
let worker: WorkerProcess;
let plan: Plan;
const kubectl = {} as Record<ClusterName, Kubectl>;
const witness = {} as Record<ClusterName, Witness>;
const before = {} as Record<ClusterName, Before>;
const argumentsWatch = new ArgumentsWatch();

async function suspendedOf(cluster: ClusterName): Promise<string[]> {
  return (await kubectl[cluster].list('kustomizations.kustomize.toolkit.fluxcd.io'))
    .filter(({ spec }) => spec.suspend === true)
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

async function statusOf(cluster: ClusterName): Promise<ClusterStatus | undefined> {
  const { json } = await product.run('status', '--json');
  return (json as { fleet: FleetStatus; clusters: ClusterStatus[] } | undefined)?.clusters.find(
    (status) => status.cluster === cluster,
  );
}

/** Waits for a state; fails at once, with the findings, when the cluster is held instead. */
async function stateOf(
  cluster: ClusterName,
  what: string,
  seconds: number,
  is: (status: ClusterStatus) => boolean,
): Promise<ClusterStatus> {
  let held: ClusterStatus | undefined;
  const status = await eventually(`${cluster}: ${what}`, seconds, async () => {
    const now = await statusOf(cluster);
    if (now === undefined) return undefined;
    if (is(now)) return now;
    if (now.state === 'held') held = now;
    return held;
  });
  if (!is(status))
    throw new Error(`${cluster} is held in ${status.phase}: ${JSON.stringify(status.hold, undefined, 2)}`);
  return status;
}

const gateOpen = (cluster: ClusterName, gate: string, seconds = 240) =>
  stateOf(
    cluster,
    `gate ${gate}`,
    seconds,
    (status) => status.state === 'waiting-for-gate' && status.gate?.gate === gate,
  );

async function approve(cluster: ClusterName, gate: string): Promise<void> {
  const result = await product.run('approve', cluster, gate, '--yes', '--reason', 'end-to-end test');
  expect(result.exitCode, result.stdout + result.stderr).toBe(0);
}

async function signal(cluster: ClusterName, payload: object): Promise<void> {
  await execa(path.join(lab.bin, 'temporal'), [
    'workflow',
    'signal',
    '--address',
    lab.temporal.address,
    '--workflow-id',
    clusterWorkflowId('home', cluster),
    '--name',
    'decide',
    '--input',
    JSON.stringify(payload),
  ]);
}

async function auditOf(cluster: ClusterName, requestId: string): Promise<AuditEntry[]> {
  return ((await statusOf(cluster))?.audit ?? []).filter((entry) => entry.requestId === requestId);
}

beforeAll(async () => {
  lab = await legacyLab();
  const config = await writeHandoverConfig(lab, {
    directory: path.join(lab.directory, 'test-handover'),
    afterAdopt: '20s',
    afterRetire: '10s',
  });
  product = new Product(lab, config);
  for (const cluster of clusters) {
    kubectl[cluster] = new Kubectl(lab, clusterOf(lab, cluster));
    before[cluster] = {
      uids: await uidsOf(kubectl[cluster]),
      settings: await controllerSettings(kubectl[cluster]),
      head: await headOf(lab, cluster),
      suspended: await suspendedOf(cluster),
      writes: (await auditedWrites(clusterOf(lab, cluster))).length,
    };
    witness[cluster] = new Witness(clusterOf(lab, cluster));
    await witness[cluster].start();
  }
  argumentsWatch.start();
  worker = await product.worker('first');
  plan = (await product.run('plan', '--json')).json as Plan;
});

afterAll(async () => {
  await worker?.end();
  await argumentsWatch.stop();
  for (const cluster of clusters) witness[cluster]?.stop();
});

describe('the run', () => {
  it('starts, and edge waits at its start gate with nothing changed', async () => {
    const started = await product.run('start', '--yes', '--detach', '--json');
    expect(started.exitCode, started.stdout + started.stderr).toBe(0);
    await gateOpen('edge', 'start', 120);
    expect(await headOf(lab, 'edge')).toBe(before.edge.head);
    expect((await auditedWrites(clusterOf(lab, 'edge'))).slice(before.edge.writes)).toEqual([]);
  });

  it('refuses an approval for another digest, an unknown gate and a gate that is not open, and keeps a record', async () => {
    const open = await gateOpen('edge', 'start');
    const words = { gate: 'start', decision: 'approve', approver: 'robin', digest: open.gate?.digest };
    const cases = {
      otherDigest: { ...words, digest: 'sha256:0000' },
      unknownGate: { ...words, gate: 'nonsense' },
      notOpen: { ...words, gate: 'retire' },
    };
    for (const [name, payload] of Object.entries(cases)) {
      await signal('edge', { ...payload, requestId: name });
      const [entry] = await eventually(`the audit entry of ${name}`, 20, async () => {
        const entries = await auditOf('edge', name);
        return entries.length > 0 ? entries : undefined;
      });
      expect(entry?.verdict, name).toBe('refused');
    }
    const wrong = await product.run('approve', 'edge', 'start', '--yes', '--digest', 'sha256:0000');
    expect(wrong.exitCode).toBe(1);
    expect(await headOf(lab, 'edge')).toBe(before.edge.head);
  });

  it('takes an approval once, and records its repetition as a duplicate', async () => {
    const open = await gateOpen('edge', 'start');
    const payload = {
      gate: 'start',
      decision: 'approve',
      approver: 'robin',
      digest: open.gate?.digest,
      requestId: randomUUID(),
    };
    await signal('edge', payload);
    await signal('edge', payload);
    const entries = await eventually('both audit entries', 20, async () => {
      const found = await auditOf('edge', payload.requestId);
      return found.length === 2 ? found : undefined;
    });
    expect(entries.map(({ verdict }) => verdict)).toEqual(['accepted', 'duplicate']);
  });

  it('shows the dry run at the cutover gate, and adopts although the worker is killed in the middle', async () => {
    const open = await gateOpen('edge', 'cutover');
    expect(open.gate?.evidence.map(({ name }) => name).join(' ')).toMatch(/dry-run/);
    await approve('edge', 'cutover');
    await eventually('the adopt commit', 60, async () =>
      (
        await gitServer(lab, 'log', '-1', '--format=%(trailers:key=Handover-Step,valueonly)', 'edge')
      ).trim() === 'adopt'
        ? true
        : undefined,
    );
    await worker.end('SIGKILL');
    worker = await product.worker('second');
    await stateOf('edge', 'soak', 240, ({ state }) => state === 'soaking');
  });

  it('goes on after the Temporal server was restarted during the soak', async () => {
    await restartTemporal();
    await gateOpen('edge', 'retire', 120);
  });

  it('holds at a rejected retire gate, asks again on retry, and goes on when it is approved', async () => {
    const rejected = await product.run('reject', 'edge', 'retire', '--yes', '--reason', 'not tonight');
    expect(rejected.exitCode, rejected.stdout + rejected.stderr).toBe(0);
    const held = await stateOf('edge', 'held', 30, ({ state }) => state === 'held');
    expect(JSON.stringify(held.hold?.findings)).toContain('not tonight');
    expect((await product.run('retry', 'edge', '--yes')).exitCode).toBe(0);
    await gateOpen('edge', 'retire', 60);
    await approve('edge', 'retire');
  });

  it('leaves main untouched until edge has settled and main is approved', async () => {
    await gateOpen('main', 'start', 240);
    expect((await statusOf('edge'))?.state).toBe('done');
    expect(await headOf(lab, 'main')).toBe(before.main.head);
    expect((await auditedWrites(clusterOf(lab, 'main'))).slice(before.main.writes)).toEqual([]);
  });

  it('hands main over', async () => {
    for (const gate of ['start', 'cutover', 'retire']) {
      await gateOpen('main', gate);
      await approve('main', gate);
    }
    await stateOf('main', 'done', 240, ({ state }) => state === 'done');
  });
});

describe.each(clusters)('%s afterwards', (cluster) => {
  it('has a Ready FluxInstance that has really reconciled', async () => {
    const instance = await kubectl[cluster].get('fluxinstances.fluxcd.controlplane.io', 'flux');
    expect(instance?.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded' }),
    );
    expect(instance?.metadata.annotations?.['fluxcd.controlplane.io/reconcile'] ?? 'enabled').toBe('enabled');
  });

  it('has its four controllers owned by flux-operator, none by kustomize-controller', async () => {
    for (const controller of controllers) {
      const deployment = await kubectl[cluster].get('deployment', controller);
      const managers = deployment?.metadata.managedFields
        ?.filter(({ subresource }) => subresource === undefined)
        .map(({ manager }) => manager);
      expect(managers, controller).toContain('flux-operator');
      expect(managers, controller).not.toContain('kustomize-controller');
    }
  });

  it('has nothing of the legacy install, neither on the cluster nor in Git', async () => {
    const names = (await kubectl[cluster].list(legacyKinds.join(','))).map(
      ({ kind, metadata }) => `${kind}/${metadata.name}`,
    );
    expect(names).not.toContain('Kustomization/flux');
    expect(names).not.toContain('OCIRepository/flux-manifests');
    expect(await filesAt(lab, cluster)).not.toContain(`kubernetes/${cluster}/flux/config/flux.yaml`);
    const bootstrap = await fileAt(lab, cluster, `kubernetes/${cluster}/bootstrap/flux/kustomization.yaml`);
    expect(bootstrap).not.toContain('fluxcd/flux2');
    expect(bootstrap).toContain('flux-operator');
  });

  it('kept the UID of everything that was there, except what the plan names', async () => {
    const collects =
      plan.clusters.find(({ name }) => name === cluster)?.changes.flatMap((change) => change.collects) ?? [];
    const planned = new Set(collects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
    expect(planned.size).toBeGreaterThan(0);
    const now = await uidsOf(kubectl[cluster]);
    const lost = [...before[cluster].uids]
      .filter(([key, uid]) => !planned.has(key) && now.get(key) !== uid)
      .map(([key]) => key);
    expect(before[cluster].uids.size).toBeGreaterThan(30);
    expect(lost).toEqual([]);
  });

  it('has everything Ready, at the last commit', async () => {
    expect(
      await eventually('every Flux object Ready', 60, async () =>
        (await unready(kubectl[cluster])).length === 0 ? 'ready' : undefined,
      ).catch(() => unready(kubectl[cluster])),
    ).toBe('ready');
    const head = await headOf(lab, cluster);
    for (const { metadata, spec, status } of await kubectl[cluster].list(
      'kustomizations.kustomize.toolkit.fluxcd.io',
    )) {
      if (spec.suspend === true || spec.sourceRef.kind !== 'GitRepository') continue;
      expect(status.lastAppliedRevision, metadata.name).toBe(`${cluster}@sha1:${head}`);
    }
  });

  it('left suspended what was suspended', async () => {
    const legacyOwner = 'flux-system/flux';
    expect(before[cluster].suspended.length).toBeGreaterThan(0);
    expect(await suspendedOf(cluster)).toEqual(
      before[cluster].suspended.filter((name) => name !== legacyOwner),
    );
  });

  it('runs the controllers with the arguments and limits they had', async () => {
    const now = await controllerSettings(kubectl[cluster]);
    for (const controller of controllers) {
      const had = before[cluster].settings[controller];
      expect(now[controller]?.resources, controller).toEqual(had?.resources);
      // The events address belongs to the install, not to a patch: flux-operator writes it with the cluster's domain.
      const wanted = had?.args.filter((argument) => !argument.startsWith('--events-addr='));
      expect(now[controller]?.args, controller).toEqual(expect.arrayContaining(wanted ?? ['missing']));
    }
  });

  it('was seen by the witness without an unplanned deletion, a re-creation or a second controller set', async () => {
    const collects =
      plan.clusters.find(({ name }) => name === cluster)?.changes.flatMap((change) => change.collects) ?? [];
    const unplanned = unplannedChanges(witness[cluster], collects);
    const sightings = witness[cluster].sightings;
    console.log(`witness on ${cluster}: ${sightings.length} sightings`);
    for (const sighting of sightings)
      console.log(
        `  ${sighting.at} ${sighting.event} ${sighting.resource} ${sighting.object} ${sighting.detail}`,
      );
    expect(witness[cluster].gaps).toEqual([]);
    expect(unplanned).toEqual([]);
    for (const controller of controllers)
      expect(witness[cluster].controllerDeployments.get(controller), controller).toBe(1);
    // One election per controller in the whole cluster, so never two leaders: a Lease has one holder.
    const elections = new Set([
      ...witness[cluster].present().keys(),
      ...sightings.map(({ resource, object }) => `${resource}/${object}`),
    ]);
    for (const controller of controllers)
      expect(
        [...elections].filter(
          (name) => name.startsWith('leases/') && name.endsWith(`/${controller}-leader-election`),
        ),
        controller,
      ).toHaveLength(1);
  });

  it('has one commit per step in Git', async () => {
    const steps = (
      await gitServer(
        lab,
        'log',
        '--reverse',
        '--format=%(trailers:key=Handover-Step,valueonly,separator=)',
        `${before[cluster].head}..${cluster}`,
      )
    ).split('\n');
    expect(steps).toEqual(['orphan', 'operator', 'stage', 'adopt', 'retire']);
  });
});

describe('the record', () => {
  it('is a report that names every approval and every phase', async () => {
    const { stdout, exitCode } = await product.run('report');
    expect(exitCode).toBe(0);
    for (const word of ['cutover', 'retire', 'not tonight', 'robin', 'orphan', 'settle'])
      expect(stdout).toContain(word);
    await writeFile(path.join(lab.directory, 'test-handover', 'report.md'), stdout);
  });

  it('keeps what the processes were called with for the search for secrets', async () => {
    expect([...argumentsWatch.seen].some((line) => line.includes('dist/cli/main.js worker'))).toBe(true);
    await writeFile(
      path.join(lab.directory, 'test-handover', 'arguments.txt'),
      [...argumentsWatch.seen].join('\n'),
    );
    expect(
      (await readFile(path.join(lab.directory, 'test-handover', 'arguments.txt'), 'utf8')).length,
    ).toBeGreaterThan(0);
  });
});
