import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { BODY_CALLS, SESSION_CALLS, SIGNED_IN_CALLS } from '../../support/http/client.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type PlainRequest, type RawReply, send, text } from '../../support/http/raw-http.js';
import { operate } from '../../support/processes/operator-run.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const REGISTER = 'POST /api/user/register';
const LOGIN = 'POST /api/user/login';
const UPLOAD = 'POST /api/user/orders';
const WITHDRAW = 'POST /api/user/balance/withdraw';
const PASSWORD = 'POST /api/user/password';
/** The last one ends the session. */
const CALLS = new Set([...BODY_CALLS, ...SIGNED_IN_CALLS, ...SESSION_CALLS]);
const TOO_LARGE = json(' '.repeat(70_000));

/** They can happen to every call, by a mistake of ours and by a database that is away. */
const ANYWHERE = ['ErrInternal', 'ErrUnavailable'];

const WRONG_PASSWORD = json('{"current":"wrong","new":"another"}');

const credentialsOf = (login: string): PlainRequest =>
  json(JSON.stringify({ login, password: 'another' }));

interface Operation {
  readonly responses: Record<
    string,
    {
      content?: Record<string, { examples?: Record<string, object> }>;
    }
  >;
}

describe('the errors that the document lists', () => {
  let service: TestService;
  let limited: TestService;
  /** It hashes one password, lets none wait, and takes one wrong one a minute. */
  let strict: TestService;
  let paths: Record<string, Record<string, Operation>>;
  /** What a call needs to be refused for what it asks, besides what every call of its kind can. */
  let refused: Record<string, readonly PlainRequest[]>;
  let authorization: string;

  beforeAll(async () => {
    service = await startTestService();
    limited = await startTestService({
      database: service.database,
      accrual: service.accrual,
      settings: { auth: { rateLimitPerSecond: 1 } },
    });
    strict = await startTestService({
      database: service.database,
      accrual: service.accrual,
      settings: { auth: { hashConcurrency: 1, hashQueue: 0, loginAttemptsPerMinute: 1 } },
    });
    const document = await send(service.url, 'GET /docs-json');
    ({ paths } = JSON.parse(document.text) as { paths: typeof paths });
    const [customer, other] = [await service.customerWith('1'), await service.customerWith('10')];
    ({ authorization } = customer);
    const [uploaded, paid] = [freshNumber(), freshNumber()];
    await other.upload(uploaded);
    await other.withdraw(paid, 1);
    const reversed = freshNumber();
    await customer.withdraw(reversed, 1);
    const reverse = ['reverse', reversed, '--reason', 'sent back', '-d', service.database.uri];
    expect(await operate('customer', reverse)).toMatchObject({ code: 0 });
    const withdraw = (order: string, sum: number): PlainRequest =>
      json(JSON.stringify({ order, sum }));
    const credentials = credentialsOf(customer.login);
    refused = {
      [REGISTER]: [credentials],
      [LOGIN]: [credentials],
      [PASSWORD]: [WRONG_PASSWORD],
      [UPLOAD]: [text(uploaded), text('1')],
      [WITHDRAW]: [
        withdraw(freshNumber(), 2),
        withdraw(paid, 1),
        withdraw(reversed, 1),
        withdraw('1', 1),
        withdraw(freshNumber(), 0),
      ],
    };
  });

  afterAll(async () => {
    await strict.stop();
    await limited.stop();
    await service.stop();
  });

  const signedIn = (request: PlainRequest): PlainRequest => ({
    ...request,
    headers: { ...request.headers, authorization },
  });
  const nameOf = ({ status, text: body }: RawReply): string[] =>
    status < 400 ? [] : [(JSON.parse(body) as { error: string }).error];

  /** The names of all errors that the call can be brought to. */
  async function provoked(call: string): Promise<Set<string>> {
    const hasBody = [...BODY_CALLS, PASSWORD].includes(call);
    const requests = [
      ...(refused[call] ?? []).map(signedIn),
      ...(hasBody ? [json('{'), TOO_LARGE] : [{}]).map(signedIn),
      {},
    ];
    const replies: RawReply[] = [];
    for (const request of requests) replies.push(await send(service.url, call, request));
    if (call.startsWith('GET'))
      replies.push(await send(service.url, `${call}?limit=0&at=0`, signedIn({})));
    // The second within the second is one too many, whatever it asks: of a user, or of nobody.
    for (const request of [signedIn({}), signedIn({}), {}, {}])
      replies.push(await send(limited.url, call, request));
    if (call === LOGIN || call === REGISTER) {
      const strangers = Array.from({ length: 4 }, () => credentialsOf(freshNumber()));
      replies.push(...(await Promise.all(strangers.map((each) => send(strict.url, call, each)))));
      const stranger = credentialsOf(freshNumber());
      for (const request of [stranger, stranger])
        replies.push(await send(strict.url, call, request));
    }
    if (call === PASSWORD) replies.push(...(await provokedByPasswords()));
    return new Set(replies.flatMap(nameOf));
  }

  /** Wrong ones of somebody new, until strangers leave no room for one to be looked at. */
  async function provokedByPasswords(): Promise<RawReply[]> {
    const replies: RawReply[] = [];
    await eventually('a password is too many', async () => {
      const { authorization: own } = await service.customer();
      const wrong = {
        ...WRONG_PASSWORD,
        headers: { ...WRONG_PASSWORD.headers, authorization: own },
      };
      const strangers = [1, 2, 3, 4].map(() =>
        send(strict.url, LOGIN, credentialsOf(freshNumber())),
      );
      replies.push(await send(strict.url, PASSWORD, wrong));
      await Promise.all(strangers);
      replies.push(await send(strict.url, PASSWORD, wrong));
      replies.push(await send(strict.url, PASSWORD, wrong));
      return replies.flatMap(nameOf).includes('ErrBusy');
    });
    return replies;
  }

  it.each([...CALLS])('of %s are those that it can be brought to, and no others', async (call) => {
    const [method = '', path = ''] = call.split(' ');
    const { responses } = paths[path]?.[method.toLowerCase()] ?? { responses: {} };
    const documented = Object.entries(responses).flatMap(([status, { content }]) =>
      Number(status) < 400 ? [] : Object.keys(content?.['application/json']?.examples ?? {}),
    );
    expect([...documented].sort()).toEqual([...(await provoked(call)), ...ANYWHERE].sort());
  });
});
