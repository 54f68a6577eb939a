/** Runs the plain shell scripts that the product is measured against, beside the lab as a person at a workstation would. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { checkoutDirectory, clusterOf, type Lab } from '../lab/description.ts';
import { besideLab } from '../lab/rehearsal/outside-names.ts';
import { Kubectl, eventually, unready } from '../test/lab/kubectl.ts';

/** The cluster that is measured, and its branch. */
export const cluster = 'edge';

/** A folder or file of the measurements. */
export function placeOf(lab: Lab, ...names: string[]): string {
  return path.join(lab.directory, 'bench', ...names);
}

/** One prepared commit. */
export interface PreparedStep {
  readonly name: string;
  /** Content by path; null where the file goes. */
  readonly files: ReadonlyMap<string, string | null>;
}

/** Writes commits as folders that a script copies over its clone. @returns the folder */
export async function writeSteps(lab: Lab, name: string, steps: readonly PreparedStep[]): Promise<string> {
  const folder = placeOf(lab, name);
  await rm(folder, { recursive: true, force: true });
  for (const step of steps) {
    const target = path.join(folder, step.name);
    await mkdir(path.join(target, 'files'), { recursive: true });
    for (const [file, content] of step.files) {
      if (content === null) continue;
      await mkdir(path.dirname(path.join(target, 'files', file)), { recursive: true });
      await writeFile(path.join(target, 'files', file), content);
    }
    const gone = [...step.files].filter(([, content]) => content === null);
    await writeFile(path.join(target, 'deleted'), gone.map(([file]) => `${file}\n`).join(''));
  }
  return folder;
}

/** A fresh clone of the branch that pushes with the lab's credentials; making it is no part of what is measured. */
export async function makeClone(lab: Lab, name: string): Promise<string> {
  const clone = placeOf(lab, name);
  await rm(clone, { recursive: true, force: true });
  await execa('git', ['clone', '--quiet', '--branch', cluster, lab.git.repository, clone]);
  const helper = `!f() { echo username=${lab.git.username}; echo password=$(cat ${lab.git.tokenFile}); }; f`;
  for (const [key, value] of [
    ['credential.helper', helper],
    ['user.name', 'Robin'],
    ['user.email', 'robin@home.example'],
    ['remote.origin.url', lab.git.url],
  ] as const)
    await execa('git', ['-C', clone, 'config', key, value]);
  return clone;
}

/** @param command of bash, in the folder of the scripts */
export async function runPlain(
  lab: Lab,
  command: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const beside = await besideLab(lab, ['bash', '-euo', 'pipefail', '-c', command]);
  const { stdout } = await execa(beside.file, beside.arguments, {
    cwd: path.join(checkoutDirectory, 'bench'),
    env: {
      ...beside.environment,
      KUBECONFIG: clusterOf(lab, cluster).kubeconfig,
      CLUSTER: cluster,
      SOURCE: 'haynes-ops',
      ...environment,
    },
  });
  return stdout;
}

/** Waits until the cluster is at rest after a start, so that what starts anew does not count. */
export async function atRest(lab: Lab): Promise<void> {
  const kubectl = new Kubectl(lab, clusterOf(lab, cluster));
  await eventually('a cluster at rest', 120, async () =>
    (await unready(kubectl)).length === 0 ? true : undefined,
  );
  const available = ['--for=condition=Available', '--timeout=120s'];
  await kubectl.run('-n', 'flux-system', 'wait', 'deployment', '--all', ...available);
  await execa(path.join(lab.bin, 'flux'), [
    '--kubeconfig',
    clusterOf(lab, cluster).kubeconfig,
    'reconcile',
    'kustomization',
    'cluster',
    '--with-source',
  ]);
}
