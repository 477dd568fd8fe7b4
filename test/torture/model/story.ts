import { join } from 'node:path';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { type Call as ApiCall, tokenOf } from '../../support/http/client.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import { DatabaseServer } from '../../support/processes/database-server.js';
import { ServiceProcess } from '../../support/processes/service-process.js';
import { Findings } from '../findings.js';
import { disagreement, type Expectation, shorten } from './expectation.js';
import type { LoyaltyModel, Occasion } from './loyalty-model.js';

/** Orders are asked about often and leases are short: no story waits longer than it must. */
const SETTINGS = {
  LOGIN_RATE_LIMIT: '0',
  CASHBACK_TICK_MS: '20',
  CASHBACK_SPACING_MIN_MS: '10',
  CASHBACK_SPACING_MAX_MS: '100',
  CASHBACK_LEASE_MS: '1000',
  CASHBACK_TIMEOUT_MS: '500',
};

/** What all stories use: two replicas, a database, an accrual system that says what it is told. */
export class Services {
  readonly findings = new Findings();
  readonly replicas: ServiceProcess[] = [];

  private constructor(
    readonly database: DatabaseServer,
    readonly accrual: ScriptedAccrual,
  ) {}

  static async start(): Promise<Services> {
    const services = new Services(await DatabaseServer.start(), await ScriptedAccrual.start());
    const { database, accrual, replicas } = services;
    try {
      for (const name of ['one', 'two'])
        replicas.push(
          await ServiceProcess.start({
            databaseUri: database.uri(),
            accrualAddress: accrual.url,
            logFile: join(database.folder, `${name}.log`),
            settings: SETTINGS,
          }),
        );
      return services;
    } catch (error) {
      await services.stop(true);
      throw error;
    }
  }

  url(replica: number): string {
    return this.replicas[replica % this.replicas.length]?.url ?? '';
  }

  /** @param keep database and logs, to be looked into. */
  async stop(keep: boolean): Promise<void> {
    await Promise.allSettled(this.replicas.map((replica) => replica.end('SIGTERM')));
    await this.accrual.stop();
    await this.database.stop(keep);
  }
}

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
    readonly services: Services,
  ) {}

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
    const reply = await send(this.services.url(replica), line, request).catch((error: unknown) =>
      this.fail(`${call.told} → no reply: ${(error as Error).message}`),
    );
    this.services.findings.tally(call.kind, reply.status);
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
