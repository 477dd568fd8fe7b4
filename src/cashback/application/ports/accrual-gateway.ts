import type { OrderNumber } from '../../../shared/domain/order-number.js';
import type { AccrualReply } from '../../domain/accrual-reply.js';

/** The external accrual system. */
export abstract class AccrualGateway {
  /**
   * Asks for one order. Whatever goes wrong there is a reply of kind `fault`; it takes no longer
   * than the configured time-out. Not for use inside a transaction: no lock may wait for another
   * system.
   *
   * @throws QuestionAborted when `abortAll` was called meanwhile.
   */
  abstract ask(number: OrderNumber): Promise<AccrualReply>;

  /** Gives up every question on its way. */
  abstract abortAll(): void;
}

/** The question was given up because the service stops: the accrual system is not to blame. */
export class QuestionAborted extends Error {
  override readonly name = 'QuestionAborted';
}
