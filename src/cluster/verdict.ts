/** A named check with its outcome, and what a phase makes of the cluster. Pure. */

export interface Verdict {
  name: string;
  ok: boolean;
  detail: string;
  /** Keys of the objects that it is about, where a person's word may pass over them. */
  passable?: string[];
}

/** What the phase that just ended makes of the cluster. */
export interface Expectation {
  /** Keys of objects that the approved plan removes, once it may have done so. */
  gone: ReadonlySet<string>;
  /** Keys of objects that a way back makes anew after the plan removed them. */
  remade: ReadonlySet<string>;
  /** Keys of objects whose loss a person passed over, with a reason. */
  passedOver: ReadonlySet<string>;
  /** Keys of objects that our own step suspends or changes: the legacy owner. */
  ours: ReadonlySet<string>;
  /** Who ought to own the controllers' objects. */
  owner: 'legacy' | 'operator';
}

/** Good when there are no faults; otherwise the first ten of them are told. */
export function verdict(name: string, faults: string[], well: string): Verdict {
  const shown = faults.slice(0, 10).join('; ');
  return {
    name,
    ok: faults.length === 0,
    detail:
      faults.length === 0 ? well : `${shown}${faults.length > 10 ? `; and ${faults.length - 10} more` : ''}`,
  };
}
