/** Life after the handover: edits arrive, no secret leaked, a new cluster comes up from the repo, and the witness is no rubber stamp. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterOf, readLab, type Lab } from '../../lab/description.ts';
import { raiseEmptyCluster } from '../../lab/index.ts';
import { besideLab } from '../../lab/rehearsal/outside-names.ts';
import { clusterWorkflowId, fleetWorkflowId } from '../../src/workflows/contract.ts';
import { Kubectl, eventually, unready } from './kubectl.ts';
import { decodePayloads, findSecrets, textsBelow, type Leak } from './leaks.ts';
import { fileAt, headOf, pushEdit } from './person.ts';
import { unplannedChanges } from './verdicts.ts';
import { Witness } from './witness.ts';

let lab: Lab;
let edge: Kubectl;

beforeAll(async () => {
  lab = await readLab();
  edge = new Kubectl(lab, clusterOf(lab, 'edge'));
  const instance = await edge.get('fluxinstances.fluxcd.controlplane.io', 'flux').catch(() => null);
  if (instance === null) throw new Error('edge was not handed over: run 02-handover.test.ts first');
});

describe('edits after the handover', () => {
  const requestReconcile = (kind: string, name: string) =>
    edge.run(
      'annotate',
      '--overwrite',
      '-n',
      'flux-system',
      `${kind}/${name}`,
      `reconcile.fluxcd.io/requestedAt=${Date.now()}`,
    );

  it('of a substituted variable and of an encrypted value arrive on the cluster', async () => {
    const greeting = `Hello again ${randomBytes(4).toString('hex')}`;
    const domain = `${randomBytes(8).toString('hex')}.example`;
    await pushEdit(lab, 'edge', 'kubernetes/edge/flux/vars/cluster-settings.yaml', (text) =>
      text.replace(/CLUSTER_GREETING: .*/, `CLUSTER_GREETING: "${greeting}"`),
    );
    await pushEdit(lab, 'edge', 'kubernetes/edge/flux/vars/cluster-secrets.sops.yaml', (text) =>
      reencrypt(text, (plain) => plain.replace(/SECRET_DOMAIN: .*/, `SECRET_DOMAIN: ${domain}`)),
    );
    const head = await headOf(lab, 'edge');
    const source = (await edge.list('gitrepositories.source.toolkit.fluxcd.io'))[0]?.metadata.name ?? '';
    await requestReconcile('gitrepository', source);
    await eventually('the root Kustomization at the new commit', 90, async () => {
      const root = await edge.get('kustomizations.kustomize.toolkit.fluxcd.io', 'cluster');
      return root !== null && (root.status.lastAppliedRevision as string).endsWith(head) ? true : undefined;
    });
    await requestReconcile('kustomization', 'cluster-apps');
    await requestReconcile('kustomization', 'echo');
    const config = await eventually('the edits in the ConfigMap of echo', 90, async () => {
      const found = (await edge.get('configmap', 'echo', 'default'))?.data;
      if (found?.['domain'] !== `echo.${domain}`) await requestReconcile('kustomization', 'echo');
      return found?.['domain'] === `echo.${domain}` ? found : undefined;
    });
    expect(config['index.html']).toContain(greeting);
  });

  /** Decrypts, edits and encrypts a SOPS file with the lab's key, as `sops FILE` in an editor would. */
  async function reencrypt(text: string, edit: (plain: string) => string): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'sops-'));
    const file = path.join(folder, 'secret.sops.yaml');
    const sops = path.join(lab.bin, 'sops');
    try {
      await writeFile(file, text);
      const plain = await execa(sops, ['decrypt', file], { env: { SOPS_AGE_KEY_FILE: lab.ageKeyFile } });
      const recipient = /recipient: (age1\w+)/.exec(text)?.[1] ?? '';
      await writeFile(file, edit(plain.stdout));
      const encrypted = await execa(
        sops,
        ['encrypt', '--age', recipient, '--encrypted-regex', '^(data|stringData)$', file],
        { cwd: folder },
      );
      return `${encrypted.stdout}\n`;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
});

describe('secrets', () => {
  it('are nowhere in histories, logs, evidence, report and process arguments, where a planted canary is found', async () => {
    const secrets = JSON.parse(await readFile(lab.secretsFile, 'utf8')) as Record<string, string>;
    expect(Object.keys(secrets).length).toBeGreaterThan(4);
    const temporal = path.join(lab.bin, 'temporal');
    const canary = `canary-${randomBytes(12).toString('hex')}`;
    const folder = path.join(lab.directory, 'test-handover');

    const texts = await textsBelow(folder);
    for (const id of [
      fleetWorkflowId('home'),
      clusterWorkflowId('home', 'edge'),
      clusterWorkflowId('home', 'main'),
    ]) {
      const { stdout } = await execa(
        temporal,
        ['workflow', 'show', '--address', lab.temporal.address, '--workflow-id', id, '--output', 'json'],
        { maxBuffer: 1e9 },
      );
      expect(JSON.parse(stdout).events.length, id).toBeGreaterThan(5);
      texts.set(`history ${id}`, decodePayloads(stdout));
    }
    for (const required of [
      'history handover/home/edge',
      path.join(folder, 'report.md'),
      path.join(folder, 'arguments.txt'),
    ])
      expect([...texts.keys()]).toContain(required);
    expect([...texts.keys()].filter((file) => file.includes('evidence')).length).toBeGreaterThan(10);
    expect([...texts.keys()].filter((file) => file.endsWith('.log')).length).toBeGreaterThan(0);

    const leaks: Leak[] = [...texts].flatMap(([place, text]) => findSecrets(place, text, secrets));
    expect(leaks).toEqual([]);

    // The search is proved on the same material with a canary planted in each form.
    for (const form of [
      canary,
      Buffer.from(`xy${canary}z`).toString('base64'),
      encodeURIComponent(`${canary}/+`),
    ]) {
      const place = 'planted';
      const planted = findSecrets(place, `${texts.get('history handover/home/edge')}${form}`, {
        canary: form.includes('%') ? `${canary}/+` : canary,
      });
      expect(planted, form).not.toEqual([]);
    }
  });

  it('a canary sent through a real signal is found in the real history', async () => {
    const canary = `canary-${randomBytes(12).toString('hex')}`;
    const temporal = path.join(lab.bin, 'temporal');
    const connection = ['--address', lab.temporal.address];
    await execa(temporal, [
      'workflow',
      'start',
      ...connection,
      '--task-queue',
      'nobody',
      '--type',
      'canary',
      '--workflow-id',
      canary.slice(0, 12),
      '--input',
      JSON.stringify({ reason: canary }),
    ]);
    const { stdout } = await execa(temporal, [
      'workflow',
      'show',
      ...connection,
      '--workflow-id',
      canary.slice(0, 12),
      '--output',
      'json',
    ]);
    await execa(temporal, ['workflow', 'terminate', ...connection, '--workflow-id', canary.slice(0, 12)]);
    expect(findSecrets('history', decodePayloads(stdout), { canary })).not.toEqual([]);
  });
});

