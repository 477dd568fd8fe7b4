import type { RawReply } from '../../../support/http/raw-http.js';
import { printKopecks, readJson } from '../../support/kopecks.js';
import {
  type ExpectedList,
  type ExpectedRow,
  type Moment,
  print,
  problemOfRow,
  type Row,
  same,
  shorten,
  ShownRows,
} from './rows.js';

/** The contract's messages, written out once more: the model takes nothing from the service. */
export const MESSAGES = {
  badRequest: 'неверный формат запроса',
  wrongPair: 'неверный логин или пароль',
  unauthenticated: 'пользователь не аутентифицирован',
  lowBalance: 'недостаточно баллов лояльности для оплаты заказа',
  loginTaken: 'логин уже занят',
  othersOrder: 'номер заказа уже был загружен другим пользователем',
  paidOtherwise: 'номер заказа уже был оплачен другой суммой или другим пользователем',
  reversed: 'оплата этого заказа была отменена',
  wrongOrder: 'неверный формат заказа',
  impossibleSum: 'недопустимая сумма',
  notFound: 'ресурс не найден',
} as const;

/** When a call was made: `turn` counts the steps of a story; calls of one turn are made at once. */
export interface Occasion {
  readonly turn: number;
  readonly moment: Moment;
}

/** In kopecks. */
export interface Points {
  readonly current: bigint;
  readonly withdrawn: bigint;
}

/** What the model says a reply must be. The status of an operator's command is its exit code. */
export type Expectation = { readonly status: number } & (
  | { readonly kind: 'empty' | 'token' }
  | { readonly kind: 'refusal'; readonly messages: readonly string[] }
  | ({ readonly kind: 'balance' } & Points)
  | { readonly kind: 'list'; readonly list: ExpectedList }
  | { readonly kind: 'order'; readonly row: ExpectedRow; readonly steps: readonly string[] }
  | {
      readonly kind: 'corrected';
      readonly changed: boolean;
      readonly before: Points;
      readonly after: Points;
      /** Of an adjustment. */
      readonly key?: string;
    }
  | { readonly kind: 'access'; readonly changed: boolean }
  | { readonly kind: 'not done'; readonly says: string }
);

export function refusal(status: number, ...messages: string[]): Expectation {
  return { status, kind: 'refusal', messages };
}

/** A list as the API tells it. */
export function listOrNothing(list: ExpectedList): Expectation {
  return list.rows.length === 0
    ? { status: 204, kind: 'empty' }
    : { status: 200, kind: 'list', list };
}

const TOKEN = /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/;

/** Why `reply` is not what the model expects; undefined where it is. */
export function disagreement(expected: Expectation, reply: RawReply): string | undefined {
  const isStatus = reply.status === expected.status;
  const problem = isStatus ? aboutContent(expected, reply) : `${reply.status}`;
  const got = `${problem}${reply.text && ` ${shorten(reply.text)}`}`;
  return problem && `expected ${describe(expected)}, got ${got}`;
}

function aboutContent(expected: Expectation, reply: RawReply): string | undefined {
  const { status, headers, text } = reply;
  const type = headers['content-type'];
  switch (expected.kind) {
    case 'token':
      if (!TOKEN.test(headers.authorization ?? '')) return `no token, but ${headers.authorization}`;
      return text === '' ? undefined : 'a body';
    case 'empty':
      if (text !== '') return 'a body';
      return status === 204 && type !== undefined ? 'a content type of nothing' : undefined;
    case 'not done':
      return text.startsWith(expected.says) ? undefined : 'another refusal';
    case 'corrected':
    case 'access':
      return aboutCommand(expected, JSON.parse(text) as object);
  }
  if (!type?.startsWith('application/json')) return `a content type ${type}`;
  try {
    return aboutJson(expected, readJson(text));
  } catch (error) {
    return (error as Error).message;
  }
}

type OfCommand = Extract<Expectation, { kind: 'corrected' | 'access' }>;
type OfJson = Extract<Expectation, { kind: 'refusal' | 'balance' | 'list' | 'order' }>;

function aboutCommand(expected: OfCommand, shown: object): string | undefined {
  const { id, ...told } = shown as { readonly id?: unknown };
  if (typeof id !== 'string') return 'no id';
  const { changed } = expected;
  if (expected.kind === 'access') return same(told, { changed }) ? undefined : 'something else';
  const { before, after, key } = expected;
  const should = { changed, before: inDecimals(before), ...inDecimals(after), ...(key && { key }) };
  return same(told, should) ? undefined : 'another correction';
}

function inDecimals({ current, withdrawn }: Points): Row {
  return { balance: printKopecks(current), withdrawn: printKopecks(withdrawn) };
}

function aboutJson(expected: OfJson, shown: unknown): string | undefined {
  switch (expected.kind) {
    case 'refusal': {
      const code = BigInt(expected.status) * 100n;
      const { error, detail, ...rest } = shown as Row;
      if (!/^Err[A-Z]/.test(String(error)) || typeof detail !== 'string' || detail === '')
        return 'a refusal without its name or a detail';
      const isOne = expected.messages.some((message) => same(rest, { code, message }));
      return isOne ? undefined : 'another refusal';
    }
    case 'balance': {
      const { current, withdrawn } = expected;
      return same(shown, { current, withdrawn }) ? undefined : 'another balance';
    }
    case 'list': {
      if (!Array.isArray(shown)) return 'no list';
      const rows = new ShownRows();
      return rows.add(shown as Row[], expected.list) ?? rows.end(expected.list);
    }
    case 'order': {
      const { history, ...row } = shown as Row & { readonly history: unknown };
      return problemOfRow(row, expected.row) ?? aboutSteps(expected.steps, row, history);
    }
  }
}

/** The steps of an order: its upload first, and none before the one before it. */
function aboutSteps(steps: readonly string[], row: Row, history: unknown): string | undefined {
  if (!Array.isArray(history)) return 'no history';
  const shown = history as { status: string; at: string }[];
  if (
    !same(
      shown.map(({ status }) => status),
      [...steps],
    )
  )
    return 'another history';
  const times = [String(row['uploaded_at']), ...shown.map(({ at }) => at)];
  const isOrdered = times.every((at, i) => i === 0 || at >= (times[i - 1] as string));
  return isOrdered && times[0] === times[1] ? undefined : 'a history of other times';
}

function describe(expected: Expectation): string {
  const { status } = expected;
  switch (expected.kind) {
    case 'empty':
    case 'token':
      return `${status}`;
    case 'refusal':
      return `${status} «${expected.messages.join('» or «')}»`;
    case 'balance':
      return `${status} ${print({ current: expected.current, withdrawn: expected.withdrawn })}`;
    case 'list':
      return `${status} [${expected.list.rows.map(({ fields }) => print(fields)).join(', ')}]`;
    case 'order':
      return `${status} ${print(expected.row.fields)}, which was ${expected.steps.join(', ')}`;
    default:
      return print({ ...expected });
  }
}
