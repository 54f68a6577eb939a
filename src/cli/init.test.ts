/** `init` on real clones: what it writes is planned without an edit, and says what it guessed. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../config/load.ts';
import { fixture, homeFolder, replaced } from '../plan/fixtures/index.ts';
import { refusals } from '../plan/make-plan.ts';
import { readPlan } from '../plan/read-plan.ts';
import { makeRemote, type Remote } from '../repo/fixtures.ts';
import { run } from './commands/init.ts';
import { plainPaint, type Terminal } from './terminal.ts';

let remote: Remote;
let clone: string;
let file: string;
let said: string;

beforeEach(() => {
  remote = makeRemote();
  clone = join(remote.directory, 'clone');
  file = join(remote.directory, 'handover.yaml');
  said = '';
});
afterEach(() => remote.dispose());

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', clone, '-c', 'user.name=Somebody', '-c', 'user.email=a@example.com', ...args], {
    encoding: 'utf8',
  }).trim();

/** A clone of the remote; its `origin` then says the URL that the fixture's clusters read. */
function cloned(origin = 'git@github.com:someone/home-ops.git'): void {
  execFileSync('git', ['clone', '--quiet', remote.url, clone]);
  git('remote', 'set-url', 'origin', origin);
}

async function init(address: string | undefined, options: object = {}): Promise<number> {
  const say = (text: string): void => void (said += `${text}\n`);
  const terminal: Terminal = {
    interactive: false,
    json: false,
    columns: 100,
    rows: 1000,
    paint: plainPaint(),
    print: say,
    remark: say,
    printJson: (value) => say(JSON.stringify(value)),
  };
  return run({
    terminal,
    words: [address],
    options: { config: file, ...options },
    signal: new AbortController().signal,
  });
}

async function hazardsOf(): Promise<Record<string, string[]>> {
  const { plan } = await readPlan(loadConfig(file), { checkout: true });
  return Object.fromEntries(plan.clusters.map(({ name, hazards }) => [name, hazards.map(({ id }) => id)]));
}

/** The fixture on a branch of its own, in a folder of its own. */
function cluster(name: string, branch: string): Record<string, string> {
  const moved = Object.entries(fixture('home')).map(([path, text]) => [
    path.replace('kubernetes/home', `kubernetes/${name}`),
    text.replaceAll('kubernetes/home', `kubernetes/${name}`).replace('branch: "main"', `branch: "${branch}"`),
  ]);
  return Object.fromEntries(moved) as Record<string, string>;
}

test('a branch for each cluster: both are found from one clone, edge first, and planned without an edit, offline', async () => {
  remote.push('main', cluster('main', 'main'));
  remote.push('edge', {
    ...cluster('edge', 'edge'),
    ...Object.fromEntries(Object.keys(cluster('main', 'main')).map((path) => [path, null])),
  });
  remote.push('renovate/flux', cluster('main', 'main'));
  cloned();
  expect(await init(clone)).toBe(0);
  const config = loadConfig(file);
  expect(config.repository).toMatchObject({ url: 'git@github.com:someone/home-ops.git', checkout: clone });
  expect(config.clusters).toMatchObject([
    { name: 'edge', branch: 'edge', path: 'kubernetes/edge', context: 'edge' },
    { name: 'main', branch: 'main', path: 'kubernetes/main', context: 'main' },
  ]);
  const { plan } = await readPlan(config, { checkout: true });
  expect(plan.clusters.map((each) => refusals(each))).toEqual([[], []]);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('context: edge # guessed');
  expect(text).toContain('self-managed, Flux 2.7.5');
  expect(text).toMatch(/checkout: \.\/clone\n/);
  expect(said).toContain('flux-handover plan');
});

test('a URL is read as well; then there is no clone to name', async () => {
  remote.push('main', fixture('home'));
  process.env['XDG_CACHE_HOME'] = remote.cache;
  try {
    expect(await init(remote.url.replace(/^/, 'file://'), { output: '-' })).toBe(0);
  } finally {
    delete process.env['XDG_CACHE_HOME'];
  }
  expect(parse(said)).toMatchObject({ repository: { url: expect.stringContaining('github.com') as string } });
});

test('a file that is there is not overwritten, unless one insists', async () => {
  remote.push('main', fixture('home'));
  cloned();
  writeFileSync(file, 'mine\n');
  await expect(init(clone)).rejects.toThrow(/is there already/);
  expect(readFileSync(file, 'utf8')).toBe('mine\n');
  expect(await init(clone, { force: true })).toBe(0);
  expect(loadConfig(file).clusters).toHaveLength(1);
});

test('where nothing is found, no file is written, and what was looked for is said', async () => {
  remote.push('main', { 'deploy/app.yaml': 'kind: Deployment\n' });
  cloned();
  await expect(init(clone)).rejects.toMatchObject({
    code: 1,
    why: expect.stringMatching(/gotk-components/) as string,
  });
  expect(() => readFileSync(file)).toThrow(/ENOENT/);
  await expect(init(join(remote.directory, 'nowhere'))).rejects.toThrow(/no Git repository/);
});

