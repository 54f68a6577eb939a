/** What is too much for every event, looked at now and then while nothing is being changed: settings, owners, ciphertext. */
import { isClusterError } from '../../cluster/errors.ts';
import { judge } from '../../cluster/judge.ts';
import type { Verdict } from '../../cluster/verdict.ts';
import { canonicalJson, sha256 } from '../../plan/digest.ts';
import { expectationAfter } from '../expectation.ts';
import { observe } from '../observe.ts';
import type { Session } from '../session.ts';
import { keyOfFault } from './ages.ts';
import { courseAt } from './course.ts';
import { type Fault, fault, type Sight } from './fault.ts';

/** Between two looks: each is dozens of requests, which a small cluster feels. Milliseconds. */
const every = 30_000;

/** Judged from the live view already, at once. */
const judgedLive = new Set([
  'ready at the current revision',
  'nothing is being deleted',
  'one controller set',
  'arguments and limits in force',
]);
/** A person's commit may be on its way, or a leader may be changing: patience heals these. */
const passing = new Set(['suspensions as before', 'ownership', 'one leader each']);

export class SlowLook {
  readonly #session: Session;
  readonly #judge: typeof judgeNow;
  #faults: Fault[] = [];
  /** Keys of what the last look found. */
  #found: ReadonlySet<string> = new Set();
  /** Where the run stood at the last call. */
  #stand = '';
  #running = false;
  #lookedAt = 0;
  #refusedSince: number | null = null;
  #failed: Error | null = null;

  constructor(session: Session, judgement = judgeNow) {
    this.#session = session;
    this.#judge = judgement;
  }

  /**
   * What two looks in a row have found: one alone may have met an owner that reconciles. Begins another one beside when it is time.
   * @throws what the last look threw
   */
  faults(sight: Sight): Fault[] {
    if (this.#failed) throw this.#failed;
    const stand = canonicalJson(sight.stand);
    // What was found before a step says nothing about what is there after it.
    if (stand !== this.#stand) {
      this.#stand = stand;
      this.#faults = [];
      this.#found = new Set();
    }
    const course = courseAt(sight.stand, sight.plan);
    // Before the adoption the checklist before each step judges the same.
    if (!course.atRest || course.ownedBy !== 'operator') return [];
    if (!this.#running && Date.now() - this.#lookedAt >= every) {
      this.#running = true;
      this.#look(sight, stand)
        .catch((error: unknown) => (this.#failed = error as Error))
        .finally(() => {
          this.#running = false;
          this.#lookedAt = Date.now();
        });
    }
    return this.#faults;
  }

  async #look(sight: Sight, stand: string): Promise<void> {
    try {
      const found = faultsOf(await this.#judge(this.#session, sight), sight);
      this.#refusedSince = null;
      if (stand !== this.#stand) return;
      this.#faults = found.filter((each) => this.#found.has(keyOfFault(each)));
      this.#found = new Set(found.map(keyOfFault));
    } catch (error) {
      // The live view tells of an API server that is away.
      if (isClusterError(error, 'unreachable', 'not-found')) return;
      // One that starts knows nobody yet, or not yet what they may do.
      if (!isClusterError(error, 'forbidden')) throw error;
      this.#refusedSince ??= Date.now();
      if (Date.now() - this.#refusedSince >= sight.limits.unready) throw error;
    }
  }
}

/** @throws ClusterError */
async function judgeNow(session: Session, { stand, plan, baseline, passedOver }: Sight): Promise<Verdict[]> {
  const expectation = expectationAfter({ phase: stand.phase, passedOver }, plan);
  return judge(baseline, await observe(session, plan, expectation), expectation);
}

function faultsOf(verdicts: Verdict[], { limits }: Sight): Fault[] {
  return verdicts
    .filter(({ name, ok }) => !ok && !judgedLive.has(name))
    .map(({ name, detail, passable }) => ({
      ...fault(
        'drift',
        // Another detail is another fault, unless it may pass: then it is one that changes its words.
        passing.has(name) ? name : `${name} (${sha256(canonicalJson(detail)).slice(7, 15)})`,
        detail,
        passing.has(name) ? limits.unready : 0,
      ),
      ...(passable ? { passable } : {}),
    }));
}
