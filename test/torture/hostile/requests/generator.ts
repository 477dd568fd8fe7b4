import type { Member } from '../../../support/http/client.js';
import { claimsOf, forgeToken } from '../../../support/http/forged-token.js';
import type { Random } from '../../support/random.js';
import type { ApiDocument, Operation } from '../api-document.js';
import { encode, soundString, soundValue, unsoundValue, withEachField } from './bodies.js';
import { contentType, credentials, noise } from './headers.js';
import type { Header, HostileRequest } from './request.js';
import { LISTED_TOKENS, stringToken } from './texts.js';

/** A password costs 20 ms of a core: most of these requests must not get that far. */
const HASHING = /\/(register|login)$/;
const UNDOCUMENTED = 'not in the document';

/** Draws requests for every operation of the document, and for what is not in it. */
export class RequestGenerator {
  readonly #weights: Record<string, number>;

  constructor(
    private readonly document: ApiDocument,
    /** The first one signs in with the right password. */
    private readonly members: readonly [Member, ...Member[]],
    private readonly random: Random,
  ) {
    const weight = (name: string): number =>
      HASHING.test(name) ? 6 : name.includes('api') ? 10 : 1;
    const weights = document.operations.map(({ name }) => [name, weight(name)] as const);
    this.#weights = { ...Object.fromEntries(weights), [UNDOCUMENTED]: 10 };
  }

  /** Every listed token in every field of every JSON body: that must not be left to luck. */
  *sweep(): Generator<HostileRequest> {
    const headers: Header[] = [
      ['Authorization', `Bearer ${this.members[0].token}`],
      ['Content-Type', 'application/json'],
    ];
    for (const listed of this.random.shuffled(LISTED_TOKENS)) {
      for (const operation of this.document.operations) {
        const { method, path: target, bodies } = operation;
        for (const plain of withEachField(bodies['application/json'] ?? {}, listed, this.random))
          yield { operation, method, target, headers, plain, body: Buffer.from(plain) };
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
    const { path, bodies, needsToken, method } = operation;
    const headers: Header[] = noise(random);
    if (needsToken || random.chance(0.1)) headers.push(...credentials(this.#member(path), random));
    const head = { operation, target: path + this.#query() };
    const media = Object.keys(bodies);
    if (media.length === 0) {
      const isHead = method === 'GET' && random.chance(0.05);
      // A body where none is wanted.
      const hasBody = random.chance(0.05) && !isHead;
      const body = hasBody ? { body: Buffer.from(stringToken(random)) } : {};
      return { ...head, method: isHead ? 'HEAD' : method, headers, ...body };
    }
    const type = random.pick(media);
    const plain = this.#body(operation, type);
    const { headers: encoding, ...encoded } = encode(plain, random);
    headers.push(...contentType(type, random), ...encoding);
    return { ...head, method, headers, ...encoded, plain, chunked: random.chance(0.1) };
  }

  #body({ path, bodies }: Operation, type: string): string {
    const { random } = this;
    const schema = bodies[type] ?? {};
    if (path.endsWith('/login') && random.chance(0.4)) return this.#knownCredentials();
    const isSound = random.chance(HASHING.test(path) ? 0.25 : 0.5);
    if (type !== 'application/json')
      return isSound ? soundString(schema, random) : stringToken(random).slice(1, -1);
    return isSound ? soundValue(schema, random) : unsoundValue(schema, random);
  }

  /** Passwords of the others are guessed, until the limit of failed log-ins. */
  #knownCredentials(): string {
    const { login, password } = this.random.pick(this.members);
    const isFirst = login === this.members[0].login;
    return JSON.stringify({ login, password: isFirst ? password : 'guess' });
  }

  /** Whoever logs out does so in a session of its own: otherwise all that follows would be 401. */
  #member(path: string): Member {
    const member = this.random.pick(this.members);
    if (!path.endsWith('/logout')) return member;
    const jti = this.random.digits(12);
    return { ...member, token: forgeToken({ ...claimsOf(member.userId), jti }) };
  }

  #undocumented(): HostileRequest {
    const { random } = this;
    const { operations } = this.document;
    const { path } = random.pick(operations);
    const isSigned = random.chance(0.5);
    const signed = isSigned ? credentials(this.#member(path), random) : [];
    const headers = [...noise(random), ...signed];
    if (random.chance(0.4)) {
      const used = operations.filter((each) => each.path === path).map(({ method }) => method);
      const method = random.pick(METHODS.filter((each) => !used.includes(each)));
      return { method, target: path + this.#query(), headers };
    }
    const method = random.pick(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']);
    return { method, target: random.pick(TARGETS).replace('PATH', path), headers };
  }

  #query(): string {
    return this.random.chance(0.9) ? '' : this.random.pick(QUERIES);
  }
}

const METHODS =
  'PUT PATCH DELETE OPTIONS PROPFIND POST GET TRACE QUERY M-SEARCH PURGE SEARCH'.split(' ');

const QUERIES = [
  ...'? ?a=b ?__proto__[x]=1&constructor=2 ?%00 ?%zz ?a[]=1&a[1]=2 ?limit=-1 ?? ?#'.split(' '),
  "?id=1'--",
  `?${'a=1&'.repeat(1_000)}`,
];

/** Paths that ought to lead nowhere; some lead where the documented `PATH` itself leads. */
const TARGETS = [
  ...'/ /docs /docs-json /docs/swagger-ui.css /docs/../package.json /docs//etc/passwd'.split(' '),
  ...'/docs/..%2f..%2fpackage.json /docs/%2e%2e/%2e%2e/etc/passwd'.split(' '),
  ...'/docs/....//....//etc/passwd /.env /.git/config /favicon.ico /%00 /%c3%28 /%zz'.split(' '),
  ...'/%e0%80%af // /* /__proto__/constructor /API/USER/BALANCE PATH/ /PATH'.split(' '),
  ...'PATH/../orders PATH%2f PATH;a=b PATH/12345678903 PATH.json PATH%20'.split(' '),
  `/${'x'.repeat(5_000)}`,
  `/${'a/'.repeat(2_000)}`,
];
