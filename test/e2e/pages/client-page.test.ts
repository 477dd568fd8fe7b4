import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculating, processed } from '../../support/fakes/scripted-accrual.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';
import { runToEnd } from '../../support/processes/child.js';

const CLIENT = 'clients/typescript';
const PAGE = readFileSync(join(CLIENT, 'README.md'), 'utf8');
const TSC = resolve('node_modules/typescript/bin/tsc');

/** Of a shop whose compiler knows Node and no browser. */
const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2022'],
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    noImplicitReturns: true,
    verbatimModuleSyntax: true,
    types: ['node'],
    typeRoots: [resolve('node_modules/@types')],
    rootDir: '.',
    outDir: 'built',
  },
};

/** The samples of the page, as a shop's program beside a copy of the client. */
function writeShop(folder: string): void {
  const samples = [...PAGE.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
  writeFileSync(join(folder, 'shop.ts'), samples.join('\n'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  cpSync(join(CLIENT, 'src'), join(folder, 'gophermart'), { recursive: true });
  cpSync(join(CLIENT, 'node.d.ts'), join(folder, 'node.d.ts'));
}

describe('the page of the client', () => {
  let service: TestService;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gophermart-shop-'));
    const issueOrderNumber = (): string => {
      const number = freshNumber();
      service.accrual.script(number, calculating(number), processed(number, '500'));
      return number;
    };
    service = await startTestService({
      sandbox: { issueOrderNumber },
      settings: { cashback: { tickMs: 20 } },
    });
  });

  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  it('has samples that compile and work', async () => {
    writeShop(folder);
    const compiled = await runToEnd(process.execPath, [TSC, '-p', folder]);
    expect(compiled).toEqual({ exitCode: 0, output: '', errors: '' });
    const env = { API: service.url };
    const ran = await runToEnd(process.execPath, [join(folder, 'built/shop.js')], undefined, {
      env,
    });
    expect(ran).toEqual({ exitCode: 0, output: '', errors: '' });
  });

  it('has links that lead somewhere', () => {
    const links = [...PAGE.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(0);
    for (const path of links) expect(readFileSync(join(CLIENT, path), 'utf8')).not.toBe('');
  });
});
