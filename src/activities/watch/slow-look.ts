/** What is too much for every event, looked at every few seconds while nothing is being changed: settings, owners, ciphertext. */
import { isClusterError } from '../../cluster/errors.ts';
import { judge } from '../../cluster/judge.ts';
import { canonicalJson, sha256 } from '../../plan/digest.ts';
import { expectationAfter } from '../expectation.ts';
import { observe } from '../observe.ts';
import type { Session } from '../session.ts';
import { courseAt } from './course.ts';
import { type Fault, fault, type Sight } from './fault.ts';

/** Between two looks. Milliseconds. */
const every = 10_000;

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
  #faults: Fault[] = [];
  #running = false;
  #lookedAt = 0;
  #failed: Error | null = null;

  constructor(session: Session) {
    this.#session = session;
  }

  /** What the last look found; begins another one beside when it is time. @throws what the last look threw */
  faults(sight: Sight): Fault[] {
    if (this.#failed) throw this.#failed;
    const course = courseAt(sight.stand, sight.plan);
    // Before the adoption the checklist before each step judges the same.
    if (!course.atRest || course.ownedBy !== 'operator') return (this.#faults = []);
    if (!this.#running && Date.now() - this.#lookedAt >= every) {
      this.#running = true;
      this.#look(sight)
        .catch((error: unknown) => (this.#failed = error as Error))
        .finally(() => {
          this.#running = false;
          this.#lookedAt = Date.now();
        });
    }
    return this.#faults;
  }

  async #look({ stand, plan, baseline, limits }: Sight): Promise<void> {
    const expectation = expectationAfter(stand.phase, plan);
    try {
      const observed = await observe(this.#session, plan, expectation);
      this.#faults = judge(baseline, observed, expectation)
        .filter(({ name, ok }) => !ok && !judgedLive.has(name))
        .map(({ name, detail }) =>
          fault(
            'drift',
            // Another detail is another fault, unless it may pass: then it is one that changes its words.
            passing.has(name) ? name : `${name} (${sha256(canonicalJson(detail)).slice(7, 15)})`,
            detail,
            passing.has(name) ? limits.unready : every,
          ),
        );
    } catch (error) {
      // The live view tells of an API server that is away.
      if (!isClusterError(error, 'unreachable', 'not-found')) throw error;
    }
  }
}
