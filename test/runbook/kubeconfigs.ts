/** The kubeconfig of the product, which a test bends and mends. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import type { LabCluster } from '../../lab/description.ts';

interface Kubeconfig {
  'current-context'?: string;
  contexts: { name: string }[];
  users: { user: Record<string, unknown> }[];
}

export class BentKubeconfig {
  readonly file: string;
  readonly #right: string;

  constructor(file: string, right: LabCluster) {
    this.file = file;
    this.#right = right.handoverKubeconfig;
  }

  mend(): Promise<void> {
    return copyFile(this.#right, this.file);
  }

  /** The same cluster, as somebody who may do nothing. @param token of a service account without permissions */
  async asNobody(token: string): Promise<void> {
    const config = await read(this.#right);
    for (const entry of config.users) entry.user = { token };
    await writeFile(this.file, stringify(config));
  }

  /** Another cluster behind the same context. */
  async pointAt(other: LabCluster, context: string): Promise<void> {
    const config = await read(other.handoverKubeconfig);
    for (const entry of config.contexts) entry.name = context;
    config['current-context'] = context;
    await writeFile(this.file, stringify(config));
  }
}

async function read(file: string): Promise<Kubeconfig> {
  return parse(await readFile(file, 'utf8')) as Kubeconfig;
}
