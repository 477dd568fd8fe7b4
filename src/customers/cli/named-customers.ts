import { Injectable } from '@nestjs/common';
import { CorrectionRefused } from '../../account/index.js';
import { Login, UserRepository } from '../../auth/index.js';
import { DomainError, UserMissing } from '../../kernel/domain/domain-error.js';
import type { ExitCode, Print } from '../../platform/cli/command-line.js';
import type { CustomerName } from '../application/ports.js';

/** Finds out whom an operator means. */
@Injectable()
export class NamedCustomers {
  constructor(private readonly users: UserRepository) {}

  /** Where nobody has the login, that is said instead. A login is one, whatever it looks like. */
  async of(
    name: CustomerName,
    print: Print,
    use: (userId: string) => Promise<ExitCode>,
  ): Promise<ExitCode> {
    if ('id' in name) return use(name.id);
    return refusable(print, async () => {
      const user = await this.users.byLogin(Login.parse(name.login));
      return user ? use(user.id) : missing(name, print);
    });
  }
}

export function missing(name: CustomerName, print: Print): ExitCode {
  print('id' in name ? `${name.id}: no such customer` : `no customer has the login ${name.login}`);
  return 1;
}

/** Says which rule was broken; nothing has changed then. */
export async function refusable(print: Print, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError || error instanceof CorrectionRefused)) throw error;
    const isMissing = error instanceof UserMissing;
    print(`not done: ${isMissing ? 'there is no such customer' : error.message}`);
    return 1;
  }
}
