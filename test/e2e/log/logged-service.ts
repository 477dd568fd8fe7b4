import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { ServiceProcess } from '../../support/processes/service-process.js';

/** A line of the log. */
export type Line = Readonly<Record<string, unknown>> & { readonly msg: string };

/** The password of the accrual system. */
export const ACCRUAL_PASSWORD = 'accrual-s3cret';

/** The built service as a process, with a customer, and its log. */
export class LoggedService {
  private constructor(
    readonly process: ServiceProcess,
    readonly database: TestDatabase,
    readonly accrual: ScriptedAccrual,
    readonly customer: Customer,
    private readonly folder: string,
  ) {}

  static async start(settings: Readonly<Record<string, string>>): Promise<LoggedService> {
    const [database, accrual] = [await createTestDatabase(), await ScriptedAccrual.start()];
    const folder = mkdtempSync(join(tmpdir(), 'gophermart-log-lines-'));
    writeFileSync(join(folder, 'log'), '');
    const process = await ServiceProcess.start({
      databaseUri: database.uri,
      accrualAddress: accrual.url.replace('://', `://gopher:${ACCRUAL_PASSWORD}@`),
      logFile: join(folder, 'log'),
      settings: { CASHBACK_TICK_MS: '20', ...settings },
    });
    const customer = await Customer.register(process.url);
    return new LoggedService(process, database, accrual, customer, folder);
  }

  get url(): string {
    return this.process.url;
  }

  get userId(): string {
    return readClaims(this.customer.authorization).sub;
  }

  /** All that it has printed so far. */
  get text(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  /** Only what it says to whoever typed the command is no JSON. */
  get lines(): readonly Line[] {
    return this.text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line);
  }

  linesOf(msg: string): readonly Line[] {
    return this.lines.filter((line) => line.msg === msg);
  }

  /** The one line that says so, once it is there. */
  async lineOf(msg: string): Promise<Line> {
    await eventually(`the log says: ${msg}`, () => this.linesOf(msg).length > 0);
    expect(this.linesOf(msg)).toHaveLength(1);
    return this.linesOf(msg)[0] as Line;
  }

  async end(): Promise<void> {
    await this.process.end('SIGKILL');
    await this.accrual.stop();
    await this.database.drop();
    rmSync(this.folder, { recursive: true });
  }
}
