import type { RawReply } from '../../../support/http/raw-http.js';
import type { Findings } from '../../findings.js';
import type { Random } from '../../support/random.js';
import type { Leaks } from '../judge.js';
import { escape } from '../requests/request.js';
import { DELIVERIES } from './deliveries.js';
import { FRAMINGS } from './framings.js';
import { HEADS } from './heads.js';
import { fire, type Outcome } from './raw-exchange.js';
import type { Sample, Volley } from './sample.js';

const MUTATIONS = Object.entries({ ...DELIVERIES, ...FRAMINGS, ...HEADS });

const ERROR = /^\{"code":(\d{3}),"message":"[^"]+","error":"Err\w+"(?:,"detail":".+")?\}$/;

/** Breaks good requests on their way, and judges what comes back. */
export class WireAttack {
  /** Every kind comes up as often as any other: in turn, not by luck. */
  #turn = 0;

  constructor(
    private readonly port: number,
    private readonly samples: readonly Sample[],
    private readonly leaks: Leaks,
    private readonly findings: Findings,
  ) {}

  async goOn(random: Random, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      const [kind = '', mutation] = MUTATIONS[this.#turn++ % MUTATIONS.length] ?? [];
      if (!mutation) continue;
      const volley = mutation(random.pick(this.samples), random, this.samples);
      this.#judge(kind, volley, await fire(this.port, volley));
      this.findings.count('broken requests');
    }
  }

  #judge(kind: string, volley: Volley, { replies, problem }: Outcome): void {
    const statuses = replies.map(({ status }) => status);
    for (const status of statuses.length === 0 ? ['no reply'] : statuses)
      this.findings.tally(kind, status);
    const { writes, ending, expected, atMost, hidden } = volley;
    const complain = (complaint: string): void => {
      const sent =
        writes.length > 3
          ? `${escape(Buffer.concat(writes))} in ${writes.length} packets`
          : writes.map((each) => escape(each)).join(' | ');
      const got = replies.map(({ status, text }) => `${status} ${text.slice(0, 300)}`).join(' | ');
      this.findings.violation(`${kind}: ${complaint}`, `${sent}, ${ending} → ${got || 'nothing'}`);
    };
    if (problem !== undefined) complain(problem);
    if (expected && statuses.join() !== expected.join())
      complain(`replies ${summary(statuses)}, not ${summary(expected)}`);
    // A 400 says that the rest makes no sense, also after a reply that did not wait for the rest.
    const answered = statuses.filter((status) => status !== 400).length;
    if (answered > atMost) complain(`${answered} replies, not ${atMost} at most`);
    if (hidden !== undefined && statuses.includes(hidden)) complain('a hidden request is answered');
    for (const reply of replies)
      for (const complaint of this.#aboutReply(volley, reply)) complain(complaint);
  }

  *#aboutReply({ writes }: Volley, { status, headers, text }: RawReply): Generator<string> {
    if (status >= 500) yield `a ${status}`;
    if (status >= 400) {
      const [, code] = ERROR.exec(text) ?? [];
      if (code !== String(status) || headers['content-type'] !== 'application/json; charset=utf-8')
        yield `a ${status} that is no error of ours`;
    }
    // A script of the documentation is full of paths and errors, of its own.
    const body = headers['content-type']?.startsWith('application/json') ? text : '';
    const shown = `${Object.values(headers).join('\n')}\n${body}`;
    const leak = this.leaks.find(shown, Buffer.concat(writes).toString('latin1'), false);
    if (leak !== undefined) yield `leaks ${leak}`;
  }
}

/** Twenty pipelined replies make one kind of finding, not twenty. */
function summary(statuses: readonly number[]): string {
  return statuses.length <= 1 ? String(statuses[0] ?? 'none') : 'of a whole line';
}
