import { type Kopecks, printKopecks, sum } from '../../support/kopecks.js';
import type { AccrualTruth, Truth } from '../accrual/truth.js';
import type { Answer } from './client.js';

export interface ShownOrder {
  readonly number: string;
  readonly status: string;
  readonly accrual?: Kopecks;
  readonly uploaded_at: string;
}

/** A number that a customer uploads, and all that was said of it. */
export interface Upload {
  readonly number: string;
  readonly truth: Truth;
  /** Another customer uploads it too. */
  readonly isContested: boolean;
  calls: number;
  lost: number;
  /** Times of the first answers 202 and 200, and 409. */
  acceptedAt?: number;
  ownedAt?: number;
  foreignAt?: number;
  /** As it was last listed. */
  shown?: ShownOrder;
}

const RANKS = ['NEW', 'PROCESSING', 'PROCESSED'];

const rank = (status: string): number => RANKS.indexOf(status === 'INVALID' ? 'PROCESSED' : status);

/** What one customer knows of its orders, and what must therefore be true of every list of them. */
export class Uploads {
  readonly #all = new Map<string, Upload>();

  constructor(
    private readonly truth: AccrualTruth,
    private readonly accuse: (sentence: string) => void,
  ) {}

  /** Before the number is sent. */
  intend(number: string, isContested = false): Upload {
    const upload = this.#all.get(number) ?? {
      number,
      truth: this.truth.of(number),
      isContested,
      calls: 0,
      lost: 0,
    };
    this.#all.set(number, upload);
    upload.calls++;
    return upload;
  }

  answered(upload: Upload, { status, lost, sentAt }: Answer): void {
    const { number, isContested, ownedAt, foreignAt } = upload;
    upload.lost += lost;
    const now = Date.now();
    if (status === 202) {
      if (upload.acceptedAt !== undefined)
        this.accuse(`order ${number} was accepted with 202 a second time`);
      upload.acceptedAt ??= now;
    }
    if (status === 202 || status === 200) {
      if (foreignAt !== undefined) this.accuse(`order ${number} was answered ${status} after 409`);
      const isFirst = upload.calls === 1 && upload.lost === 0;
      if (status === 200 && isFirst)
        this.accuse(`order ${number} was "uploaded already" (200) the first time it was sent`);
      if (status === 202 && ownedAt !== undefined && ownedAt < sentAt)
        this.accuse(`order ${number} was new (202) after it was owned`);
      upload.ownedAt ??= now;
    } else if (status === 409) {
      if (!isContested)
        this.accuse(`order ${number}, which nobody else uploaded, was answered 409`);
      if (ownedAt !== undefined)
        this.accuse(`order ${number} was answered 409 after it had been accepted`);
      upload.foreignAt ??= now;
    } else {
      this.accuse(`the upload of order ${number} was answered ${status}`);
    }
  }

  /** Acknowledged: what every list that is asked for from now on must show. */
  get owned(): Upload[] {
    return this.#where(({ ownedAt }) => ownedAt !== undefined);
  }

  get foreign(): Upload[] {
    return this.#where(({ foreignAt }) => foreignAt !== undefined);
  }

  /** The points of all that was listed as PROCESSED. */
  get credited(): Kopecks {
    return sum([...this.#all.values()].map(({ shown }) => shown?.accrual ?? 0n));
  }

  /** The points of all that may have been accepted. */
  get atMost(): Kopecks {
    return sum(
      [...this.#all.values()].map(({ foreignAt, truth }) =>
        foreignAt === undefined ? truth.kopecks : 0n,
      ),
    );
  }

  /** @param owned when the list was asked for. Returns the points that the list shows. */
  check(owned: readonly Upload[], list: readonly ShownOrder[]): Kopecks {
    const listed = new Map(list.map((order) => [order.number, order]));
    if (listed.size < list.length)
      this.accuse(`the list of orders shows ${list.length - listed.size} of them twice`);
    for (const { number } of owned)
      if (!listed.has(number)) this.accuse(`order ${number}, accepted before, is not in the list`);
    list.forEach((order, i) => {
      if (order.uploaded_at > (list[i - 1]?.uploaded_at ?? '9'))
        this.accuse(`order ${order.number} is not listed newest first`);
      this.#checkOrder(order);
    });
    return sum(list.map(({ accrual }) => accrual ?? 0n));
  }

  #checkOrder(order: ShownOrder): void {
    const upload = this.#all.get(order.number);
    const asShown = `order ${order.number} is listed as ${order.status} ${order.accrual === undefined ? '' : printKopecks(order.accrual)}`;
    if (!upload) return this.accuse(`${asShown}, but this customer never sent it`);
    const { truth, shown, foreignAt } = upload;
    if (foreignAt !== undefined) this.accuse(`${asShown}, but it was answered 409`);
    if (rank(order.status) < 0) this.accuse(`${asShown}, which is no status`);
    if (shown && rank(order.status) < rank(shown.status))
      this.accuse(`${asShown} after it had been ${shown.status}`);
    if (shown && shown.uploaded_at !== order.uploaded_at)
      this.accuse(`${asShown} and its time changed from ${shown.uploaded_at}`);
    const isFinal = rank(order.status) === rank('INVALID');
    const due = truth.status === 'PROCESSED' && truth.kopecks > 0n ? truth.kopecks : undefined;
    if (
      isFinal ? order.status !== truth.status || order.accrual !== due : order.accrual !== undefined
    ) {
      this.accuse(
        `${asShown}, but the truth is ${truth.status} ${truth.accrual ?? 'without points'}`,
      );
    }
    upload.shown = order;
  }

  #where(condition: (upload: Upload) => boolean): Upload[] {
    return [...this.#all.values()].filter(condition);
  }
}
