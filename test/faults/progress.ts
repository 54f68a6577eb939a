/** Says after each cell what it was, how many are left, and about how long they will take. */
import { passed, type CellResult } from './results.ts';

export class Progress {
  readonly #lanes: number;
  readonly #all: number;
  readonly #since = performance.now();
  #done = 0;

  constructor(all: number, lanes: number) {
    this.#all = all;
    this.#lanes = lanes;
  }

  get left(): number {
    return this.#all - this.#done;
  }

  /** @param now milliseconds since this began, for tests */
  did(result: CellResult, now = performance.now() - this.#since): string {
    this.#done += 1;
    const minutes = Math.ceil(((now / this.#done) * this.left) / 60_000);
    const left = this.left === 0 ? 'the last' : `${this.left} left, about ${minutes} min`;
    const wrong = passed(result) ? '' : ` NOT PASSED: ${result.broken.join('; ')}`;
    const asked = result.answer === null ? '' : ` (${result.answer})`;
    return `${result.cell}: ${result.verdict}, ${result.seconds} s${asked}${wrong} [${left}; ${this.#lanes} at once]`;
  }
}
