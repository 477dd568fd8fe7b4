import { Agent } from 'node:http';
import type { RawReply } from '../../../support/http/raw-http.js';
import type { Findings } from '../../findings.js';
import type { Judge } from '../judge.js';
import type { RequestGenerator } from './generator.js';
import { exchange, type HostileRequest, printRequest } from './request.js';

interface Tried {
  readonly reply: RawReply | undefined;
  readonly complaints: readonly string[];
  readonly shown: string;
}

/** Sends what the generator draws and has the replies judged. */
export class RequestAttack {
  constructor(
    private readonly url: string,
    private readonly judge: Judge,
    private readonly findings: Findings,
  ) {}

  /**
   * One request after another over a connection that is kept: what is left of one must not become
   * part of the next.
   *
   * @param first is sent before anything is drawn; several may share it.
   */
  async goOn(
    generator: RequestGenerator,
    first: Iterator<HostileRequest>,
    until: AbortSignal,
  ): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!until.aborted) {
      const { value = generator.next() } = first.next() as { value?: HostileRequest };
      await this.#send(agent, value);
    }
    agent.destroy();
  }

  async #send(agent: Agent, request: HostileRequest): Promise<void> {
    const name = request.operation?.name ?? 'not in the document';
    this.findings.count('requests');
    const first = await this.#try(agent, request);
    this.findings.tally(name, first.reply?.status ?? 'no reply');
    for (const complaint of first.complaints) {
      const what = `${name}: ${complaint}`;
      const isKnown = this.findings.knows(what);
      const told = isKnown ? '' : await this.#tell(agent, request, complaint, first);
      this.findings.violation(what, told);
    }
  }

  async #try(agent: Agent, request: HostileRequest): Promise<Tried> {
    try {
      const reply = await exchange(agent, this.url, request);
      const shown = `${reply.status} ${JSON.stringify(reply.headers)} ${reply.text.slice(0, 400)}`;
      return { reply, complaints: [...this.judge.complaints(request, reply)], shown };
    } catch (error) {
      return { reply: undefined, complaints: ['no reply'], shown: (error as Error).message };
    }
  }

  /** The request with its reply, without the headers that have nothing to do with the complaint. */
  async #tell(
    agent: Agent,
    request: HostileRequest,
    complaint: string,
    first: Tried,
  ): Promise<string> {
    let [smallest, told] = [request, first];
    for (const header of request.headers) {
      const smaller = { ...smallest, headers: smallest.headers.filter((each) => each !== header) };
      const tried = await this.#try(agent, smaller);
      if (tried.complaints.includes(complaint)) [smallest, told] = [smaller, tried];
    }
    return `${printRequest(smallest)} → ${told.shown}`;
  }
}
