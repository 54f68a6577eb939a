/** Real Git repositories in a temporary folder, for tests of what we do to them. */
import { mkdtempSync, rmSync, writeFileSync, mkdirSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';

export interface Remote {
  /** Folder of everything, removed by `dispose`. */
  directory: string;
  /** The bare repository. */
  url: string;
  cache: string;
  git(...args: string[]): string;
  /** Somebody else's commit on a branch, pushed at once. */
  push(branch: string, files: Record<string, string | null>, message?: string): string;
  /** A branch with one commit of very many files, made without a work tree. */
  import(branch: string, files: Record<string, string>): void;
  hook(name: string, script: string): void;
  dispose(): void;
}

const identity = {
  GIT_AUTHOR_NAME: 'Somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.com',
  GIT_COMMITTER_NAME: 'Somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.com',
};

export function makeRemote(): Remote {
  const directory = mkdtempSync(join(tmpdir(), 'handover-git-'));
  const url = join(directory, 'remote.git');
  const work = join(directory, 'work');
  const environment = (): NodeJS.ProcessEnv => ({
    ...process.env,
    ...identity,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
  });
  const run = (cwd: string, args: string[]): string =>
    execFileSync('git', args, {
      cwd,
      env: environment(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  run(directory, ['init', '--bare', '--quiet', '--initial-branch=main', url]);
  run(directory, ['init', '--quiet', '--initial-branch=main', work]);
  run(work, ['remote', 'add', 'origin', url]);
  return {
    directory,
    url,
    cache: join(directory, 'cache'),
    git: (...args) => run(url, args),
    push(branch, files, message = 'a change') {
      const known = run(work, ['ls-remote', '--heads', 'origin', branch]) !== '';
      if (known) {
        run(work, ['fetch', '--quiet', 'origin', branch]);
        run(work, ['checkout', '--quiet', '-B', branch, 'FETCH_HEAD']);
      } else run(work, ['checkout', '--quiet', '-B', branch]);
      for (const [path, content] of Object.entries(files)) {
        if (content === null) rmSync(join(work, path));
        else {
          mkdirSync(dirname(join(work, path)), { recursive: true });
          writeFileSync(join(work, path), content);
        }
      }
      run(work, ['add', '--all']);
      run(work, ['commit', '--quiet', '--allow-empty', '-m', message]);
      run(work, ['push', '--quiet', 'origin', branch]);
      return run(work, ['rev-parse', 'HEAD']);
    },
    import(branch, files) {
      const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
      const changes = Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
      const commit = `commit refs/heads/${branch}\ncommitter Somebody <somebody@example.com> 0 +0000\n${data('import')}`;
      const input = `${commit}${changes.join('')}\n`;
      execFileSync('git', ['fast-import', '--quiet'], { cwd: url, env: environment(), input });
    },
    hook(name, script) {
      const file = join(url, 'hooks', name);
      writeFileSync(file, `#!/bin/sh\n${script}\n`);
      chmodSync(file, 0o755);
    },
    dispose: () => rmSync(directory, { recursive: true, force: true }),
  };
}
