import type { Money } from '../../shared/domain/money.js';

/** What the accrual system said of one order, once its words have been checked. */
export type AccrualReply =
  /** Known there, not calculated yet (REGISTERED, PROCESSING). */
  | { readonly kind: 'calculating' }
  /** Final; `accrual` is zero where nothing was awarded. */
  | { readonly kind: 'processed'; readonly accrual: Money }
  /** Final: no points for this order. */
  | { readonly kind: 'invalid' }
  /** Not registered there (yet). */
  | { readonly kind: 'unknown' }
  /**
   * Asked too fast: nobody asks again before the pause is over. `ratePerMinute` where the reply
   * names its limit.
   */
  | {
      readonly kind: 'limited';
      readonly pauseMs: number;
      readonly ratePerMinute?: number | undefined;
    }
  /** No answer, or one that cannot be believed. */
  | { readonly kind: 'fault'; readonly reason: string };
