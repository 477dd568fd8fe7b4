import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BUILD } from '../../support/processes/service-process.js';

/** Writes the path of everything that is imported to the file that LIST names. */
const LISTING = `
  import { appendFileSync } from 'node:fs';
  export async function resolve(specifier, context, next) {
    const found = await next(specifier, context);
    appendFileSync(process.env.LIST, found.url + '\\n');
    return found;
  }`;

/** Loads what `main.js` loads for a process of these roles, and starts nothing. */
const LOADING = `
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(LISTING)}));
  await import('./dist/src/service/run.js');
  const { AppModule } = await import('./dist/src/app.module.js');
  await AppModule.forRoot({
    process: { roles: process.argv[1].split(','), environment: 'production' },
    postgres: { uri: 'postgres://nowhere/', pool: 1 },
    rpc: {},
  });`;

/** What is imported of packages and of the service, without `node_modules` and `dist/src`. */
function loadedBy(roles: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-loaded-'));
  const list = join(folder, 'list');
  const argv = ['--input-type=module', '-e', LOADING, roles];
  execFileSync(process.execPath, argv, { cwd: BUILD, env: { ...process.env, LIST: list } });
  const urls = readFileSync(list, 'utf8').split('\n');
  rmSync(folder, { recursive: true });
  return urls.flatMap((url) => /(?:.*node_modules|dist\/src)\/(.*)/.exec(url)?.[1] ?? []);
}

/** Doors, their documents, and what checks bodies and passwords. */
const OF_REQUESTS =
  /^(@nestjs\/(swagger|passport|jwt)|class-validator|@grpc|passport|argon2|swagger-ui-dist)\//;
const DOORS = /^(auth|orders|account|live|query)\/(http|grpc)\/(?!\w+\.errors\.js)/;
const MODULES = /^(auth|orders|account|cashback|customers|live|reconciliation)\/.*\.module\.js/;

describe('a process', () => {
  it('loads neither doors nor other modules where it is a relay alone', () => {
    const loaded = loadedBy('relay');
    expect(loaded).toContain('journal/relay.module.js');
    expect(
      loaded.filter((each) => [OF_REQUESTS, DOORS, MODULES].some((it) => it.test(each))),
    ).toEqual([]);
  });

  it.each(['accrual', 'query'])('loads no doors where it is %s alone', (role) => {
    const loaded = loadedBy(role);
    expect(loaded).toContain('platform/platform.module.js');
    expect(loaded.filter((each) => OF_REQUESTS.test(each) || DOORS.test(each))).toEqual([]);
  });

  it('loads no TypeORM where it is a portal alone', () => {
    const loaded = loadedBy('portal');
    expect(loaded).toContain('auth/http/auth.controller.js');
    expect(loaded.filter((each) => /^(typeorm|@nestjs\/typeorm)\//.test(each))).toEqual([]);
  });

  it('loads the doors where it is everything', () => {
    const loaded = loadedBy('portal,billing,accrual,relay');
    expect(loaded.filter((each) => OF_REQUESTS.test(each))).not.toEqual([]);
    expect(loaded.filter((each) => DOORS.test(each))).not.toEqual([]);
  });
});
