/**
 * Measures `flux-handover plan` on a generated repository of 10,000 files and 400 Kustomizations: time and memory of the
 * whole process with its children, then the time of `flux-local build ks` on the same repository and machine.
 * ROUNDS=3; PEER_MINUTES=10 bounds flux-local (0 leaves it out), which is then counted as at least that long.
 */
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { ensureToolchain } from '../lab/toolchain/index.ts';
import { checkoutDirectory } from '../lab/description.ts';
import { generateRepository } from './plan-repository.ts';
import { median, ratioLine } from './ratio.ts';

const rounds = Number(process.env['ROUNDS'] ?? 3);
const peerMinutes = Number(process.env['PEER_MINUTES'] ?? 10);
const goals = { seconds: 3, megabytes: 500, ratio: 1 / 10 };
const shape = { seed: 4, files: 10_000, kustomizations: 400 };
const peerVersion = '7.2.1';
const kustomizeVersion = 'v5.8.0';

interface Measured {
  seconds: number;
  /** Peak of the resident memory of the process and its children together. */
  megabytes: number;
}

/** Runs a command to its end (or the bound); exit code 1 is a finding, no failure. */
async function measure(
  command: string[],
  options: { cwd: string; environment?: Record<string, string>; minutes?: number; sampled?: boolean },
): Promise<Measured & { done: boolean; failed: boolean; stderr: string }> {
  const begin = performance.now();
  const [program = '', ...words] = command;
  const running = execa(program, words, {
    cwd: options.cwd,
    env: options.environment ?? {},
    stdout: 'ignore',
    reject: false,
    ...(options.minutes === undefined ? {} : { timeout: options.minutes * 60_000 }),
  });
  let peak = 0;
  // Looking at every process costs time of its own, so time and memory are measured in different rounds.
  const sampling = options.sampled
    ? setInterval(() => {
        void residentMegabytes(running.pid ?? 0).then((now) => (peak = Math.max(peak, now)));
      }, 50)
    : undefined;
  const result = await running;
  clearInterval(sampling);
  return {
    seconds: (performance.now() - begin) / 1000,
    megabytes: peak,
    done: result.exitCode === 0 || result.exitCode === 1,
    failed: !result.timedOut && result.exitCode !== 0,
    stderr: result.stderr,
  };
}

/** Resident memory of a process and all below it. */
async function residentMegabytes(root: number): Promise<number> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = await Promise.all(
    processes.map(async (id) => {
      const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
      const field = (name: string): number =>
        Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
      return { id: Number(id), parent: field('PPid'), kilobytes: field('VmRSS') };
    }),
  );
  const family = new Set([root]);
  for (let grown = -1; grown !== family.size;) {
    grown = family.size;
    for (const { id, parent } of read) if (family.has(parent)) family.add(id);
  }
  return read.filter(({ id }) => family.has(id)).reduce((sum, { kilobytes }) => sum + kilobytes / 1024, 0);
}

/** flux-local and the kustomize it calls, installed once into the cache folder. @returns PATH with both */
async function installPeer(): Promise<string> {
  const cache = path.join(
    process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'),
    'flux-handover/bench',
  );
  const [venv, bin] = [path.join(cache, `flux-local-${peerVersion}`), path.join(cache, 'bin')];
  const missing = async (file: string): Promise<boolean> =>
    access(file).then(
      () => false,
      () => true,
    );
  await mkdir(bin, { recursive: true });
  if (await missing(path.join(venv, 'bin/flux-local'))) {
    console.log(`installing flux-local ${peerVersion}`);
    await execa('python3.11', ['-m', 'venv', venv]);
    await execa(path.join(venv, 'bin/pip'), ['install', '--quiet', `flux-local==${peerVersion}`]);
  }
  if (await missing(path.join(bin, 'kustomize'))) {
    console.log(`installing kustomize ${kustomizeVersion}`);
    await execa('go', ['install', `sigs.k8s.io/kustomize/kustomize/v5@${kustomizeVersion}`], {
      cwd: tmpdir(),
      env: { GOBIN: bin, CGO_ENABLED: '0' },
    });
  }
  return [path.join(venv, 'bin'), bin, searchPath].join(path.delimiter);
}

// The kubectl that plan builds with, and the flux that flux-local calls.
const { bin: programs } = await ensureToolchain((line: string) => console.log(line));
const searchPath = [programs, process.env['PATH'] ?? ''].join(path.delimiter);

const folder = await mkdtemp(path.join(tmpdir(), 'flux-handover-bench-'));
try {
  const repository = path.join(folder, 'repository');
  await mkdir(repository);
  const { files, kustomizations, bytes } = generateRepository(repository, shape);
  console.log(`${files} files, ${kustomizations} Kustomizations, ${(bytes / 1e6).toFixed(1)} MB`);
  await writeFile(
    path.join(folder, 'handover.yaml'),
    `apiVersion: flux-handover/v1
fleet: bench
repository: { url: ${JSON.stringify(repository)} }
clusters:
  - { name: home, branch: main, path: kubernetes/home, context: home }
`,
  );
  const environment = { XDG_CACHE_HOME: path.join(folder, 'cache'), PATH: searchPath };
  const plan = [process.execPath, path.join(checkoutDirectory, 'dist/cli/main.js'), 'plan', '--json'];
  // The first one also makes the mirror.
  const first = await measure(plan, { cwd: folder, environment });
  if (!first.done) throw new Error(`plan failed: ${first.stderr}`);
  console.log(`the first plan, with the mirror of the repository: ${first.seconds.toFixed(2)} s`);
  const measured: Measured[] = [];
  for (let round = 0; round < rounds; round += 1)
    measured.push(await measure(plan, { cwd: folder, environment }));
  const seconds = median(measured.map((each) => each.seconds));
  const { megabytes } = await measure(plan, { cwd: folder, environment, sampled: true });
  console.log(ratioLine('plan, seconds', seconds, goals.seconds));
  console.log(ratioLine('plan, peak MB with its children', Math.round(megabytes), goals.megabytes));
  let met = seconds <= goals.seconds && megabytes <= goals.megabytes;
  if (peerMinutes > 0) {
    const peer = await measure(
      [
        'flux-local',
        'build',
        'ks',
        '--path',
        path.join(repository, 'kubernetes/home/flux'),
        '--all-namespaces',
      ],
      { cwd: repository, environment: { PATH: await installPeer() }, minutes: peerMinutes, sampled: true },
    );
    if (peer.failed) throw new Error(`flux-local failed: ${peer.stderr.slice(-2000)}`);
    const took = `${peer.seconds.toFixed(1)} s${peer.done ? '' : ` (stopped; ${peer.stderr.split('\n').at(-1)?.slice(0, 200) || 'the bound'})`}`;
    console.log(`flux-local build ks: ${took}, peak ${Math.round(peer.megabytes)} MB`);
    console.log(ratioLine('plan / flux-local build ks', seconds / peer.seconds, goals.ratio));
    met &&= seconds / peer.seconds <= goals.ratio;
  }
  process.exitCode = met ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
