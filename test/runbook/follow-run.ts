/** Waits until one cluster's run is where a test wants it, and answers its gates. */
import type { Product } from '../../lab/rehearsal/product.ts';
import type { ClusterStatus } from '../../src/workflows/contract.ts';
import { eventually } from '../lab/kubectl.ts';

const cluster = 'edge';

export class FollowRun {
  readonly #product: Product;

  constructor(product: Product) {
    this.#product = product;
  }

  /** @throws Error with what the command said when it fails */
  async must(...words: string[]): Promise<void> {
    const { exitCode, stdout, stderr } = await this.#product.run(...words);
    if (exitCode !== 0)
      throw new Error(`flux-handover ${words.join(' ')} ended with ${exitCode}: ${stdout}${stderr}`);
  }

  async status(): Promise<ClusterStatus | undefined> {
    const { json } = await this.#product.run('status', '--json');
    return (json as { clusters: ClusterStatus[] } | undefined)?.clusters.find(
      (status) => status.cluster === cluster,
    );
  }

  /** Waits for a state; fails at once, with the findings, when the cluster is held instead. */
  async until(what: string, is: (status: ClusterStatus) => boolean): Promise<ClusterStatus> {
    const found = await eventually(what, 420, async () => {
      const now = await this.status();
      return now && (is(now) || now.state === 'held') ? now : undefined;
    });
    if (is(found)) return found;
    throw new Error(
      `waited for ${what}; held in ${found.phase}: ${JSON.stringify(found.hold?.findings, undefined, 2)}`,
    );
  }

  /** Waits until the cluster is held because of this, and not because of what it was held for before. */
  held(id: string, before: string | null = null): Promise<ClusterStatus> {
    return this.until(
      `a hold because of ${id}`,
      ({ hold }) => hold !== null && hold.since !== before && hold.findings.some((each) => each.id === id),
    );
  }

  gate(gate: string): Promise<ClusterStatus> {
    return this.until(`gate ${gate}`, (status) => status.gate?.gate === gate);
  }

  async approve(gate: string): Promise<void> {
    await this.gate(gate);
    await this.must('approve', cluster, gate, '--yes');
  }
}
