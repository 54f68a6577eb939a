/** Follows the run of one cluster from the command line, as a person would: waits for its states, answers its gates. */
import { execa } from 'execa';
import path from 'node:path';
import type { Lab } from '../../lab/description.ts';
import type { Product } from '../../lab/rehearsal/product.ts';
import { clusterWorkflowId, type ClusterStatus } from '../../src/workflows/contract.ts';
import { eventually } from './kubectl.ts';

const cluster = 'edge';

class Held extends Error {
  constructor({ phase, hold }: ClusterStatus, what = 'no hold') {
    super(`waited for ${what}; held in ${phase}: ${JSON.stringify(hold?.findings, undefined, 2)}`);
  }
}

export class Follow {
  readonly #product: Product;

  constructor(product: Product) {
    this.#product = product;
  }

  /** @param run its name, where the test has to know it */
  async start(run?: string): Promise<void> {
    await this.must('start', '--yes', '--detach', ...(run === undefined ? [] : ['--run', run]));
  }

  /** Waits for a gate and approves it. */
  async approve(gate: string): Promise<void> {
    await this.gate(gate);
    await this.must('approve', cluster, gate, '--yes', '--reason', 'the test goes on');
  }

  gate(gate: string): Promise<ClusterStatus> {
    return this.state(
      `gate ${gate}`,
      (status) => status.state === 'waiting-for-gate' && status.gate?.gate === gate,
    );
  }

  /** Says no at a gate and takes the way back. */
  async rejectAndGoBack(gate: string): Promise<void> {
    await this.gate(gate);
    await this.must('reject', cluster, gate, '--yes', '--reason', 'the way back is tried');
    await this.state('the hold', ({ state }) => state === 'held', true);
    await this.must('rollback', cluster, '--yes', '--reason', 'the way back is tried');
    await this.state('the end of the way back', ({ state }) => state === 'rolled-back');
  }

  /** Gives the word to go back, at whatever moment. @returns milliseconds from the word until the cluster is legacy again, as seen from here */
  async rollback(): Promise<number> {
    const begin = performance.now();
    await this.sayRollback();
    await this.state('the end of the way back', ({ state }) => state === 'rolled-back');
    return performance.now() - begin;
  }

  /** The word alone. */
  async sayRollback(): Promise<void> {
    await this.must('rollback', cluster, '--yes', '--reason', 'the way back is tried');
  }

  /** Lets what is held try again. */
  async retry(): Promise<void> {
    await this.must('retry', cluster, '--yes');
  }

  /** Cancels the run as Temporal's UI does; it takes the way back from wherever it is. */
  async cancel({ temporal, bin }: Lab, fleet: string): Promise<void> {
    const id = clusterWorkflowId(fleet, cluster);
    const connection = ['--address', temporal.address, '--namespace', temporal.namespace];
    await execa(path.join(bin, 'temporal'), ['workflow', 'cancel', ...connection, '--workflow-id', id]);
    await this.state('the end of the way back', ({ state }) => state === 'rolled-back');
  }

  /** Waits until the cluster is held because of this, and not because of what it was held for before. */
  held(id: string, before: string | null = null): Promise<ClusterStatus> {
    return this.state(
      `a hold because of ${id}`,
      ({ hold }) => hold !== null && hold.since !== before && hold.findings.some((each) => each.id === id),
    );
  }

  /** @throws Error with the findings when the cluster is held now */
  async notHeld(): Promise<void> {
    const now = await this.#status();
    if (now?.state === 'held') throw new Held(now);
  }

  /** Waits for a state; fails at once, with the findings, when the cluster is held instead. */
  async state(
    what: string,
    is: (status: ClusterStatus) => boolean,
    maybeHeld = false,
  ): Promise<ClusterStatus> {
    const status = await eventually(what, 420, async () => {
      const now = await this.#status();
      return now && (is(now) || (now.state === 'held' && !maybeHeld)) ? now : undefined;
    });
    if (!is(status)) throw new Held(status, what);
    return status;
  }

  async #status(): Promise<ClusterStatus | undefined> {
    const { json } = await this.#product.run('status', '--json');
    return (json as { clusters: ClusterStatus[] } | undefined)?.clusters.find(
      (status) => status.cluster === cluster,
    );
  }

  /** @throws Error with what the command said when it fails */
  async must(...words: string[]): Promise<void> {
    const { exitCode, stdout, stderr } = await this.#product.run(...words);
    if (exitCode !== 0)
      throw new Error(`flux-handover ${words.join(' ')} ended with ${exitCode}: ${stdout}${stderr}`);
  }
}
