import { type Call as ApiCall, tokenOf } from '../../support/http/client.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import type { Site } from '../support/site.js';
import { disagreement, type Expectation, shorten } from './expectation.js';
import type { LoyaltyModel, Occasion } from './loyalty-model.js';

/** The service did what the model does not: the end of a story. */
export class Disagreement extends Error {}

/** One call to the API, with what it means to the model. */
export interface Call {
  /** For the counts. */
  readonly kind: string;
  /** As in "ann uploads 79927398713". */
  readonly told: string;
  readonly request: ApiCall;
  /** Whose token the reply brings, if it brings one. */
  readonly signsIn?: string;
  /** What the model does, and answers. */
  apply(model: LoyaltyModel, occasion: Occasion): Expectation;
}

/** How a call went. */
export interface Answered {
  readonly call: Call;
  readonly reply: RawReply;
  readonly occasion: Occasion;
}

/** One run of steps. Its users and numbers are its own: it needs no fresh database. */
export class Story {
  /** What happened so far, a line each. */
  readonly lines: string[] = [];
  readonly #tokens = new Map<string, string>();
  #turn = 0;

  constructor(
    /** Tells this story's logins and numbers from others'. */
    readonly index: number,
    readonly site: Site,
  ) {}

  url(replica: number): string {
    const { services } = this.site;
    return services[replica % services.length]?.url ?? '';
  }

  /** Calls of one turn are made at once. */
  nextTurn(): number {
    return ++this.#turn;
  }

  /** The latest token of a user; undefined before they registered. */
  tokenOf(name: string): string | undefined {
    return this.#tokens.get(name);
  }

  /** Who has a token. */
  get signedIn(): string[] {
    return [...this.#tokens.keys()];
  }

  /** Makes a call and believes what it says; the caller compares that with the model. */
  async make(call: Call, replica: number, turn: number): Promise<Answered> {
    const from = Date.now();
    const { line, ...request } = call.request;
    const reply = await send(this.url(replica), line, request).catch((error: unknown) =>
      this.fail(`${call.told} → no reply: ${(error as Error).message}`),
    );
    this.site.findings.tally(call.kind, reply.status);
    const token = tokenOf(reply);
    if (call.signsIn !== undefined && token !== undefined) this.#tokens.set(call.signsIn, token);
    return { call, reply, occasion: { turn, moment: { from, to: Date.now() } } };
  }

  /** Makes a call that nothing runs beside, and demands what the model says. */
  async demand(model: LoyaltyModel, call: Call, replica: number): Promise<void> {
    const { reply, occasion } = await this.make(call, replica, this.nextTurn());
    const problem = disagreement(call.apply(model, occasion), reply);
    if (problem !== undefined) this.fail(`${call.told} → ${problem}`);
    this.tell(`${call.told} → ${reply.status}`);
  }

  tell(line: string): void {
    this.lines.push(shorten(line, 3_000));
  }

  /** Ends the story with its last line. @throws Disagreement */
  fail(line: string): never {
    this.tell(line);
    throw new Disagreement(line);
  }
}
