import { DomainError } from '../../kernel/domain/domain-error.js';
import type { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { Trace } from '../../kernel/domain/trace.js';

export const ORDER_STATUSES = ['NEW', 'PROCESSING', 'INVALID', 'PROCESSED'] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

/**
 * What may follow what. PROCESSED and INVALID are final: a later, different answer changes nothing.
 */
const TRANSITIONS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  NEW: ['PROCESSING', 'INVALID', 'PROCESSED'],
  PROCESSING: ['PROCESSING', 'INVALID', 'PROCESSED'],
  INVALID: [],
  PROCESSED: [],
};

export function mayFollow(from: OrderStatus, to: OrderStatus): boolean {
  return TRANSITIONS[from].includes(to);
}

/**
 * A user asks for an order number to be stored. Published in the transaction that stores its order
 * if the number is new.
 *
 * Whether it is, the database tells with the COMMIT and no sooner (ADR 0022). What a subscriber
 * stores must therefore depend on the order's row, by a condition of its own statement.
 */
export class UploadRequested {
  constructor(readonly orderId: string) {}
}

/** The number had been uploaded before, by somebody else. */
export class OrderOfAnotherUser extends DomainError {
  readonly code = 'order-of-another-user';
  readonly kind = 'conflict';
}

/** The user has uploaded no order with this number, whoever else may have. */
export class OrderNotFound extends DomainError {
  readonly code = 'order-not-found';
  readonly kind = 'not-found';

  constructor() {
    super('there is no such order of this user');
  }
}

/** An order that has its final answer gets no other one. */
export class OrderIsFinal extends DomainError {
  readonly code = 'order-is-final';
  readonly kind = 'internal';
}

export interface OrderSnapshot {
  readonly id: string;
  readonly userId: string;
  readonly number: OrderNumber;
  readonly status: OrderStatus;
  /** Points awarded; absent where nothing was. */
  readonly accrual?: Money | undefined;
  /** Of the upload; absent where the client named none. */
  readonly trace?: Trace | undefined;
}

export type UploadResult = 'accepted' | 'already-uploaded';

/** An order of the shop whose number a customer uploaded to earn points for it. */
export class Order {
  private constructor(private state: OrderSnapshot) {}

  static upload(id: string, userId: string, number: OrderNumber, trace?: Trace): Order {
    return new Order({ id, userId, number, status: 'NEW', trace });
  }

  static restore(state: OrderSnapshot): Order {
    return new Order(state);
  }

  snapshot(): OrderSnapshot {
    return this.state;
  }

  get id(): string {
    return this.state.id;
  }

  get userId(): string {
    return this.state.userId;
  }

  get number(): OrderNumber {
    return this.state.number;
  }

  /**
   * What the sender of an upload is told, given that this order stands under the uploaded number.
   *
   * @throws OrderOfAnotherUser when the first to upload it was somebody else.
   */
  answerUpload(upload: { readonly id: string; readonly userId: string }): UploadResult {
    if (upload.userId !== this.state.userId)
      throw new OrderOfAnotherUser('another user uploaded this order number first');
    return upload.id === this.state.id ? 'accepted' : 'already-uploaded';
  }

  /**
   * The accrual system knows the order and is calculating, or cannot be brought to answer. @throws
   * OrderIsFinal
   */
  startProcessing(): void {
    this.move('PROCESSING');
  }

  /** The final answer: `accrual` points, zero where nothing was awarded. @throws OrderIsFinal */
  markProcessed(accrual: Money): void {
    this.move('PROCESSED', accrual.isZero ? undefined : accrual);
  }

  /** The final answer: no points for this order. @throws OrderIsFinal */
  markInvalid(): void {
    this.move('INVALID');
  }

  private move(status: OrderStatus, accrual?: Money): void {
    if (!mayFollow(this.state.status, status)) {
      throw new OrderIsFinal(`an order that is ${this.state.status} does not become ${status}`);
    }
    this.state = { ...this.state, status, accrual };
  }
}
