/** Brings a self-managed cluster to the held states of docs/runbook.md, one after the other, and answers each as the page says. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterOf, type Lab } from '../../lab/description.ts';
import { lowerLab, raiseEmptyCluster, raiseLab } from '../../lab/index.ts';
import { writeHandoverConfig } from '../../lab/rehearsal/handover-config.ts';
import { Product, type WorkerProcess } from '../../lab/rehearsal/product.ts';
import { eventually, Kubectl, unready } from '../lab/kubectl.ts';
import { pushEdit, pushRevert } from '../lab/person.ts';
import { type Before, lookBefore, managersOf, replicaSetsOf, treeOf } from '../shapes/before.ts';
import { Follow } from '../lab/follow.ts';
import { BentKubeconfig } from './kubeconfigs.ts';
import { readRunbook, type Section } from './page.ts';
import { tries } from './tries.ts';
import { Workstation } from './workstation.ts';

/** The run of the runbook's example. */
const run = 'home-20261122-7f3a';
const retry = 'flux-handover retry edge';
const ns = ['-n', 'flux-system'];
const tenants = `apiVersion: fluxcd.controlplane.io/v1
kind: ResourceSet
metadata: { name: tenants, namespace: default }
spec:
  resources:
    - apiVersion: v1
      kind: ConfigMap
      metadata: { name: tenant-a, namespace: default }
      data: { kept: "yes" }
`;

const byHand = `apiVersion: source.toolkit.fluxcd.io/v1
kind: Bucket
metadata: { name: by-hand, namespace: default }
spec: { suspend: true, interval: 1h, bucketName: photos, endpoint: minio.default.svc }
`;

