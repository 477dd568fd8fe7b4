import { type Kopecks, sum } from '../../support/kopecks.js';

/** Points that an operator gives a customer, or below zero takes. */
export interface Adjustment {
  /** It is in the reason, too, so that the entry can be told from others. */
  readonly key: string;
  readonly sum: Kopecks;
  /** Undefined while nobody knows. */
  isMade?: boolean;
}

/** What operators have adjusted for one customer; what they gave back is with the withdrawals. */
export class Corrections {
  readonly #all = new Map<string, Adjustment>();

  /** Before it is asked for. */
  intend(key: string, amount: Kopecks): Adjustment {
    const adjustment = { key, sum: amount };
    this.#all.set(key, adjustment);
    return adjustment;
  }

  of(key: string): Adjustment | undefined {
    return this.#all.get(key);
  }

  get made(): Adjustment[] {
    return [...this.#all.values()].filter(({ isMade }) => isMade === true);
  }

  /** Nobody has heard what became of them. */
  get uncertain(): Adjustment[] {
    return [...this.#all.values()].filter(({ isMade }) => isMade === undefined);
  }

  /** Certainly given, and certainly taken. */
  get given(): Kopecks {
    return sumAbove(this.made);
  }

  get taken(): Kopecks {
    return -sumBelow(this.made);
  }

  get givenAtMost(): Kopecks {
    return sumAbove([...this.made, ...this.uncertain]);
  }

  /** @param without leaves one out. */
  takenAtMost(without?: Adjustment): Kopecks {
    return -sumBelow([...this.made, ...this.uncertain].filter((each) => each !== without));
  }
}

function sumAbove(all: readonly Adjustment[]): Kopecks {
  return sum(all.map((each) => (each.sum > 0n ? each.sum : 0n)));
}

function sumBelow(all: readonly Adjustment[]): Kopecks {
  return sum(all.map((each) => (each.sum < 0n ? each.sum : 0n)));
}
