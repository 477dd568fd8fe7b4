import { mutant } from '../mutant.js';

/** Wrong ways to end sessions and to keep somebody out. */
export const SESSION_MUTANTS = [
  mutant(
    'a block that withdrawals do not see',
    'who is blocked spends their points until every portal has heard of it',
    [
      'test/integration/auth/user-access.test.ts',
      'what operators do to users block: a withdrawal that waited for the account behind it ' +
        'is refused',
    ],
    [
      'src/account/infrastructure/sql-account-repository.ts',
      'blocked_at IS NOT NULL AS is_blocked',
      'false AS is_blocked',
    ],
  ),
  mutant(
    'a generation that is read after the password was verified',
    'a thief who signs in while the password is changed keeps a session',
    [
      'src/auth/application/log-in.spec.ts',
      'LogIn begins a session of the generation that went with the password',
    ],
    [
      'src/auth/application/log-in.ts',
      'return { userId: user.id, generation: user.generation };',
      'const now = await this.users.byLogin(login);\n' +
        '    return { userId: user.id, generation: now?.generation ?? 0 };',
    ],
  ),
];
