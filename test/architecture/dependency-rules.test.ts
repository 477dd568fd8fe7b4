import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

interface Planted {
  readonly rule: string;
  readonly file: string;
  readonly imports: string;
}

const CONFIG = resolve('.dependency-cruiser.mjs');

/**
 * Every rule broken, some in more than one way; what is imported is planted too, where it is ours.
 */
const PLANTED: readonly Planted[] = [
  { rule: 'domain-stands-alone', file: 'src/orders/domain/nest.ts', imports: '@nestjs/common' },
  { rule: 'domain-stands-alone', file: 'src/orders/domain/core.ts', imports: 'node:crypto' },
  {
    rule: 'domain-stands-alone',
    file: 'src/orders/domain/use-case.ts',
    imports: '../application/target.js',
  },
  {
    rule: 'domain-stands-alone',
    file: 'src/cashback/domain/neighbour.ts',
    imports: '../../orders/domain/target.js',
  },
  {
    rule: 'domain-stands-alone',
    file: 'src/kernel/domain/upwards.ts',
    imports: '../application/target.js',
  },
  {
    rule: 'application-knows-no-adapters',
    file: 'src/orders/application/adapter.ts',
    imports: '../infrastructure/target.js',
  },
  {
    rule: 'application-knows-no-adapters',
    file: 'src/orders/application/http.ts',
    imports: '../../platform/http/target.js',
  },
  {
    rule: 'application-knows-no-technology',
    file: 'src/orders/application/orm.ts',
    imports: 'typeorm',
  },
  {
    rule: 'application-knows-no-technology',
    file: 'src/orders/application/nest-orm.ts',
    imports: '@nestjs/typeorm',
  },
  {
    rule: 'infrastructure-knows-no-http',
    file: 'src/account/infrastructure/http.ts',
    imports: '../http/target.js',
  },
  {
    rule: 'http-knows-no-infrastructure',
    file: 'src/account/http/sql.ts',
    imports: '../infrastructure/target.js',
  },
  {
    rule: 'http-knows-no-infrastructure',
    file: 'src/account/http/platform-sql.ts',
    imports: '../../platform/postgres/target.js',
  },
  {
    rule: 'cli-knows-no-infrastructure',
    file: 'src/cashback/cli/sql.ts',
    imports: '../infrastructure/target.js',
  },
  {
    rule: 'cli-knows-no-infrastructure',
    file: 'src/cashback/cli/http.ts',
    imports: '../http/target.js',
  },
  {
    rule: 'nobody-knows-cli',
    file: 'src/cashback/application/words.ts',
    imports: '../cli/target.js',
  },
  {
    rule: 'nobody-knows-cli',
    file: 'src/account/http/words.ts',
    imports: '../../platform/cli/target.js',
  },
  {
    rule: 'nobody-knows-operator',
    file: 'src/cashback/cli/process.ts',
    imports: '../../service/operator/target.js',
  },
  {
    rule: 'modules-by-their-index',
    file: 'src/cashback/application/inside.ts',
    imports: '../../orders/application/target.js',
  },
  { rule: 'modules-by-their-index', file: 'src/app.ts', imports: './orders/application/target.js' },
  {
    rule: 'only-cashback-knows-other-modules',
    file: 'src/orders/application/account.ts',
    imports: '../../account/index.js',
  },
  {
    rule: 'only-cashback-knows-other-modules',
    file: 'src/account/application/cashback.ts',
    imports: '../../cashback/index.js',
  },
  {
    rule: 'auth-knows-no-module',
    file: 'src/auth/application/account.ts',
    imports: '../../account/index.js',
  },
  {
    rule: 'reconciliation-knows-no-module',
    file: 'src/reconciliation/application/account.ts',
    imports: '../../account/index.js',
  },
  {
    rule: 'no-module-knows-reconciliation',
    file: 'src/cashback/application/audit.ts',
    imports: '../../reconciliation/index.js',
  },
  { rule: 'kernel-imports-nothing', file: 'src/kernel/domain/nest.ts', imports: '@nestjs/common' },
  {
    rule: 'kernel-imports-nothing',
    file: 'src/kernel/application/adapter.ts',
    imports: '../../platform/postgres/target.js',
  },
  {
    rule: 'platform-knows-no-module',
    file: 'src/platform/postgres/config.ts',
    imports: '../../config/target.js',
  },
  {
    rule: 'platform-knows-no-module',
    file: 'src/platform/http/orders.ts',
    imports: '../../orders/index.js',
  },
  {
    rule: 'infrastructure-knows-no-http',
    file: 'src/platform/postgres/http.ts',
    imports: '../http/target.js',
  },
  {
    rule: 'service-is-the-top',
    file: 'src/config/start.ts',
    imports: '../service/target.js',
  },
  {
    rule: 'embedded-postgres-stands-alone',
    file: 'src/embedded-postgres/settings.ts',
    imports: '../config/target.js',
  },
  {
    rule: 'only-the-service-knows-embedded-postgres',
    file: 'src/config/embedded.ts',
    imports: '../embedded-postgres/index.js',
  },
  {
    rule: 'modules-by-their-index',
    file: 'src/service/embedded.ts',
    imports: '../embedded-postgres/cluster.js',
  },
  {
    rule: 'simulator-stands-alone',
    file: 'src/simulator/domain/config.ts',
    imports: '../../config/target.js',
  },
  {
    rule: 'simulator-stands-alone',
    file: 'src/simulator/http/filter.ts',
    imports: '../../platform/http/target.js',
  },
  {
    rule: 'only-the-start-knows-the-simulator',
    file: 'src/config/simulator.ts',
    imports: '../simulator/index.js',
  },
  { rule: 'no-circles', file: 'src/account/domain/circle.ts', imports: './round.js' },
  { rule: 'no-orphans', file: 'src/orders/domain/alone.ts', imports: '' },
  {
    rule: 'no-development-dependencies',
    file: 'src/orders/infrastructure/check.ts',
    imports: 'fast-check',
  },
  { rule: 'no-development-dependencies', file: 'migrations/check.ts', imports: 'fast-check' },
];

