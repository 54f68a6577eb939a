/** Raises a new, empty cluster and brings it up by the commands that the guide in the repository gives. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import type { Lab, LabCluster } from '../../lab/description.ts';
import { raiseEmptyCluster } from '../../lab/index.ts';
import { besideLab } from '../../lab/rehearsal/outside-names.ts';
import { fileAt } from '../lab/person.ts';

export async function rebuild(lab: Lab, guide: string): Promise<LabCluster> {
  const spare = await raiseEmptyCluster('spare');
  const clone = await mkdtemp(path.join(tmpdir(), 'rebuild-'));
  try {
    await execa('git', ['clone', '--quiet', '--branch', 'edge', lab.git.repository, clone]);
    // What no repository holds, and a person has at hand: the age key, and credentials that are not in Git.
    await copyFile(lab.ageKeyFile, path.join(clone, 'age.agekey'));
    await writeFile(path.join(clone, 'username'), lab.git.username);
    await writeFile(path.join(clone, 'password'), (await readFile(lab.git.tokenFile, 'utf8')).trim(), {
      mode: 0o600,
    });
    const blocks = [...(await fileAt(lab, 'edge', guide)).matchAll(/```(?:bash|sh|console)\n([\s\S]*?)```/g)];
    const commands = blocks.map(([, block]) => block).join('\n');
    const command = await besideLab(lab, ['bash', '-euo', 'pipefail', '-c', commands]);
    await execa(command.file, command.arguments, {
      cwd: clone,
      env: {
        ...command.environment,
        KUBECONFIG: spare.kubeconfig,
        SOPS_AGE_KEY_FILE: lab.ageKeyFile,
        HOME: clone,
      },
      stdin: 'ignore',
    });
    return spare;
  } finally {
    await rm(clone, { recursive: true, force: true });
  }
}
