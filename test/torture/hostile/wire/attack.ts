import type { RawReply } from '../../../support/http/raw-http.js';
import type { Random } from '../../support/random.js';
import type { Findings } from '../findings.js';
import type { Leaks } from '../leaks.js';
import type { Tally } from '../tally.js';
import { escape } from '../requests/hostile-request.js';
import { DELIVERIES } from './mutations/deliveries.js';
import { FRAMINGS } from './mutations/framings.js';
import { HEADS } from './mutations/heads.js';
import type { Sample } from './mutations/sample.js';
import { fire, type Outcome, type Volley } from './raw-exchange.js';

const MUTATIONS = Object.entries({ ...DELIVERIES, ...FRAMINGS, ...HEADS });

/**
 * Breaks good requests on their way, and holds what comes back against what a server must do with
 * broken ones.
 */
export class WireAttack {
  #fired = 0;
  /** Every kind comes up as often as any other: in turn, not by luck. */
  #turn = 0;

  constructor(
    private readonly port: number,
    private readonly samples: readonly Sample[],
    private readonly leaks: Leaks,
    private readonly findings: Findings,
    private readonly tally: Tally,
  ) {}

  async goOn(random: Random, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      const [kind = '', mutation] = MUTATIONS[this.#turn++ % MUTATIONS.length] ?? [];
      if (!mutation) continue;
      const volley = { kind, ...mutation(random.pick(this.samples), random, this.samples) };
      this.#judge(volley, await fire(this.port, volley));
      this.#fired++;
    }
  }

  get fired(): number {
    return this.#fired;
  }

  #judge(volley: Volley, { replies, problem }: Outcome): void {
    const statuses = replies.map(({ status }) => status);
    for (const status of statuses.length === 0 ? ['no reply'] : statuses)
      this.tally.count(volley.kind, status);
    const complain = (complaint: string): void => {
      const sent = volley.writes.length > 3 ? Buffer.concat(volley.writes) : undefined;
      const bytes = sent
        ? `${escape(sent)} in ${volley.writes.length} packets`
        : volley.writes.map((each) => escape(each)).join(' | ');
      const got =
        replies.map(({ status, text }) => `${status} ${text.slice(0, 300)}`).join(' | ') ||
        'nothing';
      this.findings.add(`${volley.kind}: ${complaint}`, `${bytes}, ${volley.ending} → ${got}`);
    };
    if (problem !== undefined) complain(problem);
    if (volley.expected && statuses.join() !== volley.expected.join())
      complain(`replies ${summary(statuses)}, not ${summary(volley.expected)}`);
    // A 400 says that the rest makes no sense, also after a reply that did not wait for the rest.
    const answered = statuses.filter((status) => status !== 400).length;
    if (answered > volley.atMost) complain(`${answered} replies, not ${volley.atMost} at most`);
    if (volley.hidden !== undefined && statuses.includes(volley.hidden))
      complain('a hidden request is answered');
    for (const reply of replies)
      for (const complaint of this.#aboutReply(volley, reply)) complain(complaint);
  }

  *#aboutReply({ writes }: Volley, { status, headers, text }: RawReply): Generator<string> {
    if (status >= 500) yield `a ${status}`;
    if (status >= 400) {
      const [, code] = /^\{"code":(\d{3}),"message":"[^"]+"\}$/.exec(text) ?? [];
      if (code !== String(status) || headers['content-type'] !== 'application/json; charset=utf-8')
        yield `a ${status} that is no error of ours`;
    }
    // A script of the documentation is full of paths and errors, of its own.
    const body = headers['content-type']?.startsWith('application/json') ? text : '';
    const shown = `${Object.values(headers).join('\n')}\n${body}`;
    const found = this.leaks.find({
      text: shown,
      sent: Buffer.concat(writes).toString('latin1'),
      mayHaveToken: false,
    });
    if (found !== undefined) yield `leaks ${found}`;
  }
}

/**
 * The first difference is what matters: twenty pipelined replies make a kind of finding, not
 * twenty.
 */
function summary(statuses: readonly number[]): string {
  return statuses.length <= 1 ? String(statuses[0] ?? 'none') : 'of a whole line';
}
