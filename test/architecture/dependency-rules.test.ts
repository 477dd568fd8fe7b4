import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

interface Import {
  readonly file: string;
  /** Empty for a file that nothing imports and that imports nothing. */
  readonly imports: string;
}

interface Planted extends Import {
  readonly rule: string;
}

const CONFIG = resolve('.dependency-cruiser.mjs');

/** A line each: `file ← what it imports`. */
function imports(text: string): Import[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ ?← ?/))
    .map(([file = '', imported = '']) => ({ file, imports: imported }));
}

/** The name of a rule, and below it the imports that break it. */
function planted(text: string): Planted[] {
  let rule = '';
  return text
    .trim()
    .split('\n')
    .flatMap((line) => {
      if (line.includes('←')) return imports(line).map((each) => ({ ...each, rule }));
      rule = line.trim();
      return [];
    });
}

/** What has an index and is wired by itself. */
const MODULES = readdirSync('src').filter((name) =>
  [`${name}.module.ts`, 'index.ts'].every((file) => existsSync(join('src', name, file))),
);

/** The rows of the table of docs/architecture.md: modules, and whom they may import. */
const TABLE = /^\| modules +\| may import.*\n((?:\|.*\n)+)/m;
const ROWS = TABLE.exec(readFileSync('docs/architecture.md', 'utf8'))?.[1]?.split('\n') ?? [];

/** Every module imports every other one. */
const BETWEEN_MODULES = MODULES.flatMap((from) =>
  MODULES.filter((to) => to !== from).map((to) => ({
    rule: `modules-of-${from}`,
    file: `src/${from}/application/imports-${to}.ts`,
    imports: `../../${to}/index.js`,
    isDocumented: ROWS.map((row) => row.split('|')).some(
      ([, who, whom]) => who?.includes(`\`${from}\``) && whom?.includes(`\`${to}\``),
    ),
  })),
);

/**
 * Every rule broken, some in more than one way; what is imported is planted too, where it is ours.
 */
const PLANTED: readonly Planted[] = [
  ...planted(`
  domain-stands-alone
    src/orders/domain/nest.ts ← @nestjs/common
    src/orders/domain/core.ts ← node:crypto
    src/orders/domain/use-case.ts ← ../application/target.js
    src/cashback/domain/neighbour.ts ← ../../orders/domain/target.js
    src/kernel/domain/upwards.ts ← ../application/target.js
  application-knows-no-adapters
    src/orders/application/adapter.ts ← ../infrastructure/target.js
    src/orders/application/http.ts ← ../../platform/http/target.js
    src/cashback/application/words.ts ← ../cli/target.js
  application-knows-no-technology
    src/orders/application/orm.ts ← typeorm
    src/orders/application/nest-orm.ts ← @nestjs/typeorm
  adapters-know-no-door
    src/account/infrastructure/http.ts ← ../http/target.js
    src/account/infrastructure/command.ts ← ../cli/target.js
    src/account/infrastructure/call.ts ← ../../platform/grpc/target.js
    src/platform/postgres/http.ts ← ../http/target.js
  doors-know-no-adapter
    src/account/http/sql.ts ← ../infrastructure/target.js
    src/account/grpc/sql.ts ← ../infrastructure/target.js
    src/cashback/cli/sql.ts ← ../infrastructure/target.js
    src/account/http/platform-sql.ts ← ../../platform/postgres/target.js
    src/platform/grpc/sql.ts ← ../postgres/target.js
  doors-know-no-other-door
    src/cashback/cli/http.ts ← ../http/target.js
    src/account/grpc/http.ts ← ../http/target.js
    src/account/http/words.ts ← ../../platform/cli/target.js
    src/account/http/call.ts ← ../../platform/grpc/target.js
    src/platform/grpc/http.ts ← ../http/target.js
  nobody-knows-the-operator
    src/cashback/cli/process.ts ← ../../service/operator/target.js
  modules-by-their-index
    src/cashback/application/inside.ts ← ../../orders/application/target.js
    src/app.ts ← ./orders/application/target.js
    src/service/embedded.ts ← ../embedded-postgres/cluster.js
  kernel-imports-nothing
    src/kernel/domain/nest.ts ← @nestjs/common
    src/kernel/application/adapter.ts ← ../../platform/postgres/target.js
  platform-knows-no-module
    src/platform/postgres/config.ts ← ../../config/target.js
    src/platform/http/orders.ts ← ../../orders/index.js
  service-is-the-top
    src/config/start.ts ← ../service/target.js
  embedded-postgres-stands-alone
    src/embedded-postgres/settings.ts ← ../config/target.js
  only-the-service-knows-embedded-postgres
    src/config/embedded.ts ← ../embedded-postgres/index.js
  simulator-stands-alone
    src/simulator/domain/config.ts ← ../../config/target.js
    src/simulator/http/filter.ts ← ../../platform/http/target.js
  only-the-start-knows-the-simulator
    src/config/simulator.ts ← ../simulator/index.js
  no-circles
    src/account/domain/circle.ts ← ./round.js
  no-orphans
    src/orders/domain/alone.ts ← 
  no-development-dependencies
    src/orders/infrastructure/check.ts ← fast-check
    migrations/check.ts ← fast-check
`),
  ...BETWEEN_MODULES.filter(({ isDocumented }) => !isDocumented),
];

/** The other half of the planted circle, which is reported once. */
const ROUND = { file: 'src/account/domain/round.ts', imports: './circle.js' };

/** What the house allows, in the same tree. */
const ALLOWED: readonly Import[] = [
  ...imports(`
  src/orders/domain/money.ts ← ../../kernel/domain/target.js
  src/orders/application/nest.ts ← @nestjs/common
  src/orders/application/domain.ts ← ../domain/target.js
  src/orders/http/use-case.ts ← ../application/target.js
  src/orders/infrastructure/orm.ts ← typeorm
  src/cashback/cli/use-case.ts ← ../application/target.js
  src/cashback/cli/command.ts ← ../../platform/cli/target.js
  src/service/operator/command.ts ← ../../cashback/index.js
  src/account/grpc/call.ts ← ../../platform/grpc/target.js
  src/platform/grpc/errors.ts ← ../http/api-error.js
  src/simulator/domain/number.ts ← ../../kernel/domain/target.js
  src/service/start.ts ← ../simulator/index.js
  src/orders/domain/order.spec.ts ← fast-check
`),
  ...BETWEEN_MODULES.filter(({ isDocumented }) => isDocumented),
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
