/** One handover in a lane: planned, started, with a worker that can be killed, watched from outside. */
import type { ClusterPlan, Plan } from '../../src/plan/types.ts';
import type { Product } from '../../lab/rehearsal/product.ts';
import { headOf } from '../lab/person.ts';
import { uidsOf } from '../lab/kubectl.ts';
import { Witness } from '../lab/witness.ts';
import { productOf, toLegacy, type Lane } from './lane.ts';
import { Watcher } from './standing.ts';

export class Run {
  readonly lane: Lane;
  readonly plan: ClusterPlan;
  readonly watcher: Watcher;
  readonly witness: Witness;
  /** Head of the branch before the run. */
  readonly base: string;
  /** `Kind namespace/name` → UID of what a handover must not touch. */
  readonly uids: ReadonlyMap<string, string>;
  /** What the witness saw when it began, `resource/namespace/name` → UID. */
  readonly present: ReadonlyMap<string, string>;
  readonly #product: Product;

  private constructor(parts: {
    lane: Lane;
    fleet: string;
    product: Product;
    plan: ClusterPlan;
    witness: Witness;
    base: string;
    uids: ReadonlyMap<string, string>;
  }) {
    const { lane, fleet, base } = parts;
    this.lane = lane;
    this.plan = parts.plan;
    this.witness = parts.witness;
    this.base = base;
    this.uids = parts.uids;
    this.present = parts.witness.present();
    this.#product = parts.product;
    this.watcher = new Watcher(lane.lab, lane.client, { fleet, cluster: lane.name, base });
  }

  /** Puts the lane's cluster back to legacy and starts a handover of it. */
  static async begin(lane: Lane, fleet: string): Promise<Run> {
    await toLegacy(lane);
    const product = await productOf(lane, fleet);
    const [base, uids] = await Promise.all([headOf(lane.lab, lane.name), uidsOf(lane.kubectl)]);
    const planned = await product.run('plan', '--json');
    const plan = (planned.json as Plan | undefined)?.clusters[0];
    if (plan === undefined) throw new Error(`plan ended with ${planned.exitCode}: ${planned.stderr}`);
    const witness = new Witness(lane.cluster);
    await witness.start();
    const run = new Run({ lane, fleet, product, plan, witness, base, uids });
    try {
      await run.startWorker();
      await run.say('start', '--yes', '--detach');
    } catch (error) {
      await run.end();
      throw error;
    }
    return run;
  }

  async startWorker(): Promise<void> {
    this.lane.worker = await this.#product.worker('worker');
  }

  async killWorker(): Promise<void> {
    await this.lane.worker?.end('SIGKILL');
  }

  /** A command of the person at this lane. @throws Error with what it said when it fails */
  async say(...command: string[]): Promise<void> {
    const { exitCode, stdout, stderr } = await this.#product.run(...command);
    if (exitCode !== 0)
      throw new Error(`flux-handover ${command.join(' ')} ended with ${exitCode}: ${stdout}${stderr}`);
  }

  /** Leaves the run where it is; the cluster is put back before the next. */
  async end(): Promise<void> {
    this.witness.stop();
    await this.lane.worker?.end('SIGKILL');
  }
}
