import fc from 'fast-check';
import * as api from '../../support/http/client.js';
import { type Expectation, shorten } from './expectation.js';
import { type LoyaltyModel, MESSAGES, type Occasion, refusal } from './loyalty-model.js';
import type { Call, Story } from './story.js';
import {
  anyNumber,
  anySum,
  type NumberPlan,
  type SumPlan,
  writeNumber,
  type WrittenNumber,
} from './written.js';

/** A call before its story tells whose it is, which number and what sum. */
export type Plan = (story: Story, model: LoyaltyModel) => Call;

type Name = 'ann' | 'bob' | 'cyd';
/** The last one registers late, if ever. */
export const anyName = fc.oneof(
  { weight: 11, arbitrary: fc.constantFrom<Name[]>('ann', 'bob') },
  { weight: 1, arbitrary: fc.constant<Name>('cyd') },
);

const THE_RICHEST = 'whoever has most points';
/** Where everybody pays alike, most pay with nothing. */
export const anyPayer: fc.Arbitrary<string> = fc.oneof(fc.constant(THE_RICHEST), anyName);

function whoIs(name: string, model: LoyaltyModel): string {
  return name === THE_RICHEST ? model.richest : name;
}

/** Where a token is shown. */
type Carrier = 'header' | 'cookie' | 'none' | 'tampered';
const anyCarrier: fc.Arbitrary<Carrier> = fc.oneof(
  { weight: 20, arbitrary: fc.constant('header') },
  { weight: 3, arbitrary: fc.constant('cookie') },
  { weight: 1, arbitrary: fc.constantFrom('none', 'tampered') },
);

interface Signed {
  readonly name: string;
  readonly carrier: Carrier;
}

export function inHeader(name: string): Signed {
  return { name, carrier: 'header' };
}

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

/** Each story has users of its own. */
function loginOf(name: string, story: Story): string {
  return `${name}-${story.index}`;
}

export function register(name: string, password = `${name}’s password`): Plan {
  return (story) => ({
    kind: 'register',
    told: `${name} registers`,
    request: api.register(loginOf(name, story), password),
    signsIn: name,
    apply: (model) => model.register(name, password),
  });
}

function logIn(name: string, password: string): Plan {
  return (story) => ({
    kind: 'login',
    told: `${name} logs in with “${password}”`,
    request: api.logIn(loginOf(name, story), password),
    signsIn: name,
    apply: (model) => model.logIn(name, password),
  });
}

/** A call of somebody who shows a token, or ought to. */
function signed(
  { name: who, carrier }: Signed,
  { told, ...call }: Omit<Call, 'apply'>,
  apply: (model: LoyaltyModel, user: string, occasion: Occasion) => Expectation,
): Plan {
  return (story, model) => {
    const name = whoIs(who, model);
    const token = story.tokenOf(name);
    const isKnown = token !== undefined && (carrier === 'header' || carrier === 'cookie');
    return {
      ...call,
      told: `${name} ${carrier === 'header' ? '' : `(token: ${carrier}) `}${told}`,
      request: carry(call.request, carrier, token),
      apply: (each, occasion) =>
        isKnown ? apply(each, name, occasion) : refusal(401, MESSAGES.unauthenticated),
    };
  };
}

function carry(call: api.Call, carrier: Carrier, token: string | undefined): api.Call {
  if (token === undefined || carrier === 'none') return call;
  if (carrier !== 'tampered') return api.by(token, call, carrier);
  // The last character of a signature has bits that are not read: the one before it counts.
  const other = token.at(-2) === 'A' ? 'B' : 'A';
  return api.by(token.slice(0, -2) + other + token.slice(-1), call);
}

export function upload(by: Signed, plan: NumberPlan, form: 'text' | 'json'): Plan {
  return (story, model) => {
    const written = writeNumber(plan, story.index);
    const number = shorten(JSON.stringify(written.text), 60);
    const told = `uploads ${number}${form === 'json' ? ' as JSON' : ''}`;
    return signed(
      by,
      { kind: 'upload', told, request: api.upload(written.text, form) },
      (each, user, occasion) =>
        written.number === undefined ? wrong(written) : each.upload(user, written.number, occasion),
    )(story, model);
  };
}

function wrong({ blank }: WrittenNumber): Expectation {
  return blank ? refusal(400, MESSAGES.badRequest) : refusal(422, MESSAGES.wrongOrder);
}

export function withdraw(by: Signed, numberPlan: NumberPlan, sumPlan: SumPlan): Plan {
  return (story, model) => {
    const { number, text, blank } = writeNumber(numberPlan, story.index);
    const paid = number === undefined ? undefined : model.paidFor(number);
    const sum = sumPlan({ balance: model.balance(whoIs(by.name, model)), paid });
    const told = `withdraws ${shorten(sum.token, 60)} for ${shorten(JSON.stringify(text), 60)}`;
    return signed(
      by,
      { kind: 'withdraw', told, request: api.withdraw(text, sum.token) },
      (each, user, occasion) => {
        if (sum.malformed || blank) return refusal(400, MESSAGES.badRequest);
        if (number !== undefined && sum.kopecks !== undefined)
          return each.withdraw(user, number, sum.kopecks, occasion);
        return refusal(
          422,
          ...(number === undefined ? [MESSAGES.wrongOrder] : []),
          ...(sum.kopecks === undefined ? [MESSAGES.impossibleSum] : []),
        );
      },
    )(story, model);
  };
}

export function read(by: Signed, what: api.Read): Plan {
  const call = { kind: `read ${what}`, told: `reads ${what}`, request: api.read(what) };
  return signed(by, call, (model, user) => model.read(what, user));
}

const anySigned: fc.Arbitrary<Signed> = fc.record({ name: anyName, carrier: anyCarrier });
const anyForm = fc.constantFrom('text' as const, 'text' as const, 'json' as const);

/** Registering and logging in cost 30 ms of hashing each: seldom. */
export const anyPlan: fc.Arbitrary<Plan> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyName, fc.constantFrom('x', undefined))
      .map(([name, password]) => register(name, password)),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyName, fc.constantFrom('', '', ' '))
      .map(([name, more]) => logIn(name, `${name}’s password${more}`)),
  },
  { weight: 1, arbitrary: badCredentials('register') },
  { weight: 1, arbitrary: badCredentials('login') },
  { weight: 40, arbitrary: fc.tuple(anySigned, anyNumber, anyForm).map((how) => upload(...how)) },
  {
    weight: 50,
    arbitrary: fc
      .tuple(fc.record({ name: anyPayer, carrier: anyCarrier }), anyNumber, anySum)
      .map((how) => withdraw(...how)),
  },
  {
    weight: 20,
    arbitrary: fc.tuple(anySigned, fc.constantFrom(...api.READS)).map((how) => read(...how)),
  },
);
