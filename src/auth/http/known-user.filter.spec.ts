import { beforeEach, describe, expect, it } from '@jest/globals';
import { type ArgumentsHost, BadRequestException } from '@nestjs/common';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import { Readiness } from '../../platform/observability/readiness.js';
import { ErrorFilter } from '../../platform/http/error-filter.js';
import { KnownUsers } from '../application/ports.js';
import { KnownUserFilter } from './known-user.filter.js';

class Users extends KnownUsers {
  away = false;
  readonly asked: string[] = [];

  has(userId: string): Promise<boolean> {
    this.asked.push(userId);
    return this.away
      ? Promise.reject(new Error('the database is away'))
      : Promise.resolve(userId !== 'ghost');
  }
}

class Errors extends ErrorFilter {
  readonly told: unknown[] = [];

  override catch(error: unknown): void {
    this.told.push(error);
  }
}

describe(KnownUserFilter.name, () => {
  const malformed = new BadRequestException('malformed');
  let users: Users;
  let errors: Errors;

  beforeEach(() => {
    users = new Users();
    errors = new Errors({}, new Readiness());
  });

  const refuse = (request: object, error: Error = malformed): void | Promise<void> => {
    const http = { getRequest: () => request };
    return new KnownUserFilter(users, errors).catch(error, {
      switchToHttp: () => http,
    } as unknown as ArgumentsHost);
  };

  it('tells a user who exists what is wrong', async () => {
    await refuse({ userId: 'gopher' });
    expect(errors.told).toEqual([malformed]);
  });

  it('tells a user who is gone that, whatever else is wrong', async () => {
    await refuse({ userId: 'ghost' });
    expect(errors.told).toEqual([expect.any(UserMissing)]);
    expect(users.asked).toEqual(['ghost']);
  });

  it('does not ask after a fault of ours', async () => {
    const fault = new Error('a mistake');
    await refuse({ userId: 'ghost' }, fault);
    expect(errors.told).toEqual([fault]);
    expect(users.asked).toEqual([]);
  });

  it('does not ask when the call itself found the user missing', async () => {
    await refuse({ userId: 'ghost' }, new UserMissing());
    expect(errors.told).toEqual([expect.any(UserMissing)]);
    expect(users.asked).toEqual([]);
  });

  it('asks for nobody where nobody was let in', async () => {
    await refuse({});
    expect(errors.told).toEqual([malformed]);
    expect(users.asked).toEqual([]);
  });

  it('does not call a database that is away a bad token', async () => {
    users.away = true;
    await refuse({ userId: 'gopher' });
    expect(errors.told).toEqual([new Error('the database is away')]);
  });
});
