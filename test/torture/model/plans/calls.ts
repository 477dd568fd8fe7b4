import fc from 'fast-check';
import * as api from '../../../support/http/client.js';
import { printKopecks } from '../../support/kopecks.js';
import { LISTS, type List } from '../reference/books.js';
import { type Expectation, MESSAGES, refusal } from '../reference/expectation.js';
import { shorten } from '../reference/rows.js';
import { anyPayer, anySigned, inHeader, type Plan, type Signed, signed, whoIs } from './callers.js';
import { anyCorrection } from './corrections.js';
import { anyAttemptToSignIn } from './sessions.js';
import {
  anyNumber,
  anySum,
  type NumberPlan,
  soundNumber,
  soundSum,
  type SumPlan,
  writeNumber,
  type WrittenNumber,
} from './written.js';

export const READS = ['balance', ...LISTS] as const;

export function upload(by: Signed, plan: NumberPlan, form: 'text' | 'json'): Plan {
  return (story, model) => {
    const written = writeNumber(plan, story.index);
    const number = shorten(JSON.stringify(written.text), 60);
    const told = `uploads ${number}${form === 'json' ? ' as JSON' : ''}`;
    return signed(
      by,
      { kind: 'upload', told, request: api.upload(written.text, form) },
      (each, { user }, occasion) =>
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
    const sum = sumPlan({ balance: model.balanceOf(whoIs(by.name, model)), paid });
    const told = `withdraws ${shorten(sum.token, 60)} for ${shorten(JSON.stringify(text), 60)}`;
    return signed(
      by,
      { kind: 'withdraw', told, request: api.withdraw(text, sum.token) },
      (each, { user }, occasion) => {
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

/** The same payment as before, whether it stands or was given back; or another sum. */
function payAgain(draw: number, numberPlan: NumberPlan, sumPlan: SumPlan): Plan {
  return (story, model) => {
    const paid = model.payment(draw);
    const name = paid && model.access.nameOf(paid.payer);
    if (!paid || name === undefined)
      return withdraw(inHeader(model.richest), numberPlan, sumPlan)(story, model);
    const { number, kopecks } = paid;
    const sum = printKopecks(kopecks);
    const told = `withdraws ${sum} for ${shorten(number, 60)} again`;
    return signed(
      inHeader(name),
      { kind: 'withdraw', told, request: api.withdraw(number, sum) },
      (each, { user }, occasion) => each.withdraw(user, number, kopecks, occasion),
    )(story, model);
  };
}

export function read(by: Signed, what: 'balance' | List): Plan {
  const request = api.get(what);
  const call = { kind: `read ${what}`, told: `reads ${what}`, request };
  return signed(by, call, (model, { user }) => model.read(what, user));
}

/** One order, with its history, by its owner or by somebody else. */
function readOrder(draw: number, somebody: Signed, plan: NumberPlan): Plan {
  return (story, model) => {
    const written = writeNumber(plan, story.index);
    const { number, owner } = model.uploaded(draw) ?? { number: written.number ?? '', owner: '' };
    const name = model.access.nameOf(owner);
    const by = draw % 4 === 0 || name === undefined ? somebody : inHeader(name);
    const told = `reads the order ${shorten(number, 60)}`;
    return signed(
      by,
      { kind: 'read an order', told, request: api.get(`orders/${number}`) },
      (each, { user }) => each.order(user, number),
    )(story, model);
  };
}

const anyForm = fc.constantFrom('text' as const, 'text' as const, 'json' as const);

/** Nothing that ends a session. */
export const anyPlan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 10, arbitrary: anyAttemptToSignIn },
  { weight: 40, arbitrary: fc.tuple(anySigned(), anyNumber, anyForm).map((how) => upload(...how)) },
  {
    weight: 50,
    arbitrary: fc.tuple(anySigned(anyPayer), anyNumber, anySum).map((how) => withdraw(...how)),
  },
  {
    weight: 10,
    arbitrary: fc.tuple(fc.nat(), anyNumber, soundSum).map((how) => payAgain(...how)),
  },
  {
    weight: 20,
    arbitrary: fc.tuple(anySigned(), fc.constantFrom(...READS)).map((how) => read(...how)),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(fc.nat(), anySigned(), soundNumber).map((how) => readOrder(...how)),
  },
  { weight: 20, arbitrary: anyCorrection },
);
