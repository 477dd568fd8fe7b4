import { Injectable } from '@nestjs/common';
import type { UserRegistered } from '../../auth/index.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { AccountRepository } from './ports.js';

/**
 * Opens an account in the transaction that registers its user, so that the row always exists that
 * withdrawals lock.
 */
@Injectable()
export class OpenAccounts {
  constructor(private readonly accounts: AccountRepository) {}

  execute(transaction: Transaction, registered: readonly UserRegistered[]): void {
    const users = registered.map(({ userId }) => userId);
    this.accounts.open(transaction, users);
  }
}
