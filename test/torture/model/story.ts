import { setTimeout as pause } from 'node:timers/promises';
import { by, type Call as ApiCall, get, tokenOf } from '../../support/http/client.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import type { Operator } from '../support/operator.js';
import type { Site } from '../support/site.js';
import { disagreement, type Expectation, type Occasion } from './reference/expectation.js';
import type { LoyaltyModel } from './reference/loyalty-model.js';
import { shorten } from './reference/rows.js';

/** The contract's 2 s, and one for a busy machine. */
const REFUSED_WITHIN_MS = 3_000;

/** The service did what the model does not: the end of a story. */
export class Disagreement extends Error {}

/** One call to the API, or an operator's command, with what it means to the model. */
export interface Call {
  /** For the counts. */
  readonly kind: string;
  /** As in "ann uploads 79927398713". */
  readonly told: string;
  /** Of an operator what stands on the command line. */
  readonly request: ApiCall | readonly string[];
  /** The session whose token is shown. */
  readonly session?: string;
  /** The session whose token the reply brings, if it brings one, and whose it is. */
  readonly begins?: { readonly name: string; readonly session: string };
  /**
   * What the model does, and answers.
   *
   * @param reply decides where either answer is right.
   */
  apply(model: LoyaltyModel, occasion: Occasion, reply: RawReply): Expectation;
}

/** How a call went. */
export interface Answered {
  readonly call: Call;
  readonly reply: RawReply;
  readonly occasion: Occasion;
}

/** What a story happens to. */
export interface Stage {
  readonly site: Site;
  readonly operator: Operator;
}

/** A session as its owner knows it. */
export interface Held {
  readonly session: string;
  readonly token: string;
}

/** One run of steps. Its users and numbers are its own: it needs no fresh database. */
export class Story {
  /** What happened so far, a line each. */
  readonly lines: string[] = [];
  readonly site: Site;
  readonly operator: Operator;
  /** Those of each user, the latest last. */
  readonly #held = new Map<string, Held[]>();
  #turn = 0;
  #sessions = 0;

  constructor(
    /** Tells this story's logins and numbers from others'. */
    readonly index: number,
    { site, operator }: Stage,
  ) {
    this.site = site;
    this.operator = operator;
  }

  url(replica: number): string {
    const { services } = this.site;
    return services[replica % services.length]?.url ?? '';
  }

  /** Calls of one turn are made at once. */
  nextTurn(): number {
    return ++this.#turn;
  }

  get turn(): number {
    return this.#turn;
  }

  /** A name for a session that may begin. */
  nextSession(): string {
    return `session ${++this.#sessions}`;
  }

  /** The latest session of a user, or the one before; undefined before they registered. */
  sessionOf(name: string, older = false): Held | undefined {
    const held = this.#held.get(name) ?? [];
    return held.at(older && held.length > 1 ? -2 : -1);
  }

  /** Who has had a session. */
  get known(): string[] {
    return [...this.#held.keys()];
  }

  /** Makes a call and believes what it says; the caller compares that with the model. */
  async make(call: Call, replica: number, turn: number): Promise<Answered> {
    const from = Date.now();
    const reply = await this.#reply(call.request, replica).catch((error: unknown) =>
      this.fail(`${call.told} → no reply: ${(error as Error).message}`),
    );
    this.site.findings.tally(call.kind, reply.status);
    const token = tokenOf(reply);
    if (call.begins && token !== undefined) {
      const { name, session } = call.begins;
      this.#held.set(name, [...(this.#held.get(name) ?? []), { session, token }]);
    }
    return { call, reply, occasion: { turn, moment: { from, to: Date.now() } } };
  }

  /** Makes a call that nothing runs beside, and demands what the model says. */
  async demand(model: LoyaltyModel, call: Call, replica: number): Promise<void> {
    const { reply, occasion } = await this.make(call, replica, this.nextTurn());
    const problem = disagreement(call.apply(model, occasion, reply), reply);
    if (problem !== undefined) this.fail(`${call.told} → ${problem}`);
    this.tell(`${call.told} → ${reply.status}`);
    await this.untilRefused(model, occasion.turn);
  }

  /** Demands that no replica believes the tokens of those sessions that ended in a turn. */
  async untilRefused(model: LoyaltyModel, turn: number): Promise<void> {
    const ended = new Set(model.access.endedIn(turn));
    const held = [...this.#held.values()].flat().filter(({ session }) => ended.has(session));
    const deadline = Date.now() + REFUSED_WITHIN_MS;
    for (const { session, token } of held)
      for (const replica of this.site.services.keys())
        while ((await this.#reply(by(token, get('balance')), replica)).status !== 401) {
          if (Date.now() > deadline)
            this.fail(
              `replica ${replica} believes ${session} ${REFUSED_WITHIN_MS} ms after its end`,
            );
          await pause(10);
        }
    if (held.length > 0) this.site.findings.tally('sessions', 'ended', held.length);
  }

  /** Reads something, for whoever compares it with the model. */
  async ask(
    { token }: Held,
    path: string,
    replica: number,
    more: Readonly<Record<string, string>> = {},
  ): Promise<RawReply> {
    const { headers, ...call } = by(token, get(path));
    return this.#reply({ ...call, headers: { ...headers, ...more } }, replica);
  }

  tell(line: string): void {
    this.lines.push(shorten(line, 3_000));
  }

  /** Ends the story with its last line. @throws Disagreement */
  fail(line: string): never {
    this.tell(line);
    throw new Disagreement(line);
  }

  async #reply(request: Call['request'], replica: number): Promise<RawReply> {
    if ('line' in request) return send(this.url(replica), request.line, request);
    const { code, lines } = await this.operator.run(request);
    const text = lines.join('\n');
    return { status: code, headers: {}, text, bytes: Buffer.from(text) };
  }
}
