import { Injectable } from '@nestjs/common';
import { UserRegistered } from '../../auth/index.js';
import { DomainEvents } from '../../kernel/application/domain-events.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { AccountRepository } from './ports.js';

/**
 * Opens an account in the transaction that registers its user: the row that withdrawals lock always
 * exists.
 */
@Injectable()
export class OpenAccounts {
  constructor(
    private readonly accounts: AccountRepository,
    events: DomainEvents,
  ) {
    events.subscribe(UserRegistered, (registered, transaction) =>
      this.execute(transaction, registered),
    );
  }

  async execute(transaction: Transaction, registered: readonly UserRegistered[]): Promise<void> {
    const users = registered.map(({ userId }) => userId);
    await this.accounts.open(transaction, users);
  }
}
