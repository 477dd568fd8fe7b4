import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Corrected, CorrectPoints } from '../../account/index.js';
import { type OperatorAction, OperatorActions } from '../../journal/index.js';
import { IdGenerator } from '../../kernel/application/ports.js';
import { type Transaction, UnitOfWork } from '../../kernel/application/unit-of-work.js';
import type { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';

/** Who corrects, and why. */
export interface Correction {
  readonly by: string;
  /** The customer may read it: 1 to 1 000 characters. */
  readonly reason: string;
  /** For other operators. */
  readonly note?: string | undefined;
}

export interface PointsAdjustment extends Correction {
  readonly userId: string;
  readonly sum: Money;
  readonly isTaken: boolean;
  /** The same key again changes nothing; 1 to 200 characters. */
  readonly key: string;
}

/** Gives a customer points, or takes some. */
@Injectable()
export class AdjustPoints {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly points: CorrectPoints,
    private readonly actions: OperatorActions,
  ) {}

  /** @throws what {@link CorrectPoints.adjust} throws. */
  execute({ userId, key, ...adjustment }: PointsAdjustment): Promise<Corrected> {
    const { by, note } = adjustment;
    return once(this.unitOfWork, async (transaction) => {
      const id = idOfKey(key);
      const corrected = await this.points.adjust(transaction, userId, { id, ...adjustment });
      if (corrected.isNew)
        this.actions.record(transaction, [
          { action: 'customer adjust', by, target: userId, userId, note },
        ]);
      return corrected;
    });
  }
}

/**
 * Runs a correction. Where the answer of its COMMIT was lost, and the work is done again, it finds
 * its own correction made: that is the one it tells of.
 */
function once(
  unitOfWork: UnitOfWork,
  correct: (transaction: Transaction) => Promise<Corrected>,
): Promise<Corrected> {
  let made: Corrected | undefined;
  return unitOfWork.run(async (transaction) => {
    const corrected = await correct(transaction);
    if (corrected.isNew) made = corrected;
    return made ?? corrected;
  });
}

/**
 * The entry's id, so that the database itself keeps a key from being used twice: a UUID of version
 * 8 (RFC 9562) made of the key's SHA-256.
 */
function idOfKey(key: string): string {
  const hex = createHash('sha256').update(`customer adjust ${key}`).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}

/** Gives back the points that a customer has spent on an order. */
@Injectable()
export class ReverseWithdrawal {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly points: CorrectPoints,
    private readonly actions: OperatorActions,
    private readonly ids: IdGenerator,
  ) {}

  /** @throws what {@link CorrectPoints.reverse} throws. */
  execute(orderNumber: OrderNumber, { by, reason, note }: Correction): Promise<Corrected> {
    const id = this.ids.next();
    return once(this.unitOfWork, async (transaction) => {
      const corrected = await this.points.reverse(transaction, { id, orderNumber, reason });
      const target = orderNumber.value;
      const { userId } = corrected.after;
      if (corrected.isNew)
        this.actions.record(transaction, [
          { action: 'customer reverse', by, target, userId, note },
        ]);
      return corrected;
    });
  }
}

/** Sets a balance that contradicts its entries to what they add up to. */
@Injectable()
export class RecountAccount {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly points: CorrectPoints,
    private readonly actions: OperatorActions,
  ) {}

  /** @throws what {@link CorrectPoints.recount} throws. */
  execute(userId: string, { by, note }: Omit<Correction, 'reason'>): Promise<Corrected> {
    return once(this.unitOfWork, async (transaction) => {
      const corrected = await this.points.recount(transaction, userId);
      const action: OperatorAction = {
        action: 'customer recount',
        by,
        target: userId,
        userId,
        note,
        balance: corrected.after.balance.toFixed(),
        withdrawn: corrected.after.withdrawn.toFixed(),
      };
      if (corrected.isNew) this.actions.record(transaction, [action]);
      return corrected;
    });
  }
}
