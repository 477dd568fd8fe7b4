import { join } from 'node:path';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { json, type RawReply, send, text } from '../../support/http/raw-http.js';
import {
  eventually,
  invalid,
  processed,
  ScriptedAccrual,
} from '../../support/fakes/scripted-accrual.js';
import { Replica } from '../support/replica.js';
import { TortureDatabase } from '../support/torture-database.js';
import type { Member } from './requests/headers.js';

const PRELOADED = new URL('collect-garbage.mjs', import.meta.url).href;

/**
 * Orders of members that brought points, and that they have paid for: what good requests repeat.
 */
export const NUMBERS = {
  rich: OrderNumber.withCheckDigit('700001').value,
  wired: OrderNumber.withCheckDigit('700002').value,
};

/** Whom the attackers are, and whom they must leave alone. */
interface Members {
  /** With a million points. */
  readonly rich: Member;
  readonly poor: Member;
  /** Whose requests get broken on the wire. */
  readonly wired: Member;
  /** Has neither points nor orders, whatever the others do. */
  readonly onlooker: Member;
}

/** One replica with its defaults, as an attacker meets it, and members for the attackers to be. */
export class Stage {
  private constructor(
    private readonly database: TortureDatabase,
    private readonly accrual: ScriptedAccrual,
    readonly replica: Replica,
    readonly members: Members,
  ) {}

  static async set(): Promise<Stage> {
    const [database, accrual] = await Promise.all([
      TortureDatabase.start(),
      ScriptedAccrual.start(),
    ]);
    // Without a decision, thousands of numbers would be asked about all the time.
    accrual.fallback = (request, response) => {
      const { body } = invalid(request.url?.split('/').at(-1) ?? '');
      response.writeHead(200).end(body);
    };
    let replica: Replica | undefined;
    try {
      replica = await Replica.start({
        databaseUri: database.uri,
        accrualAddress: accrual.url,
        logFile: join(database.folder, 'replica.log'),
        settings: {
          NODE_OPTIONS: `--import=${PRELOADED}`,
          MEMORY_FILE: join(database.folder, 'memory.json'),
        },
      });
      const { url } = replica;
      const members = {
        rich: await register(url, 'rich'),
        poor: await register(url, 'poor'),
        wired: await register(url, 'wired'),
        onlooker: await register(url, 'onlooker'),
      };
      const stage = new Stage(database, accrual, replica, members);
      await stage.enrich(members.rich, NUMBERS.rich);
      await stage.enrich(members.wired, NUMBERS.wired);
      return stage;
    } catch (error) {
      await replica?.end('SIGKILL');
      await accrual.stop();
      await database.stop(true);
      throw error;
    }
  }

  /** Where the replica writes how much memory it uses. */
  get memoryFile(): string {
    return join(this.database.folder, 'memory.json');
  }

  /** What is told of a failure must be looked up in the replica's log. */
  get folder(): string {
    return this.database.folder;
  }

  /** @param keep database and log, to be looked into. */
  async clear(keep: boolean): Promise<void> {
    await this.replica.end('SIGTERM');
    await this.accrual.stop();
    await this.database.stop(keep);
  }

  private async enrich({ token }: Member, number: string): Promise<void> {
    const headers = { authorization: `Bearer ${token}` };
    const { url } = this.replica;
    this.accrual.script(number, processed(number, '1000000'));
    await send(url, 'POST /api/user/orders', text(number, headers));
    await eventually('points arrive', async () =>
      (await send(url, 'GET /api/user/balance', { headers })).text.includes('1000000'),
    );
    const paid = await send(
      url,
      'POST /api/user/balance/withdraw',
      json(`{"order":"${number}","sum":1}`, headers),
    );
    if (paid.status !== 200)
      throw new Error(`a withdrawal while the stage is set: ${paid.status} ${paid.text}`);
  }
}

async function register(url: string, login: string): Promise<Member> {
  const password = `the password of ${login}`;
  const reply: RawReply = await send(
    url,
    'POST /api/user/register',
    json(JSON.stringify({ login, password })),
  );
  const token = (reply.headers.authorization ?? '').replace('Bearer ', '');
  const { sub } = JSON.parse(
    Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}',
  ) as { sub?: string };
  if (sub === undefined) throw new Error(`${login} cannot register: ${reply.status} ${reply.text}`);
  return { login, password, userId: sub, token };
}