describe('a new, empty cluster', () => {
  it('comes up from the repo by the commands of the bootstrap folder, with everything Ready', async () => {
    const spare = await raiseEmptyCluster('spare');
    lab = await readLab();
    const clone = await mkdtemp(path.join(tmpdir(), 'bootstrap-'));
    try {
      await execa('git', ['clone', '--quiet', '--branch', 'edge', lab.git.repository, clone]);
      await copyFile(lab.ageKeyFile, path.join(clone, 'age.agekey'));
      const readme = await fileAt(lab, 'edge', 'kubernetes/edge/bootstrap/flux/README.md');
      const commands = [...readme.matchAll(/```(?:bash|sh|console)\n([\s\S]*?)```/g)]
        .map(([, block]) => block)
        .join('\n');
      expect(commands).toContain('kubectl');
      const command = await besideLab(lab, ['bash', '-euo', 'pipefail', '-c', commands]);
      const { stdout } = await promisify(execFile)(command.file, [...command.arguments], {
        cwd: clone,
        env: {
          ...process.env,
          ...command.environment,
          KUBECONFIG: spare.kubeconfig,
          SOPS_AGE_KEY_FILE: lab.ageKeyFile,
          HOME: clone,
        },
        maxBuffer: 1e8,
      });
      console.log(stdout);
      const kubectl = new Kubectl(lab, spare);
      await eventually('everything Ready on the new cluster', 240, async () => {
        const kustomizations = await kubectl.list('kustomizations.kustomize.toolkit.fluxcd.io');
        const expected = (await edge.list('kustomizations.kustomize.toolkit.fluxcd.io')).length;
        return kustomizations.length === expected && (await unready(kubectl)).length === 0 ? true : undefined;
      }).catch(async (error: unknown) => {
        throw new Error(`not Ready: ${(await unready(kubectl)).join('\n')}`, { cause: error });
      });
      const instance = await kubectl.get('fluxinstances.fluxcd.controlplane.io', 'flux');
      expect(instance?.status.conditions).toContainEqual(
        expect.objectContaining({ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded' }),
      );
      const releases = await kubectl.list('helmreleases.helm.toolkit.fluxcd.io');
      expect(releases.map(({ metadata }) => metadata.name)).toContain('flux-operator');
    } finally {
      await rm(clone, { recursive: true, force: true });
    }
  });
});

describe('the witness', () => {
  let witness: Witness;
  beforeAll(async () => {
    witness = new Witness(clusterOf(lab, 'edge'));
    await witness.start();
  });
  afterAll(() => witness.stop());

  it('reports an object that is deleted and comes back with another UID', async () => {
    expect(unplannedChanges(witness, [])).toEqual([]);
    await edge.run('delete', 'configmap', 'echo', '-n', 'default', '--wait=false');
    await edge.run(
      'annotate',
      '--overwrite',
      '-n',
      'flux-system',
      'kustomization/echo',
      `reconcile.fluxcd.io/requestedAt=${Date.now()}`,
    );
    await eventually('the re-creation in the record', 60, async () =>
      witness.sightings.some(({ event, object }) => event === 'created' && object === 'default/echo')
        ? true
        : undefined,
    );
    expect(unplannedChanges(witness, []).map(({ event, object }) => `${event} ${object}`)).toEqual(
      expect.arrayContaining(['deleted default/echo', 'created default/echo']),
    );
  });

  it('counts a second Deployment of a controller', async () => {
    await edge.apply(
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: {
          name: 'source-controller',
          namespace: 'default',
          labels: { 'app.kubernetes.io/component': 'source-controller' },
        },
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: 'intruder' } },
          template: {
            metadata: { labels: { app: 'intruder' } },
            spec: { containers: [{ name: 'manager', image: 'ghcr.io/haynes/demo:1.0.0' }] },
          },
        },
      }),
    );
    try {
      await eventually('the second Deployment in the count', 30, async () =>
        witness.controllerDeployments.get('source-controller') === 2 ? true : undefined,
      );
    } finally {
      await edge.run('delete', 'deployment', 'source-controller', '-n', 'default');
    }
  });
});