/** The other half of the planted circle, which is reported once. */
const ROUND = { file: 'src/account/domain/round.ts', imports: './circle.js' };

/** What the house allows, in the same tree. */
const ALLOWED: readonly Omit<Planted, 'rule'>[] = [
  { file: 'src/orders/domain/money.ts', imports: '../../kernel/domain/target.js' },
  { file: 'src/orders/application/nest.ts', imports: '@nestjs/common' },
  { file: 'src/orders/application/domain.ts', imports: '../domain/target.js' },
  { file: 'src/orders/http/use-case.ts', imports: '../application/target.js' },
  { file: 'src/orders/infrastructure/orm.ts', imports: 'typeorm' },
  { file: 'src/cashback/cli/use-case.ts', imports: '../application/target.js' },
  { file: 'src/cashback/cli/command.ts', imports: '../../platform/cli/target.js' },
  { file: 'src/service/operator/queue.ts', imports: '../../cashback/index.js' },
  { file: 'src/cashback/application/orders.ts', imports: '../../orders/index.js' },
  { file: 'src/account/http/guard.ts', imports: '../../auth/index.js' },
  { file: 'src/simulator/domain/number.ts', imports: '../../kernel/domain/target.js' },
  { file: 'src/service/start.ts', imports: '../simulator/index.js' },
  { file: 'src/orders/domain/order.spec.ts', imports: 'fast-check' },
];

function cruise(folder: string): Promise<Violation[]> {
  const cli = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  return new Promise((done, fail) => {
    const argv = [cli, '--config', CONFIG, '--output-type', 'json', 'src', 'migrations'];
    execFile(
      process.execPath,
      argv,
      { cwd: folder, maxBuffer: 256 * 1024 * 1024 },
      (error, stdout) => {
        try {
          done((JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations);
        } catch {
          fail(error ?? new Error(stdout));
        }
      },
    );
  });
}

async function ruleNames(): Promise<string[]> {
  const { default: config } = (await import(CONFIG)) as {
    default: { forbidden: { name: string }[] };
  };
  return config.forbidden.map(({ name }) => name);
}

describe('the rules of the house', () => {
  let folder: string;
  let violations: readonly Violation[];

  beforeAll(async () => {
    const files = [...PLANTED, ...ALLOWED, ROUND];
    folder = mkdtempSync(join(tmpdir(), 'gophermart-architecture-'));
    for (const file of ['package.json', 'tsconfig.json']) copyFileSync(file, join(folder, file));
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    for (const { file, imports } of files) {
      plant(file, imports === '' ? '' : `import '${imports}';\n`);
      if (!imports.startsWith('.')) continue;
      const target = join(dirname(file), imports).replace(/\.js$/, '.ts');
      if (!files.some((each) => each.file === target)) plant(target, '');
    }
    violations = await cruise(folder);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function plant(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${text}export {};\n`);
  }

  it.each(PLANTED)('see $rule broken by $file', ({ rule, file }) => {
    expect(violations.filter(({ from }) => from === file).map((each) => each.rule.name)).toContain(
      rule,
    );
  });

  it.each(ALLOWED)('allow $file to import $imports', ({ file }) => {
    expect(violations.filter(({ from }) => from === file)).toEqual([]);
  });

  it('are each seen broken here', async () => {
    const seen = PLANTED.map(({ rule }) => rule);
    expect((await ruleNames()).filter((name) => !seen.includes(name))).toEqual([]);
  });

  it('are kept by the tree', async () => {
    const found = await cruise(process.cwd());
    expect(found.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });
});