describe('held states', () => {
  let lab: Lab;
  let edge: Kubectl;
  let before: Before;
  let product: Product;
  let follow: Follow;
  let worker: WorkerProcess | undefined;
  let station: Workstation;
  let kubeconfig: BentKubeconfig;
  let page: Section[];
  const tried = new Set<string>();

  /**
   * Types the commands of a section. @param meanwhile done before a line is typed, so that its effect leads to the next held state
   * @returns what the last one printed
   */
  async function answer(title: string, meanwhile: Readonly<Record<string, () => Promise<void>>> = {}) {
    const section = page.find((each) => each.title === title);
    if (!section) throw new Error(`docs/runbook.md has no section ${title}`);
    let printed = '';
    for (const line of section.commands) {
      await meanwhile[line]?.();
      printed = await station.type(line);
    }
    tried.add(title);
    return printed;
  }

  // In the name of the flux CLI: what kubectl sets, kustomize-controller takes back with its next reconciliation.
  const asFlux = ['--field-manager=flux', '--type=merge'];
  const patch = (kind: string, name: string, spec: object) =>
    edge.run(...ns, 'patch', kind, name, ...asFlux, '-p', JSON.stringify(spec));
  const suspend = (name: string, suspended: boolean) =>
    patch('kustomization', name, { spec: { suspend: suspended } });

  beforeAll(async () => {
    page = await readRunbook();
    await lowerLab();
    lab = await raiseLab({ clusters: ['edge'] });
    const cluster = clusterOf(lab, 'edge');
    edge = new Kubectl(lab, cluster);
    await eventually('a cluster at rest', 120, async () =>
      (await unready(edge)).length === 0 ? true : undefined,
    );
    await edge.apply(byHand);
    before = await lookBefore(lab, edge);
    const directory = path.join(lab.directory, 'test-runbook', 'held');
    kubeconfig = new BentKubeconfig(path.join(directory, 'kubeconfig'), cluster);
    const config = await writeHandoverConfig(lab, {
      fleet: 'home',
      directory,
      afterAdopt: '1h',
      afterRetire: '1h',
      ready: '75s',
      gates: { start: 'auto' },
      clusters: [{ ...cluster, handoverKubeconfig: kubeconfig.file }],
    });
    await kubeconfig.mend();
    product = new Product(lab, config);
    worker = await product.worker('worker');
    follow = new Follow(product);
    station = await Workstation.open(lab, config, kubeconfig.file);
  });

  afterAll(async () => {
    await worker?.end().catch(() => undefined);
    await lowerLab();
  });

  it('a gate is rejected', async () => {
    await follow.start(run);
    await follow.gate('cutover');
    await follow.must('reject', 'edge', 'cutover', '--yes', '--reason', 'a memory limit would change');
    await follow.held('gate-rejected');
    await answer('A gate was rejected');
    expect((await follow.gate('cutover')).hold).toBeNull();
  });

  it('the plan changes; a step does not become Ready; the checklist does not hold', async () => {
    const list = 'kubernetes/edge/apps/flux-system/kustomization.yaml';
    const edit = await pushEdit(lab, 'edge', list, (text) => `# a note\n${text}`);
    await follow.approve('cutover');
    await follow.held('plan-changed');
    await pushRevert(lab, 'edge', edit);
    await answer('The plan is not what was approved any more', {
      [retry]: async () => void (await suspend('flux-instance', true)),
    });
    await follow.held('not-ready');
    await answer('A step did not become Ready', {
      [retry]: async () => {
        await suspend('flux-instance', false);
        await suspend('echo', true);
      },
    });
    await follow.held('verify');
    await suspend('echo', false);
    await answer('The checklist after a phase does not hold');
    const { phase } = await follow.state('the soak', ({ state }) => state === 'soaking');
    expect(phase).toBe('soak');
  });

  it('the cluster stands still', async () => {
    await station.type('flux-handover pause edge');
    await follow.held('paused');
    await answer('Any hold');
    await answer('The cluster stands still');
    const { until } = await follow.state('the soak again', ({ state }) => state === 'soaking');
    expect(until).not.toBeNull();
  });

  it('the watch sees that the legacy owner was resumed by hand', async () => {
    await suspend('flux', false);
    const { hold } = await follow.held('owner-resumed');
    expect(hold?.findings[0]?.what).toContain('First aid');
    await answer('The watch saw something that could do harm');
    const { phase } = await follow.state('the soak once more', ({ state }) => state === 'soaking');
    expect(phase).toBe('soak');
  });

  it('something that nobody needs is deleted in the soak', async () => {
    await edge.run('-n', 'default', 'delete', 'bucket.source.toolkit.fluxcd.io', 'by-hand');
    await follow.held('object-gone');
    await answer('Something that was there is gone');
    const { phase } = await follow.state('the soak after that', ({ state }) => state === 'soaking');
    expect(phase).toBe('soak');
    await follow.must('verify', 'edge');
    await follow.must('soak', 'skip', 'edge', '--yes');
  });

  it('another run holds the Lease, permissions are missing, another cluster answers', async () => {
    const other = await raiseEmptyCluster('other');
    const token = await edge.run('-n', 'default', 'create', 'token', 'default');
    await follow.gate('retire');
    await patch('lease', 'flux-handover', { spec: { holderIdentity: 'home-20261123-11c0' } });
    // The watch sees it before anybody approves.
    await follow.held('lock-held');
    await answer('Another run holds the Lease');
    await follow.gate('retire');
    await kubeconfig.asNobody(token);
    await follow.must('approve', 'edge', 'retire', '--yes', '--reason', 'the test goes on');
    await follow.held('cluster-forbidden');
    await kubeconfig.mend();
    await answer('Permissions are missing', { [retry]: () => kubeconfig.pointAt(other, 'edge') });
    await follow.held('wrong-cluster');
    await kubeconfig.mend();
    await answer('Another cluster is behind the context');
    const { phase } = await follow.state('the second soak', ({ state }) => state === 'soaking');
    expect(phase).toBe('settle');
  });

  it('Git does not answer: what is typed once it does', async () => {
    // Held like this only after ten minutes; test/ways-back takes Git away.
    const { commands = [] } = page.find(({ title }) => title === 'Git does not answer') ?? {};
    expect(commands.at(-1)).toBe(retry);
    for (const line of commands.slice(0, -1)) await station.type(line);
    tried.add('Git does not answer');
  });

  it('on the way back: people have built on the operator, a step fails, the cluster is not as it was', async () => {
    await edge.apply(tenants);
    await eventually('the ConfigMap of the ResourceSet', 60, async () =>
      (await edge.get('configmap', 'tenant-a', 'default')) ? true : undefined,
    );
    await station.type('flux-handover rollback edge');
    await follow.held('built-on-operator');
    const finalizer = { metadata: { finalizers: ['example.com/stays'] } };
    await answer('People have built on Flux Operator', {
      [retry]: async () => void (await patch('ocirepository', 'flux-operator', finalizer)),
    });
    expect(await edge.get('configmap', 'tenant-a', 'default')).not.toBeNull();
    await follow.held('not-ready');
    await patch('ocirepository', 'flux-operator', { metadata: { finalizers: [] } });
    const second = ['create', 'deployment', 'source-controller', '--replicas=0'];
    await edge.run('-n', 'default', ...second, '--image=ghcr.io/fluxcd/source-controller:v1.9.3');
    await answer('A step of the way back failed');
    await follow.held('verify');
    await edge.run('-n', 'default', 'delete', 'deployment', 'source-controller');
    await answer('The cluster is not as it was');
    await follow.state('the end of the way back', ({ state }) => state === 'rolled-back');
  });

  it('a person takes over; what was moved by hand since does not fit; a step is passed over', async () => {
    await follow.start(`${run}-2`);
    await follow.gate('cutover');
    await station.type('flux-handover pause edge');
    await follow.held('paused');
    await answer('A person takes over');
    await follow.state('the end of the run', ({ state }) => state === 'stopped');
    await edge.apply(tenants);
    await suspend('flux', false);
    await station.type('flux-handover rollback edge');
    await follow.held('owner-enabled');
    await answer('What is there does not fit the run');
    await follow.held('built-on-operator');
    await answer('A step of the way back can not be done, or was done by hand');
    const { phases } = await follow.state('the end of the way back', ({ state }) => state === 'rolled-back');
    expect(phases.map(({ summary }) => summary)).toContain('done before, by an earlier workflow');
  });

  it('after all that, the cluster is what it was', async () => {
    await edge.run(
      '-n',
      'default',
      'patch',
      'resourceset',
      'tenants',
      '--type',
      'merge',
      '-p',
      '{"metadata":{"finalizers":[]}}',
    );
    await edge.run(
      '-n',
      'default',
      'delete',
      'resourceset,configmap',
      'tenants',
      'tenant-a',
      '--ignore-not-found',
    );
    expect(await treeOf(lab)).toBe(before.tree);
    expect(await replicaSetsOf(edge)).toEqual(before.replicaSets);
    expect(await managersOf(edge)).toEqual(before.managers);
    expect(await unready(edge)).toEqual([]);
  });

  it('every section was tried, and every command in it was typed', () => {
    const held = page.filter(({ title }) => tries[title] === 'held');
    expect([...tried].toSorted()).toEqual(held.map(({ title }) => title).toSorted());
    for (const { commands } of held) for (const line of commands) expect(station.typed).toContain(line);
  });
});
