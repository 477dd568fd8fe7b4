import fc from 'fast-check';
import { json, type RawRequest, text } from '../../../support/http/raw-http.js';
import { type Expectation, shorten } from '../expectation.js';
import { type LoyaltyModel, MESSAGES, type Occasion, refusal } from '../loyalty-model.js';
import { anyNumber, type NumberPlan, write, type WrittenNumber } from './numbers.js';
import { anySum, type SumPlan, writeSum } from './sums.js';
import type { Call, Story } from '../story.js';

/** Each story has users of its own. */
function loginOf(name: string, story: Story): string {
  return `${name}-${story.index}`;
}

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
const anySigned: fc.Arbitrary<Signed> = fc.record({ name: anyName, carrier: anyCarrier });

const BAD_CREDENTIALS = [
  '',
  '{}',
  '[]',
  '{"login":1,"password":"x"}',
  '{"login":"","password":"x"}',
  '{"login":"ann"}',
  '{"login":"a',
];

/** Credentials that no use case sees. */
const badCredentials = (kind: 'register' | 'log in'): fc.Arbitrary<Plan> =>
  fc.constantFrom(...BAD_CREDENTIALS).map((body) => () => ({
    kind,
    told: `somebody sends ${body || 'nothing'} to ${kind}`,
    line: `POST /api/user/${kind.replace(' ', '')}`,
    request: json(body),
    apply: () => refusal(400, MESSAGES.badRequest),
  }));

const credentials = (story: Story, name: string, password: string): RawRequest =>
  json(JSON.stringify({ login: loginOf(name, story), password }));

export function register(name: string, password = `${name}’s password`): Plan {
  return (story) => ({
    kind: 'register',
    told: `${name} registers`,
    line: 'POST /api/user/register',
    request: credentials(story, name, password),
    signsIn: name,
    apply: (model) => model.register(name, password),
  });
}

function logIn(name: string, password: string): Plan {
  return (story) => ({
    kind: 'log in',
    told: `${name} logs in with “${password}”`,
    line: 'POST /api/user/login',
    request: credentials(story, name, password),
    signsIn: name,
    apply: (model) => model.logIn(name, password),
  });
}

/** A call of somebody who shows a token, or ought to. */
function signed(
  by: Signed,
  call: Omit<Call, 'apply'>,
  apply: (model: LoyaltyModel, user: string, occasion: Occasion) => Expectation,
): Plan {
  return (story, model) => {
    const { carrier } = by;
    const name = whoIs(by.name, model);
    const token = story.tokenOf(name);
    const known = token !== undefined && (carrier === 'header' || carrier === 'cookie');
    const { told, request } = call;
    return {
      ...call,
      told: `${name} ${carrier === 'header' ? '' : `(token: ${carrier}) `}${told}`,
      request: { ...request, headers: { ...request.headers, ...carried(carrier, token) } },
      apply: (each, occasion) =>
        known ? apply(each, name, occasion) : refusal(401, MESSAGES.unauthorized),
    };
  };
}

function carried(carrier: Carrier, token: string | undefined): Record<string, string> {
  if (token === undefined || carrier === 'none') return {};
  if (carrier === 'cookie') return { cookie: `token=${token}` };
  // The last character of a signature has bits that nobody reads: the one before it counts.
  return {
    authorization: `Bearer ${carrier === 'header' ? token : token.slice(0, -2) + (token.at(-2) === 'A' ? 'B' : 'A') + token.slice(-1)}`,
  };
}

export function upload(by: Signed, plan: NumberPlan, form: 'text' | 'json'): Plan {
  return (story, model) => {
    const written = write(plan, story.index);
    const request =
      form === 'text' ? text(written.text) : json(JSON.stringify({ number: written.text }));
    const told = `uploads ${shorten(JSON.stringify(written.text), 60)}${form === 'json' ? ' as JSON' : ''}`;
    return signed(
      by,
      { kind: 'upload', told, line: 'POST /api/user/orders', request },
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
    const written = write(numberPlan, story.index);
    const paid = written.number === undefined ? undefined : model.paidFor(written.number);
    const sum = writeSum(sumPlan, { balance: model.balance(whoIs(by.name, model)), paid });
    const told = `withdraws ${shorten(sum.token, 60)} for ${shorten(JSON.stringify(written.text), 60)}`;
    const request = json(`{"order":${JSON.stringify(written.text)},"sum":${sum.token}}`);
    return signed(
      by,
      { kind: 'withdraw', told, line: 'POST /api/user/balance/withdraw', request },
      (each, user, occasion) => {
        if (sum.malformed || written.blank) return refusal(400, MESSAGES.badRequest);
        if (written.number === undefined && sum.kopecks === undefined)
          return refusal(422, MESSAGES.wrongOrder, MESSAGES.impossibleSum);
        if (written.number === undefined) return wrong(written);
        if (sum.kopecks === undefined) return refusal(422, MESSAGES.impossibleSum);
        return each.withdraw(user, written.number, sum.kopecks, occasion);
      },
    )(story, model);
  };
}

const READS = {
  orders: ['GET /api/user/orders', (model: LoyaltyModel, user: string) => model.readOrders(user)],
  balance: [
    'GET /api/user/balance',
    (model: LoyaltyModel, user: string) => model.readBalance(user),
  ],
  withdrawals: [
    'GET /api/user/withdrawals',
    (model: LoyaltyModel, user: string) => model.readWithdrawals(user),
  ],
} as const;

export function read(by: Signed, what: keyof typeof READS): Plan {
  const [line, apply] = READS[what];
  return signed(by, { kind: `read ${what}`, told: `reads ${what}`, line, request: {} }, apply);
}

const anyRegistration = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyName, fc.constantFrom('x', undefined))
      .map(([name, password]) => register(name, password)),
  },
  { weight: 1, arbitrary: badCredentials('register') },
);

const anyLogIn = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyName, fc.constantFrom('', '', ' '))
      .map(([name, more]) => logIn(name, `${name}’s password${more}`)),
  },
  { weight: 1, arbitrary: badCredentials('log in') },
);

export const anyUpload = fc
  .tuple(anySigned, anyNumber, fc.constantFrom('text' as const, 'text' as const, 'json' as const))
  .map((how) => upload(...how));

export const anyWithdrawal = fc
  .tuple(fc.record({ name: anyPayer, carrier: anyCarrier }), anyNumber, anySum)
  .map((how) => withdraw(...how));

export const anyRead = fc
  .tuple(anySigned, fc.constantFrom('orders', 'balance', 'withdrawals'))
  .map((how) => read(...how));

/** Registering and logging in cost 30 ms of hashing each: seldom. */
export const anyPlan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 1, arbitrary: anyRegistration },
  { weight: 1, arbitrary: anyLogIn },
  { weight: 8, arbitrary: anyUpload },
  { weight: 10, arbitrary: anyWithdrawal },
  { weight: 4, arbitrary: anyRead },
);
