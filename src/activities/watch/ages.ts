/** How long each fault has been seen, which of them were reported, and when aid was last given. */
import type { Stand } from '../../cluster/lease.ts';
import type { Fault } from './fault.ts';

/** Before the same aid is given once more. Milliseconds. */
const aidAgainAfter = 5_000;
/** Reports carry the keys of what was told, and where everything is gone that is thousands. */
const remembered = 100;
/** What passes sooner is no news. Milliseconds. */
const worthSaying = 5_000;

export function keyOfFault({ id, subject }: Fault): string {
  return `${id} ${subject}`;
}

export class Ages {
  /** Since when each fault is seen (ms), by key. */
  readonly #since = new Map<string, number>();
  readonly #aidedAt = new Map<string, number>();
  readonly #known: Set<string>;
  /** A person is being asked. */
  readonly #asked: boolean;

  /** @param known keys of faults that were reported before this watch began */
  constructor(known: string[]) {
    this.#known = new Set(known);
    this.#asked = known.length > 0;
  }

  get known(): string[] {
    return [...this.#known];
  }

  isKnown(fault: Fault): boolean {
    return this.#known.has(keyOfFault(fault));
  }

  /** Milliseconds. */
  of(fault: Fault): number {
    return Date.now() - (this.#since.get(keyOfFault(fault)) ?? Date.now());
  }

  /**
   * Of all that is seen now: what has lasted long enough, and is either new or has to be stopped again.
   * @param undone whether the aid for a fault that was told is not in force; default: whenever it has any
   */
  due(faults: Fault[], undone: (fault: Fault) => boolean = ({ aids }) => aids.length > 0): Fault[] {
    const now = Date.now();
    const keys = new Map(faults.map((fault) => [keyOfFault(fault), fault]));
    for (const key of this.#since.keys()) if (!keys.has(key)) this.#since.delete(key);
    for (const key of keys.keys()) this.#since.set(key, this.#since.get(key) ?? now);
    return [...keys]
      .filter(([key, { patience }]) => now - (this.#since.get(key) ?? now) >= patience)
      .filter(([key, fault]) =>
        this.#known.has(key)
          ? undone(fault) && now - (this.#aidedAt.get(key) ?? 0) > aidAgainAfter
          : fault.aids.length > 0 || !this.#asked,
      )
      .map(([, fault]) => fault);
  }

  /** From now on these are known. Of those without aid not all need be: while a person is asked they do not count anyway. */
  aided(faults: Fault[]): void {
    for (const fault of faults) {
      if (fault.aids.length > 0 || this.#known.size < remembered) this.#known.add(keyOfFault(fault));
      this.#aidedAt.set(keyOfFault(fault), Date.now());
    }
  }

  /** One sentence about what stands since it was told, whether it is seen or first aid hides it, and about all else that is seen now. */
  saying(faults: Fault[], stand: Stand): string {
    const ids = [...new Set(this.known.map((key) => key.replace(/ .*/s, '')))];
    const lasting = faults.filter((fault) => !this.isKnown(fault) && this.of(fault) >= worthSaying);
    const said = lasting.map(({ subject, detail }) => `${subject} ${detail}`).join('; ');
    const told = ids.length === 0 ? '' : `${ids.join(', ')} ${ids.length === 1 ? 'stands' : 'stand'}; `;
    return `watching ${placeOf(stand)}: ${told}${said || (told ? 'all else is well' : 'all is well')}`.slice(
      0,
      300,
    );
  }
}

/** It changes with every step of the run, and so what watches beats faster while the run goes on (progress.ts). */
function placeOf({ phase, way, acting }: Stand): string {
  if (way === 'forward') return acting ? phase : `after ${phase}`;
  return acting ? `while ${phase} is undone` : `after ${phase} was undone`;
}
