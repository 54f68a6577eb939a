/** Steps reach a real remote exactly once, without force, and never over somebody else's change. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitFiles, dryRunPush, type CommitRequest } from './commit.ts';
import {
  BranchNotFound,
  BranchProtected,
  FilesChanged,
  GitForbidden,
  GitUnreachable,
  SigningFailed,
} from './errors.ts';
import { makeRemote, type Remote } from './fixtures.ts';
import { openRepository, type Repository } from './repository.ts';
import { readRef, writeRef } from './run-ref.ts';
import { findStep, stepsOfRuns, stepState } from './steps.ts';

let remote: Remote;
let repository: Repository;
const author = { name: 'Handover', email: 'handover@example.com' };
const change = { path: 'flux.yaml', before: 'prune: true\n', after: 'prune: false\n' };

function step(name: string, extra: Partial<CommitRequest> = {}): CommitRequest {
  return {
    repository,
    branch: 'main',
    changes: [change],
    message: `chore: ${name}`,
    trailers: { 'Handover-Run': 'home-1', 'Handover-Cluster': 'edge', 'Handover-Step': name },
    author,
    ...extra,
  };
}

beforeEach(async () => {
  remote = makeRemote();
  remote.push('main', { 'flux.yaml': 'prune: true\n', 'other.yaml': 'a: 1\n', 'dir/x.yaml': 'x: 1\r\n' });
  repository = await openRepository({ url: remote.url, cacheDirectory: remote.cache });
});
afterEach(() => remote.dispose());

describe('commitFiles', () => {
  test('adds, changes and removes files in one commit with trailers, and leaves all else', async () => {
    const changes = [
      change,
      { path: 'new/a.yaml', before: null, after: 'a: 1\r\n' },
      { path: 'other.yaml', before: 'a: 1\n', after: null },
    ];
    const result = await commitFiles(step('orphan', { changes }));
    expect(result.alreadyDone).toBe(false);
    expect(remote.git('rev-parse', 'main')).toBe(result.commit);
    expect(remote.git('diff', '--name-status', '--no-renames', `${result.parent}..${result.commit}`)).toBe(
      'M\tflux.yaml\nA\tnew/a.yaml\nD\tother.yaml',
    );
    expect(remote.git('cat-file', 'blob', 'main:new/a.yaml')).toBe('a: 1');
    expect(remote.git('log', '-1', '--format=%an <%ae>|%s|%(trailers:unfold,separator=;)')).toBe(
      'Handover <handover@example.com>|chore: orphan|Handover-Run: home-1;Handover-Cluster: edge;Handover-Step: orphan',
    );
  });

  test('done twice is done once, also by another process that never saw the first', async () => {
    const first = await commitFiles(step('orphan'));
    remote.push('main', { 'other.yaml': 'a: 2\n' });
    const other = await openRepository({ url: remote.url, cacheDirectory: join(remote.directory, 'second') });
    const second = await commitFiles(step('orphan', { repository: other }));
    expect(second).toEqual({ commit: first.commit, parent: first.parent, alreadyDone: true });
    expect(remote.git('rev-list', '--count', '--grep=Handover-Run', 'main')).toBe('1');
  });

  test('a push that loses the race against another file is made again on the new head', async () => {
    let attempts = 0;
    const result = await commitFiles(
      step('orphan', {
        guard() {
          attempts += 1;
          if (attempts === 1) remote.push('main', { 'other.yaml': 'a: 3\n' });
        },
      }),
    );
    expect(attempts).toBe(2);
    expect(remote.git('show', 'main:other.yaml')).toBe('a: 3');
    expect(remote.git('show', 'main:flux.yaml')).toBe('prune: false');
    expect(remote.git('rev-list', '--count', '--merges', 'main')).toBe('0');
    expect(remote.git('rev-parse', `${result.commit}^`)).toBe(result.parent);
  });

  test('somebody else changing a planned file, before or during the push, is refused', async () => {
    let raced = false;
    const racing = step('orphan', {
      guard() {
        if (!raced) remote.push('main', { 'flux.yaml': 'prune: true # mine\n' });
        raced = true;
      },
    });
    await expect(commitFiles(racing)).rejects.toSatisfy(
      (error) => error instanceof FilesChanged && error.paths.join() === 'flux.yaml',
    );
    await expect(commitFiles(step('orphan'))).rejects.toBeInstanceOf(FilesChanged);
    expect(remote.git('show', 'main:flux.yaml')).toBe('prune: true # mine');
  });

  test('a guard that refuses leaves the branch as it was', async () => {
    const head = remote.git('rev-parse', 'main');
    await expect(
      commitFiles(
        step('orphan', {
          guard: () => {
            throw new Error('the plan changed');
          },
        }),
      ),
    ).rejects.toThrow('the plan changed');
    expect(remote.git('rev-parse', 'main')).toBe(head);
  });

  test('a protected branch is told apart from a race', async () => {
    remote.hook(
      'pre-receive',
      'echo "GH006: Protected branch update failed for refs/heads/main." >&2; exit 1',
    );
    await expect(commitFiles(step('orphan'))).rejects.toSatisfy(
      (error) =>
        error instanceof BranchProtected &&
        /GH006|hook declined/.test(error.what) &&
        error.mend.includes('main'),
    );
  });

  test('an unknown branch names those that exist', async () => {
    await expect(commitFiles(step('orphan', { branch: 'edge' }))).rejects.toSatisfy(
      (error) => error instanceof BranchNotFound && error.why.includes('main'),
    );
  });

  test('an executable file stays executable', async () => {
    remote.push('main', { 'run.sh': 'echo\n' });
    remote.git('update-ref', 'refs/heads/main', executable(remote, 'run.sh'));
    await commitFiles(step('orphan', { changes: [{ path: 'run.sh', before: 'echo\n', after: 'echo 2\n' }] }));
    expect(remote.git('ls-tree', 'main', 'run.sh').slice(0, 6)).toBe('100755');
  });
});

describe('signing', () => {
  test('with an SSH key gives a commit that git verifies, the key never in an argument', async () => {
    const key = join(remote.directory, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
    const { commit } = await commitFiles(step('orphan', { signing: { format: 'ssh', key } }));
    const allowed = join(remote.directory, 'allowed');
    writeFileSync(allowed, `handover@example.com ${readFileSync(`${key}.pub`, 'utf8')}`);
    expect(() =>
      remote.git('-c', `gpg.ssh.allowedSignersFile=${allowed}`, 'verify-commit', commit),
    ).not.toThrow();
    writeFileSync(allowed, '');
    expect(() => remote.git('-c', `gpg.ssh.allowedSignersFile=${allowed}`, 'verify-commit', commit)).toThrow(
      'verify-commit',
    );
  });

  test('with an OpenPGP key', async () => {
    const home = join(remote.directory, 'gpg');
    mkdirSync(home, { mode: 0o700 });
    const before = process.env['GNUPGHOME'];
    process.env['GNUPGHOME'] = home;
    try {
      execFileSync(
        'gpg',
        [
          '--batch',
          '--quiet',
          '--passphrase',
          '',
          '--quick-generate-key',
          'handover@example.com',
          'ed25519',
          'sign',
          'never',
        ],
        { stdio: 'ignore' },
      );
      const { commit } = await commitFiles(
        step('orphan', { signing: { format: 'openpgp', key: 'handover@example.com' } }),
      );
      expect(() => remote.git('verify-commit', commit)).not.toThrow();
    } finally {
      execFileSync('gpgconf', ['--kill', 'all'], {
        env: { ...process.env, GNUPGHOME: home },
        stdio: 'ignore',
      });
      if (before === undefined) delete process.env['GNUPGHOME'];
      else process.env['GNUPGHOME'] = before;
    }
  });

  test('with a missing key fails before anything is pushed', async () => {
    const head = remote.git('rev-parse', 'main');
    await expect(
      commitFiles(step('orphan', { signing: { format: 'ssh', key: '/nowhere/key' } })),
    ).rejects.toBeInstanceOf(SigningFailed);
    expect(remote.git('rev-parse', 'main')).toBe(head);
  });
});

describe('steps', () => {
  test('an undone step counts as not done, and may be done again', async () => {
    await commitFiles(step('orphan'));
    await commitFiles(
      step('undo-orphan', { changes: [{ ...change, before: change.after, after: change.before }] }),
    );
    expect(await findStep(repository, 'main', { run: 'home-1', cluster: 'edge' }, 'orphan')).toBeNull();
    const again = await commitFiles(step('orphan'));
    expect(again.alreadyDone).toBe(false);
    expect(
      (await stepState(repository, 'main', { run: 'home-1', cluster: 'edge' })).map(
        ({ step: name, undone }) => [name, undone],
      ),
    ).toEqual([
      ['orphan', true],
      ['undo-orphan', true],
      ['orphan', false],
    ]);
  });

  test('other runs, and runs whose name begins the same, are not mistaken for this one', async () => {
    await commitFiles(step('orphan'));
    expect(await findStep(repository, 'main', { run: 'home', cluster: 'edge' }, 'orphan')).toBeNull();
    expect(await findStep(repository, 'main', { run: 'home-12', cluster: 'edge' }, 'orphan')).toBeNull();
    expect(await findStep(repository, 'main', { run: 'home-1', cluster: 'edge' }, 'orphan')).not.toBeNull();
  });
});

test('the steps of another cluster on the same branch are not mistaken for this one', async () => {
  await commitFiles(step('orphan'));
  expect(await findStep(repository, 'main', { run: 'home-1', cluster: 'main' }, 'orphan')).toBeNull();
  expect(await stepsOfRuns(repository, 'main', 'main')).toEqual([]);
  expect(await stepsOfRuns(repository, 'main', 'edge')).toMatchObject([{ run: 'home-1', step: 'orphan' }]);
});

describe('the remote', () => {
  test('a dry run changes nothing and says when the remote can not be reached', async () => {
    await dryRunPush({ repository, branch: 'main' });
    await expect(
      openRepository({ url: join(remote.directory, 'nowhere.git'), cacheDirectory: remote.cache }),
    ).rejects.toBeInstanceOf(GitUnreachable);
    await expect(
      openRepository({ url: 'http://127.0.0.1:1/a.git', cacheDirectory: remote.cache }),
    ).rejects.toBeInstanceOf(GitUnreachable);
  });

  test('wrong credentials are told apart, and the token stands in no message', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization ?? '');
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const passwordFile = join(remote.directory, 'token');
    writeFileSync(passwordFile, 'secret-token\n');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.git`;
    try {
      const failure = await openRepository({
        url,
        credentials: { username: 'robot', passwordFile },
        cacheDirectory: remote.cache,
      }).catch((error: unknown) => error as Error);
      expect(failure).toBeInstanceOf(GitForbidden);
      expect((failure as Error).message).not.toContain('secret-token');
      expect(asked).toContain(`Basic ${Buffer.from('robot:secret-token').toString('base64')}`);
    } finally {
      server.close();
    }
  });

  test('a run keeps files under its own ref, and writing the same again changes nothing', async () => {
    const request = {
      repository,
      ref: 'refs/handover/home-1',
      files: { 'baseline.json': '{}', 'legacy/flux.yaml': 'a: 1\n' },
      author,
    };
    const commit = await writeRef(request);
    expect(await writeRef(request)).toBe(commit);
    const other = await openRepository({ url: remote.url, cacheDirectory: join(remote.directory, 'second') });
    expect(await readRef(other, 'refs/handover/home-1')).toEqual(request.files);
    expect(await readRef(other, 'refs/handover/home-2')).toBeNull();
    await writeRef({ ...request, files: { 'baseline.json': '{"a":1}' } });
    await other.fetch();
    expect(await readRef(other, 'refs/handover/home-1')).toEqual({ 'baseline.json': '{"a":1}' });
    expect(remote.git('for-each-ref', '--format=%(refname)')).toBe('refs/handover/home-1\nrefs/heads/main');
  });

  test('a tree keeps bytes as they are and does not read what is no text', async () => {
    remote.push('main', { 'bom.yaml': '\uFEFFa: 1\n', 'link-target.txt': 'x' });
    await repository.fetch();
    const tree = await repository.tree(await repository.head('main'));
    expect(tree.read('dir/x.yaml')).toBe('x: 1\r\n');
    expect(tree.read('bom.yaml')).toBe('\uFEFFa: 1\n');
    expect(tree.read('link-target.txt')).toBe('x');
    expect(tree.read('nowhere.yaml')).toBeNull();
    expect(tree.paths()).toContain('flux.yaml');
  });
});

function executable(at: Remote, path: string): string {
  const index = { ...process.env, GIT_INDEX_FILE: join(at.directory, 'index') };
  const run = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: at.url,
      env: {
        ...index,
        GIT_AUTHOR_NAME: 'x',
        GIT_AUTHOR_EMAIL: 'x',
        GIT_COMMITTER_NAME: 'x',
        GIT_COMMITTER_EMAIL: 'x',
      },
      encoding: 'utf8',
    }).trim();
  run('read-tree', 'main');
  run('update-index', '--cacheinfo', `100755,${run('rev-parse', `main:${path}`)},${path}`);
  return run('commit-tree', run('write-tree'), '-p', 'main', '-m', 'mode');
}
