import fc from 'fast-check';
import * as api from '../../../support/http/client.js';
import { MESSAGES, refusal } from '../reference/expectation.js';
import type { Access } from '../reference/access.js';
import type { Occasion, Expectation } from '../reference/expectation.js';
import {
  anyName,
  anySigned,
  inHeader,
  loginOf,
  type Plan,
  type Signed,
  signed,
} from './callers.js';
import { operate } from './corrections.js';

/** Credentials that no use case sees. */
const badCredentials = (kind: 'register' | 'login'): fc.Arbitrary<Plan> =>
  fc
    .constantFrom('', '{}', '[]', '{"login":1,"password":"x"}', '{"login":"ann"}', '{"login":"a')
    .map((body) => () => ({
      kind,
      told: `somebody sends ${body || 'nothing'} to ${kind}`,
      request: api.post(kind, body),
      apply: () => refusal(400, MESSAGES.badRequest),
    }));

/** The passwords that a user changes between. */
const passwordOf = (name: string, which: number): string =>
  `${name}’s ${['', 'second ', 'third '][which]}password`;
const anyPassword = fc.nat({ max: 2 });

export function register(name: string, password = passwordOf(name, 0)): Plan {
  return (story) => {
    const session = story.nextSession();
    return {
      kind: 'register',
      told: `${name} registers`,
      request: api.register(loginOf(name, story), password),
      begins: { name, session },
      apply: ({ access }) => access.register(name, password, session),
    };
  };
}

function logIn(name: string, password: string): Plan {
  return (story) => {
    const session = story.nextSession();
    return {
      kind: 'login',
      told: `${name} logs in with “${password}”`,
      request: api.logIn(loginOf(name, story), password),
      begins: { name, session },
      apply: ({ access }) => access.logIn(name, password, session),
    };
  };
}

/** With the password that the model knows. */
export function logInAgain(name: string): Plan {
  return (story, model) => logIn(name, model.access.passwordOf(name) ?? 'any')(story, model);
}

/** Registering and logging in cost 30 ms of hashing each: seldom. */
export const anyAttemptToSignIn: fc.Arbitrary<Plan> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyName, fc.constantFrom('x', undefined))
      .map(([name, password]) => register(name, password)),
  },
  { weight: 2, arbitrary: anyName.map(logInAgain) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(anyName, anyPassword, fc.constantFrom('', ' '))
      .map(([name, which, more]) => logIn(name, `${passwordOf(name, which)}${more}`)),
  },
  { weight: 1, arbitrary: badCredentials('register') },
  { weight: 1, arbitrary: badCredentials('login') },
);

export function logOut(by: Signed): Plan {
  const call = { kind: 'logout', told: 'logs out', request: api.logOut() };
  return signed(by, call, ({ access }, { session }, occasion) => access.logOut(session, occasion));
}

/** @param isRight whether the present password is told. */
export function changePassword(by: Signed, which: number, isRight = true): Plan {
  return (story, model) => {
    const { name } = by;
    const session = story.nextSession();
    const next = passwordOf(name, which);
    const current = isRight ? (model.access.passwordOf(name) ?? '-') : 'no password';
    return signed(
      by,
      {
        kind: 'password',
        told: `changes the password from “${current}” to “${next}”`,
        request: api.changePassword(current, next),
        begins: { name, session },
      },
      ({ access }, shown, occasion) =>
        access.changePassword(shown.session, { current, next }, session, occasion),
    )(story, model);
  };
}

const CHANGES = {
  block: (access, name, occasion) => access.block(name, occasion),
  unblock: (access, name) => access.unblock(name),
  'end-sessions': (access, name, occasion) => access.endSessions(name, occasion),
  forget: (access, name, occasion) => access.forget(name, occasion),
} satisfies Record<string, (access: Access, name: string, occasion: Occasion) => Expectation>;

/** What an operator does to somebody's access. */
export function change(what: keyof typeof CHANGES, name: string): Plan {
  return (story) => ({
    kind: what,
    told: `an operator does ${what} to ${name}`,
    request: operate(what, loginOf(name, story), '--reason', 'a complaint'),
    apply: ({ access }, occasion) => CHANGES[what](access, name, occasion),
  });
}

/** What ends sessions. */
export interface End {
  readonly plan: Plan;
  /** Who is blocked neither spends nor signs in from then on, whatever a replica believes. */
  readonly isBlock?: boolean;
  /** The way in that may be new. */
  readonly back?: Plan;
}

/** Somebody's sessions end, or one of them does. */
export const anyEnd = (name: fc.Arbitrary<string> = anyName): fc.Arbitrary<End> =>
  fc.oneof(
    { weight: 4, arbitrary: anySigned(name).map((by): End => ({ plan: logOut(by) })) },
    {
      weight: 3,
      arbitrary: fc.tuple(anySigned(name), anyPassword).map(([by, which]): End => {
        const back = logIn(by.name, passwordOf(by.name, which));
        return { plan: changePassword(by, which), back };
      }),
    },
    {
      weight: 1,
      arbitrary: name.map((each): End => ({ plan: changePassword(inHeader(each), 1, false) })),
    },
    {
      weight: 3,
      arbitrary: name.map((each): End => ({ plan: change('block', each), isBlock: true })),
    },
    { weight: 1, arbitrary: name.map((each): End => ({ plan: change('end-sessions', each) })) },
  );