test('signed commits: the key that Git signs with is proposed; without one, the plan asks for it', async () => {
  const source = `${homeFolder}/flux/config/cluster.yaml`;
  remote.push(
    'main',
    replaced(
      fixture('home'),
      source,
      '  ref:',
      '  verify: { mode: HEAD, secretRef: { name: keys } }\n  ref:',
    ),
  );
  cloned();
  await init(clone);
  expect(readFileSync(file, 'utf8')).toContain('# signing:');
  expect((await hazardsOf())['home']).toContain('verify-without-signing');
  git('config', 'gpg.format', 'ssh');
  git('config', 'user.signingkey', '~/.ssh/id_ed25519.pub');
  await init(clone, { force: true });
  expect(readFileSync(file, 'utf8')).toMatch(
    /signing: # guessed.*\n {4}format: ssh\n {4}key: ~\/\.ssh\/id_ed25519\n/,
  );
  expect((await hazardsOf())['home']).not.toContain('verify-without-signing');
});

test('a version that Git does not tell is never made up', async () => {
  remote.push(
    'main',
    replaced(fixture('home'), `${homeFolder}/flux/config/flux.yaml`, 'tag: v2.7.5', 'semver: 2.x'),
  );
  cloned();
  await init(clone);
  expect(readFileSync(file, 'utf8')).toContain('#   distributionVersion: 2.x.y');
  expect((await hazardsOf())['home']).toContain('version-floating');
});

test.each([
  ['ssh://git@github.com/someone/home-ops.git', 'ssh://git@github.com/someone/home-ops.git'],
  ['ssh://git:secret@github.com/someone/home-ops.git', 'ssh://git@github.com/someone/home-ops.git'],
  ['https://token@github.com/someone/home-ops', 'https://github.com/someone/home-ops'],
  ['https://me:token@github.com/someone/home-ops', 'https://github.com/someone/home-ops'],
])('the remote %s is written without a secret, and with the user that SSH needs', async (origin, url) => {
  remote.push('main', fixture('home'));
  cloned(origin);
  await init(clone);
  expect(loadConfig(file).repository).toMatchObject({ url, checkout: clone });
});

test("a clone of another repository than the clusters': the URL is theirs, and the clone is not planned from", async () => {
  remote.push('main', fixture('home'));
  cloned('https://github.com/template/home-ops');
  await init(clone);
  const text = readFileSync(file, 'utf8');
  expect(text.replaceAll(/\n *# /g, ' ')).toContain(
    'https://github.com/template/home-ops, which is another repository',
  );
  expect(loadConfig(file).repository.checkout).toBeUndefined();
  writeFileSync(file, text.replace(/^( +)url: .*$/m, `$&\n$1checkout: ${clone}`));
  expect((await hazardsOf())['home']).toContain('checkout-elsewhere');
});

test('what is not committed, not pushed, or not pulled is said with the plan, and is not in it', async () => {
  remote.push('main', fixture('home'));
  cloned();
  await init(clone);
  expect((await hazardsOf())['home']?.filter((id) => id.startsWith('checkout'))).toEqual([]);
  const list = join(clone, homeFolder, 'apps/flux-system/kustomization.yaml');
  writeFileSync(list, 'broken: [\n');
  expect((await hazardsOf())['home']).toContain('checkout-uncommitted');
  expect((await hazardsOf())['home']).not.toContain('yaml-broken');
  git('commit', '-qam', 'broken');
  expect((await hazardsOf())['home']).toEqual(expect.arrayContaining(['checkout-differs', 'yaml-broken']));
  // Behind only: what was fetched last is newer than the local branch.
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  git('update-ref', 'refs/heads/main', 'HEAD~1');
  expect((await hazardsOf())['home']).toEqual(expect.arrayContaining(['checkout-differs', 'yaml-broken']));
});

test('a folder, relative, absolute or as file://, may stand for the URL of a plan; start would need the real one', async () => {
  remote.push('main', fixture('home'));
  cloned();
  mkdirSync(join(remote.directory, 'config'));
  symlinkSync(clone, join(remote.directory, 'config/link'));
  const path = join(remote.directory, 'config/handover.yaml');
  for (const url of ['../clone', './link', clone, `file://${clone}`]) {
    const text = `apiVersion: flux-handover/v1\nfleet: home\nrepository: { url: '${url}' }\nclusters:\n- { name: home, branch: main, path: ${homeFolder}, context: home }\n`;
    writeFileSync(path, text);
    const { plan } = await readPlan(loadConfig(path), { checkout: true });
    expect(plan.clusters[0]?.hazards.map(({ id }) => id)).toContain('repository-local');
    expect(refusals(plan.clusters[0]!)).toEqual([]);
  }
});
