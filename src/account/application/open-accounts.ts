import { Injectable } from '@nestjs/common';
import { UserRegistered } from '../../auth/index.js';
import { DomainEvents } from '../../shared/application/domain-events.js';
import { AccountRepository } from './ports/account-repository.js';

/** Opens an account in the transaction that registers its user: the row that withdrawals lock always exists. */
@Injectable()
export class OpenAccounts {
  constructor(
    private readonly accounts: AccountRepository,
    events: DomainEvents,
  ) {
    events.subscribe(UserRegistered, (registered) => this.execute(registered));
  }

  async execute(registered: readonly UserRegistered[]): Promise<void> {
    await this.accounts.open(registered.map(({ userId }) => userId));
  }
}
