/** Doctor's look at this machine: Node, the programs that are called, the evidence folder. */
import { access, constants, mkdir } from 'node:fs/promises';
import { execa } from 'execa';
import type { HandoverConfig } from '../../config/schema.ts';
import { check, type Checked } from './check.ts';

interface Program {
  name: string;
  arguments: string[];
  /** What it is needed for. */
  purpose: string;
  mend: string;
  optional?: boolean;
}

const programs: Program[] = [
  {
    name: 'git',
    arguments: ['--version'],
    purpose: 'reads and pushes the repository',
    mend: 'install git, e.g. apt install git',
  },
  {
    name: 'kubectl',
    arguments: ['version', '--client', '-o', 'json'],
    purpose: 'builds what a commit changes for the plan, and runs the checklist',
    mend: 'https://kubernetes.io/docs/tasks/tools/',
  },
  {
    name: 'flux',
    arguments: ['version', '--client'],
    purpose: 'the checklist',
    mend: 'https://fluxcd.io/flux/installation/#install-the-flux-cli',
  },
  {
    name: 'flux-operator',
    arguments: ['version', '--client'],
    purpose: 'builds the instance for the dry run',
    mend: 'https://fluxoperator.dev/docs/guides/cli/',
  },
  {
    name: 'ssh-keygen',
    arguments: ['-?'],
    purpose: 'signs commits with an SSH key',
    mend: 'install OpenSSH, e.g. apt install openssh-client',
  },
];

/** The first thing that looks like a version. */
function versionIn(text: string): string | null {
  return /v?(\d+\.\d+(?:\.\d+)?[\w.+-]*)/.exec(text)?.[1] ?? null;
}

async function checkProgram({ name, arguments: words, purpose, mend, optional }: Program): Promise<Checked> {
  const look = async (): Promise<{ detail: string }> => {
    const { stdout, stderr, code } = await execa(name, words, {
      reject: false,
      timeout: 10_000,
      stdin: 'ignore',
    });
    if (code === 'ENOENT') throw new Error(`not found on PATH; ${purpose}`);
    // Some programs have no version to tell; that they run is enough.
    return {
      detail: name === 'ssh-keygen' ? 'present' : (versionIn(stdout) ?? versionIn(stderr) ?? 'present'),
    };
  };
  const checked = await check('This machine', name, look, () => `install it: ${mend}`);
  return optional === true ? { ...checked, optional: true } : checked;
}

async function checkNode(): Promise<Checked> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const look = async (): Promise<{ detail: string }> => {
    if (major < 22 || (major === 22 && minor < 18)) throw new Error(`${process.version} is too old`);
    return { detail: process.version };
  };
  return check('This machine', 'node', look, () => 'install Node.js 22.18 or newer: https://nodejs.org');
}

export async function checkMachine(config: HandoverConfig | null): Promise<Checked[]> {
  const signing = config?.repository.signing?.format;
  const wanted = programs.filter(({ name }) => name !== 'ssh-keygen' || signing !== 'openpgp');
  if (signing === 'openpgp')
    wanted.push({
      name: 'gpg',
      arguments: ['--version'],
      purpose: 'signs commits',
      mend: 'install GnuPG, e.g. apt install gnupg',
    });
  return Promise.all([
    checkNode(),
    ...wanted.map((program) =>
      checkProgram({ ...program, optional: program.name === 'ssh-keygen' && signing === undefined }),
    ),
  ]);
}

export async function checkEvidence(folder: string): Promise<Checked> {
  const look = async (): Promise<{ detail: string }> => {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return { detail: `${folder} can be written` };
  };
  return check(
    'Evidence',
    'folder',
    look,
    () => `give this user the right to write ${folder}, or set evidence.directory in handover.yaml`,
  );
}
