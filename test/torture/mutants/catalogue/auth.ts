import type { Mutant } from '../mutant.js';

const TOKENS = 'src/auth/infrastructure/jwt-access-tokens.ts';
const TOKENS_SPEC = 'src/auth/infrastructure/jwt-access-tokens.spec.ts';

export const AUTH_MUTANTS: readonly Mutant[] = [
  {
    name: 'tokens of any algorithm',
    why: 'the algorithm is the attacker’s choice',
    edits: [
      {
        file: 'src/auth/http/jwt.strategy.ts',
        find: 'algorithms: [TOKEN_ALGORITHM],',
        replace: 'algorithms: undefined as never,',
      },
    ],
    killer: {
      file: 'src/auth/http/authentication.spec.ts',
      test: 'Authentication refuses a token of another algorithm with the right key',
    },
  },
  {
    name: 'tokens for ever',
    why: 'a token that was seen once is good after its expiry',
    edits: [
      {
        file: TOKENS,
        find: 'claims && claims.exp > this.#now() ? claims.sub : undefined',
        replace: 'claims?.sub',
      },
    ],
    killer: {
      file: TOKENS_SPEC,
      test: 'JwtAccessTokens recalls what it remembered, and only until it expires',
    },
  },
  {
    name: 'users who are gone',
    why: 'whoever is gone learns what is wrong with a request, and which numbers others have uploaded',
    edits: [
      {
        file: 'src/auth/http/known-user.filter.ts',
        find: 'if (!(await this.users.has(userId))) told = new UserMissing();',
        replace: 'if (!(await this.users.has(userId))) told = error;',
      },
    ],
    killer: {
      file: 'src/auth/http/known-user.filter.spec.ts',
      test: 'KnownUserFilter tells a user who is gone that, whatever else is wrong',
    },
  },
  {
    name: 'an unknown login at once',
    why: 'the time of the reply tells which logins exist: no hash is computed for the others',
    edits: [
      {
        file: 'src/auth/application/log-in.ts',
        find: 'const right = await this.hasher.verify(password, user?.passwordHash, caller);',
        replace:
          'const right = user !== undefined && (await this.hasher.verify(password, user.passwordHash, caller));',
      },
    ],
    killer: {
      file: 'src/auth/application/log-in.spec.ts',
      test: 'LogIn takes the same trouble and gives the same answer for an unknown login',
    },
  },
  {
    name: 'the cookie before the header',
    why: 'whoever sends both acts as somebody else than the header says',
    edits: [
      {
        file: 'src/auth/http/request-token.ts',
        find: 'if (authorization !== undefined) return',
        replace: 'if (authorization !== undefined && cookie === undefined) return',
      },
    ],
    killer: { file: 'src/auth/http/request-token.spec.ts', test: 'tokenOf prefers the header' },
  },
  {
    name: 'guesses all at once',
    why: 'ten thousand guesses sent together are all answered before the first failure counts',
    edits: [
      {
        file: 'src/auth/infrastructure/in-memory-login-attempts.ts',
        find: 'attempts.failed + attempts.underWay < this.#limit',
        replace: 'attempts.failed < this.#limit',
      },
    ],
    killer: {
      file: 'src/auth/infrastructure/in-memory-login-attempts.spec.ts',
      test: 'InMemoryLoginAttempts lets no more guesses through when they come all at once',
    },
  },
];
