/**
 * The house's layers and modules (docs/architecture.md). test/architecture plants a violation of
 * every rule and sees it found.
 */
/** Whom of the others each module may import, as docs/architecture.md has it too. */
const mayImport = {
  auth: [],
  orders: ['auth'],
  account: ['auth'],
  cashback: ['orders', 'account', 'journal'],
  // Triggers write it, so that whatever a module stores has its events.
  journal: [],
  // Events tell it what happens. It serves the read ports of others, and asks auth who exists.
  query: ['auth', 'orders', 'account', 'journal'],
  customers: ['auth', 'account', 'journal'],
  // What has happened it finds in the journal, and asks auth who may see it.
  live: ['auth', 'journal'],
  // It reads all tables by SQL: an auditor does not go by the code that keeps the books.
  reconciliation: [],
};
const modules = Object.keys(mayImport);
const anyModule = `^src/(${modules.join('|')})/`;
/** Who imports these takes what their index.ts exports. */
const closed = `^src/(${[...modules, 'simulator', 'embedded-postgres'].join('|')})/`;
/** The ways into a module; another one is a word here and a folder beside the others. */
const door = '(http|grpc|cli)';
const specs = '\\.spec\\.ts$';

export default {
  forbidden: [
    {
      name: 'domain-stands-alone',
      comment: 'Domain code imports only domain code: its own and the kernel’s.',
      severity: 'error',
      from: { path: '^src/([^/]+)/domain/', pathNot: specs },
      to: { pathNot: ['^src/$1/domain/', '^src/kernel/domain/'] },
    },
    {
      name: 'application-knows-no-adapters',
      comment: 'Use cases and ports do not know how they are reached or what serves them.',
      severity: 'error',
      from: { path: '^src/[^/]+/application/', pathNot: specs },
      to: { path: `^src/([^/]+/(infrastructure|${door})|platform)/` },
    },
    {
      name: 'application-knows-no-technology',
      comment: 'Use cases stand on Nest’s container at most.',
      severity: 'error',
      from: { path: '^src/[^/]+/application/', pathNot: specs },
      to: { dependencyTypes: ['npm', 'npm-optional'], pathNot: 'node_modules/@nestjs/common/' },
    },
    {
      name: 'adapters-know-no-door',
      comment: 'Requests that the service sends itself are no door.',
      severity: 'error',
      from: { path: '^src/([^/]+/infrastructure|platform/postgres)/', pathNot: specs },
      to: { path: `^src/[^/]+/${door}/`, pathNot: '^src/platform/http/outgoing/' },
    },
    {
      name: 'doors-know-no-adapter',
      comment: 'A door calls use cases and read ports.',
      severity: 'error',
      from: { path: `^src/[^/]+/${door}/`, pathNot: specs },
      to: { path: '^src/([^/]+/infrastructure|platform/postgres)/' },
    },
    {
      name: 'doors-know-no-other-door',
      comment: 'HTTP, gRPC and the command line stand beside each other.',
      severity: 'error',
      from: { path: `^src/[^/]+/${door}/`, pathNot: specs },
      // Where a person calls from is read alike, and errors have the same codes.
      to: {
        path: `^src/[^/]+/${door}/`,
        pathNot: ['^src/[^/]+/$1/', '^src/platform/http/(client/|api-error\\.ts$)'],
      },
    },
    {
      name: 'nobody-knows-the-operator',
      comment: 'It stands on the whole service, as main.ts does.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/service/operator/' },
      to: { path: '^src/service/operator/' },
    },
    {
      name: 'modules-by-their-index',
      comment:
        'What is not exported by a module’s index.ts, or by that of a door, is its own business. ' +
        'Settings and Nest modules stand for themselves: a process loads those that it runs.',
      severity: 'error',
      from: { path: '^src/([^/]+)' },
      to: { path: closed, pathNot: ['^src/$1/', '/index\\.ts$', '\\.(settings|module)\\.ts$'] },
    },
    ...Object.entries(mayImport).map(([module, others]) => ({
      name: `modules-of-${module}`,
      severity: 'error',
      from: { path: `^src/${module}/` },
      to: { path: anyModule, pathNot: `^src/(${[module, ...others].join('|')})/` },
    })),
    {
      name: 'kernel-imports-nothing',
      comment: 'What domain and use cases share: plain TypeScript.',
      severity: 'error',
      from: { path: '^src/kernel/', pathNot: specs },
      to: { pathNot: '^src/kernel/' },
    },
    {
      name: 'platform-knows-no-module',
      comment: 'What adapters share: PostgreSQL, HTTP, metrics. It stands on the kernel alone.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/(?!platform/|kernel/)' },
    },
    {
      name: 'service-is-the-top',
      comment: 'It assembles the modules and runs them as a process.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(service/|main\\.ts$)' },
      to: { path: '^src/service/' },
    },
    {
      name: 'embedded-postgres-stands-alone',
      comment: 'It starts a PostgreSQL; that a service runs on it is not its business.',
      severity: 'error',
      from: { path: '^src/embedded-postgres/' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(embedded-postgres/|(kernel/application/progress-report|' +
          'platform/(observability/announce-wait|secret-file))\\.ts$)',
      },
    },
    {
      name: 'only-the-service-knows-embedded-postgres',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(embedded-postgres|service)/' },
      to: { path: '^src/embedded-postgres/' },
    },
    {
      name: 'simulator-stands-alone',
      comment:
        'The accrual system is somebody else’s: it shares the kernel, the system’s clocks, ' +
        'and how a command line is read.',
      severity: 'error',
      from: { path: '^src/simulator/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/simulator/',
          '^src/kernel/',
          '^src/platform/(cli/command-line|system)\\.ts$',
        ],
      },
    },
    {
      name: 'only-the-start-knows-the-simulator',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/simulator/', '^src/service/start\\.ts$'] },
      to: { path: '^src/simulator/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      comment: 'Pages load what is in assets/.',
      severity: 'error',
      from: { orphan: true, pathNot: [specs, '^src/service/http/pages/assets/'] },
      to: {},
    },
    {
      name: 'no-development-dependencies',
      comment: 'What is built runs without them.',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: specs },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
};
