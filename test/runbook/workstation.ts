/** The machine of a person who reads the runbook: a clone, a kubeconfig, and the programs on the PATH; each line is typed as printed. */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { checkoutDirectory, type Lab } from '../../lab/description.ts';
import { besideLab } from '../../lab/rehearsal/outside-names.ts';

/** Nobody sits at a terminal here: the question that these ask is answered on the same line. */
const asks = /^flux-handover (rollback|skip|abandon|pause)\b/;
/** A cluster that is held, or does not fit, is a finding to them, which is what they are asked for. */
const mayFind = /^flux-handover status\b/;

export class Workstation {
  readonly #lab: Lab;
  readonly #folder: string;
  readonly #kubeconfig: string;
  /** What was typed, as printed. */
  readonly typed = new Set<string>();

  private constructor(lab: Lab, folder: string, kubeconfig: string) {
    this.#lab = lab;
    this.#folder = folder;
    this.#kubeconfig = kubeconfig;
  }

  /** @param configFile its folder is where `flux-handover` is called */
  static async open(lab: Lab, configFile: string, kubeconfig: string): Promise<Workstation> {
    const folder = path.join(path.dirname(configFile), 'workstation');
    await rm(folder, { recursive: true, force: true });
    await mkdir(path.join(folder, 'bin'), { recursive: true });
    const program = path.join(folder, 'bin', 'flux-handover');
    const main = path.join(checkoutDirectory, 'dist/cli/main.js');
    await writeFile(program, `#!/bin/sh\ncd '${path.dirname(configFile)}' && exec node '${main}' "$@"\n`);
    await chmod(program, 0o755);
    const helper = `!f() { echo username=${lab.git.username}; echo password=$(cat ${lab.git.tokenFile}); }; f`;
    const settings = [
      `credential.helper=${helper}`,
      'user.name=Robin',
      'user.email=robin@home.example',
      'advice.detachedHead=false',
    ].flatMap((setting) => ['--config', setting]);
    const station = new Workstation(lab, folder, kubeconfig);
    await execa('git', ['clone', '--quiet', '--branch', 'edge', ...settings, lab.git.url, station.clone], {
      env: { GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0' },
    });
    return station;
  }

  get clone(): string {
    return path.join(this.#folder, 'clone');
  }

  /**
   * Types one line of the runbook.
   * @param filled what stands for names of the example, such as a commit
   * @returns what it printed
   * @throws Error with all that it printed when it fails
   */
  async type(line: string, filled: Readonly<Record<string, string>> = {}): Promise<string> {
    let script = line;
    for (const [example, real] of Object.entries(filled)) script = script.replaceAll(example, real);
    if (asks.test(line)) script += ' --yes';
    const command = await besideLab(this.#lab, ['bash', '-eu', '-o', 'pipefail', '-c', script]);
    const { exitCode, all, stdout } = await execa(command.file, command.arguments, {
      cwd: this.clone,
      env: {
        ...command.environment,
        PATH: [path.join(this.#folder, 'bin'), command.environment['PATH']].join(path.delimiter),
        KUBECONFIG: this.#kubeconfig,
        NO_COLOR: '1',
      },
      all: true,
      reject: false,
      stdin: 'ignore',
      timeout: 300_000,
    });
    this.typed.add(line);
    if (exitCode === 0 || (exitCode === 1 && mayFind.test(line))) return stdout;
    throw new Error(`${script}\nended with ${exitCode ?? 'a signal'}:\n${all}`);
  }
}
