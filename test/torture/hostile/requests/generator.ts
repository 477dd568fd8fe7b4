import type { Random } from '../../support/random.js';
import type { ApiDocument, Operation } from '../document/api-document.js';
import { soundString, soundValue, unsoundValue, withEachField } from './bodies.js';
import { encode } from './encodings.js';
import { contentType, credentials, type Member, noise } from './headers.js';
import type { Header, HostileRequest } from './hostile-request.js';
import { LISTED_TOKENS, stringToken } from './hostile-text.js';

/** A password costs 20 ms of a core: most of these requests must not get that far. */
const HASHING = /\/(register|login)$/;

/** Draws requests for every operation of the document, and for what is not in it. */
export class RequestGenerator {
  readonly #weights: Record<string, number>;

  constructor(
    private readonly document: ApiDocument,
    private readonly members: readonly Member[],
    private readonly random: Random,
  ) {
    const weights = document.operations.map(({ name }) => [
      name,
      HASHING.test(name) ? 6 : /api/.test(name) ? 10 : 1,
    ]);
    this.#weights = {
      ...(Object.fromEntries(weights) as Record<string, number>),
      [UNDOCUMENTED]: 10,
    };
  }

  /** Every listed token in every field of every JSON body: what must not be left to luck. */
  *sweep(): Generator<HostileRequest> {
    const [{ token }] = this.members as [Member];
    const headers: Header[] = [
      ['Authorization', `Bearer ${token}`],
      ['Content-Type', 'application/json'],
    ];
    for (const listed of this.random.shuffled(LISTED_TOKENS)) {
      for (const operation of this.document.operations) {
        const { method, path: target, bodies } = operation;
        for (const plain of withEachField(bodies['application/json'] ?? {}, listed, this.random)) {
          yield { operation, method, target, headers, plain, body: Buffer.from(plain) };
        }
      }
    }
  }

  next(): HostileRequest {
    const name = this.random.weighted(this.#weights);
    const operation = this.document.operations.find((each) => each.name === name);
    return operation ? this.#documented(operation) : this.#undocumented();
  }

  #documented(operation: Operation): HostileRequest {
    const { random } = this;
    const headers: Header[] = noise(random);
    if (operation.needsToken || random.chance(0.1))
      headers.push(...credentials(random.pick(this.members), random));
    const head = { operation, target: operation.path + this.#query() };
    const media = Object.keys(operation.bodies);
    if (media.length === 0) {
      const method = operation.method === 'GET' && random.chance(0.05) ? 'HEAD' : operation.method;
      // A body where none is wanted.
      const body =
        random.chance(0.05) && method !== 'HEAD' ? { body: Buffer.from(stringToken(random)) } : {};
      return { ...head, method, headers, ...body };
    }
    const type = random.pick(media);
    const plain = this.#body(operation, type);
    const { headers: encoding, ...encoded } = encode(plain, random);
    headers.push(...contentType(type, random), ...encoding);
    return {
      ...head,
      method: operation.method,
      headers,
      ...encoded,
      plain,
      chunked: random.chance(0.1),
    };
  }

  #body(operation: Operation, type: string): string {
    const { random } = this;
    const schema = operation.bodies[type] ?? {};
    if (operation.path.endsWith('/login') && random.chance(0.4)) return this.#knownCredentials();
    const sound = random.chance(HASHING.test(operation.path) ? 0.25 : 0.5);
    if (type !== 'application/json')
      return sound ? soundString(schema, random) : stringToken(random).slice(1, -1);
    return sound ? soundValue(schema, random) : unsoundValue(schema, random);
  }

  /**
   * The first member signs in; whoever wants to be the second one has to guess, until the limit of
   * failed log-ins.
   */
  #knownCredentials(): string {
    const { login, password } = this.random.pick(this.members);
    return JSON.stringify({
      login,
      password: login === this.members[0]?.login ? password : 'guess',
    });
  }

  #undocumented(): HostileRequest {
    const { random } = this;
    const headers = [
      ...noise(random),
      ...(random.chance(0.5) ? credentials(random.pick(this.members), random) : []),
    ];
    const { path } = random.pick(this.document.operations);
    if (random.chance(0.4)) {
      const used = this.document.operations
        .filter((each) => each.path === path)
        .map(({ method }) => method);
      const method = random.pick(METHODS.filter((each) => !used.includes(each)));
      return { method, target: path + this.#query(), headers };
    }
    const trick = random.pick(TRICKS);
    return {
      method: random.pick(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']),
      target: trick(path),
      headers,
    };
  }

  #query(): string {
    return this.random.chance(0.9) ? '' : this.random.pick(QUERIES);
  }
}

const UNDOCUMENTED = 'not in the document';

const METHODS = [
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'PROPFIND',
  'POST',
  'GET',
  'TRACE',
  'QUERY',
  'M-SEARCH',
  'PURGE',
  'SEARCH',
];

const QUERIES = [
  '?',
  '?a=b',
  '?__proto__[x]=1&constructor=2',
  "?id=1'--",
  '?%00',
  '?%zz',
  `?${'a=1&'.repeat(1_000)}`,
  '?a[]=1&a[1]=2',
  '?limit=-1',
  '??',
  '?#',
];

/**
 * Paths that ought to lead nowhere; some lead where the path itself leads, and are answered as
 * such.
 */
const TRICKS: readonly ((path: string) => string)[] = [
  () => '/',
  () => '/docs',
  () => '/docs-json',
  () => '/docs/swagger-ui.css',
  () => '/docs/../package.json',
  () => '/docs/..%2f..%2fpackage.json',
  () => '/docs/%2e%2e/%2e%2e/etc/passwd',
  () => '/docs/....//....//etc/passwd',
  () => '/docs//etc/passwd',
  () => '/.env',
  () => '/.git/config',
  () => '/favicon.ico',
  () => '/%00',
  () => '/%c3%28',
  () => '/%zz',
  () => '/%e0%80%af',
  () => '//',
  () => '/*',
  () => `/${'x'.repeat(5_000)}`,
  () => `/${'a/'.repeat(2_000)}`,
  () => '/__proto__/constructor',
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => `${path}/../orders`,
  (path) => `${path}%2f`,
  (path) => `${path};a=b`,
  (path) => path.toUpperCase(),
  (path) => `${path}/12345678903`,
  (path) => `${path}.json`,
  (path) => `${path}%20`,
];
