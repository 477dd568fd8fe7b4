import { type Kopecks, printKopecks, sum } from '../../support/kopecks.js';
import type { AccrualAnswers, FinalAnswer } from '../../support/accrual-answers.js';
import type { Answer } from '../retrying-client.js';

export interface ShownOrder {
  readonly number: string;
  readonly status: string;
  readonly accrual?: Kopecks;
  readonly uploaded_at: string;
}

/** A number that a customer uploads, and all that was said of it. */
export interface Upload {
  readonly number: string;
  readonly final: FinalAnswer;
  /** Another customer uploads it too. */
  readonly isContested: boolean;
  calls: number;
  lost: number;
  /** Times of the first answers 202, 202 or 200, and 409. */
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
    private readonly answers: AccrualAnswers,
    private readonly complain: (sentence: string) => void,
  ) {}

  /** Before the number is sent. */
  intend(number: string, isContested = false): Upload {
    const known = this.#all.get(number);
    const final = this.answers.final(number);
    const upload = known ?? { number, final, isContested, calls: 0, lost: 0 };
    this.#all.set(number, upload);
    upload.calls++;
    return upload;
  }

  answered(upload: Upload, { status, lost, sentAt }: Answer): void {
    const { number, isContested, acceptedAt, ownedAt, foreignAt } = upload;
    const complain = (what: string): void => this.complain(`order ${number} ${what}`);
    upload.lost += lost;
    const now = Date.now();
    if (status === 202 || status === 200) {
      const isFirst = upload.calls === 1 && upload.lost === 0;
      if (foreignAt !== undefined) complain(`was answered ${status} after 409`);
      if (status === 202) {
        if (acceptedAt !== undefined) complain('was accepted with 202 a second time');
        if (ownedAt !== undefined && ownedAt < sentAt) complain('was new (202) after it was owned');
        upload.acceptedAt ??= now;
      } else if (isFirst) complain('was "uploaded already" (200) the first time it was sent');
      upload.ownedAt ??= now;
    } else if (status === 409) {
      if (!isContested) complain('was answered 409, though nobody else uploaded it');
      if (ownedAt !== undefined) complain('was answered 409 after it had been accepted');
      upload.foreignAt ??= now;
    } else complain(`was answered ${status} when it was uploaded`);
  }

  /** Acknowledged: what every list that is asked for from now on must show. */
  get owned(): Upload[] {
    return [...this.#all.values()].filter(({ ownedAt }) => ownedAt !== undefined);
  }

  of(number: string): Upload | undefined {
    return this.#all.get(number);
  }

  /** Those that were listed with their points. */
  get rewarded(): Upload[] {
    return [...this.#all.values()].filter(({ shown }) => shown?.accrual !== undefined);
  }

  get foreign(): Upload[] {
    return [...this.#all.values()].filter(({ foreignAt }) => foreignAt !== undefined);
  }

  /** The points of all that was listed as PROCESSED. */
  get credited(): Kopecks {
    return sum(this.rewarded.map(({ shown }) => shown?.accrual ?? 0n));
  }

  /** The points of all that may have been accepted. */
  get atMost(): Kopecks {
    const possible = [...this.#all.values()].filter(({ foreignAt }) => foreignAt === undefined);
    return sum(possible.map(({ final }) => final.kopecks));
  }

  /** @param owned when the list was asked for. @returns the points that the list shows. */
  check(owned: readonly Upload[], list: readonly ShownOrder[]): Kopecks {
    const listed = new Set(list.map(({ number }) => number));
    if (listed.size < list.length)
      this.complain(`the list of orders shows ${list.length - listed.size} of them twice`);
    for (const { number } of owned)
      if (!listed.has(number)) this.complain(`order ${number}, accepted before, is not listed`);
    list.forEach((order, i) => {
      if (order.uploaded_at > (list[i - 1]?.uploaded_at ?? '9'))
        this.complain(`order ${order.number} is not listed newest first`);
      this.#checkOrder(order);
    });
    return sum(list.map(({ accrual }) => accrual ?? 0n));
  }

  #checkOrder(order: ShownOrder): void {
    const { number, status, accrual } = order;
    const upload = this.#all.get(number);
    const points = accrual === undefined ? '' : ` with ${printKopecks(accrual)}`;
    const complain = (what: string): void =>
      this.complain(`order ${number} is listed as ${status}${points}, ${what}`);
    if (!upload) return complain('but this customer never sent it');
    const { final, shown, foreignAt } = upload;
    if (foreignAt !== undefined) complain('but it was answered 409');
    if (rank(status) < 0) complain('which is no status');
    if (shown && rank(status) < rank(shown.status)) complain(`after it had been ${shown.status}`);
    if (shown && shown.uploaded_at !== order.uploaded_at)
      complain(`uploaded at ${order.uploaded_at}, before that at ${shown.uploaded_at}`);
    const isFinal = rank(status) === rank('INVALID');
    const due = final.status === 'PROCESSED' && final.kopecks > 0n ? final.kopecks : undefined;
    if (isFinal ? status !== final.status || accrual !== due : accrual !== undefined)
      complain(`but the accrual system says ${final.status} ${final.accrual ?? 'without points'}`);
    upload.shown = order;
  }
}
