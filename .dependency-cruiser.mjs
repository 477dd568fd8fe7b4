/**
 * The house's layers and modules (docs/architecture.md). test/architecture plants a violation of
 * every rule and sees it found.
 */
const modules = ['auth', 'orders', 'account', 'cashback', 'reconciliation'];
const anyModule = `^src/(${modules.join('|')})/`;

export default {
  forbidden: [
    {
      name: 'domain-stands-alone',
      comment: 'Domain code imports only domain code: its own and the kernel’s.',
      severity: 'error',
      from: { path: '^src/([^/]+)/domain/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^src/$1/domain/', '^src/shared/domain/'] },
    },
    {
      name: 'application-knows-no-adapters',
      comment: 'Use cases and ports do not know how they are reached or what serves them.',
      severity: 'error',
      from: { path: '^src/[^/]+/application/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^src/[^/]+/(infrastructure|http)/' },
    },
    {
      name: 'application-knows-no-technology',
      comment: 'Use cases stand on Nest’s container at most.',
      severity: 'error',
      from: { path: '^src/[^/]+/application/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm', 'npm-optional'], pathNot: 'node_modules/@nestjs/common/' },
    },
    {
      name: 'infrastructure-knows-no-http',
      severity: 'error',
      from: { path: '^src/[^/]+/infrastructure/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^src/[^/]+/http/' },
    },
    {
      name: 'http-knows-no-infrastructure',
      severity: 'error',
      from: { path: '^src/[^/]+/http/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^src/[^/]+/infrastructure/' },
    },
    {
      name: 'cli-knows-no-infrastructure',
      comment: 'An operator’s command stands beside http: it calls use cases.',
      severity: 'error',
      from: { path: '^src/[^/]+/cli/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^src/[^/]+/(infrastructure|http)/' },
    },
    {
      name: 'nobody-knows-cli',
      comment: 'What is said to an operator is nobody else’s business.',
      severity: 'error',
      from: {
        path: '^src/[^/]+/(domain|application|infrastructure|http)/',
        pathNot: '\\.spec\\.ts$',
      },
      to: { path: '^src/[^/]+/cli/' },
    },
    {
      name: 'nobody-knows-operator',
      comment: 'It stands on the whole service, as main.ts does.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/operator/' },
      to: { path: '^src/operator/' },
    },
    {
      name: 'modules-by-their-index',
      comment: 'What a module does not export in its index.ts is its own business.',
      severity: 'error',
      from: { path: '^src/([^/]+)' },
      to: { path: anyModule, pathNot: ['^src/$1/', '/index\\.ts$'] },
    },
    {
      name: 'only-cashback-knows-other-modules',
      comment: 'cashback → orders, account; everybody may know auth.',
      severity: 'error',
      from: { path: '^src/(auth|orders|account)/' },
      to: { path: '^src/(orders|account|cashback)/', pathNot: '^src/$1/' },
    },
    {
      name: 'auth-knows-no-module',
      severity: 'error',
      from: { path: '^src/auth/' },
      to: { path: '^src/(orders|account|cashback)/' },
    },
    {
      name: 'reconciliation-knows-no-module',
      comment:
        'It reads the tables of all modules by SQL, for an auditor does not go by the code that keeps the books.',
      severity: 'error',
      from: { path: '^src/reconciliation/' },
      to: { path: anyModule, pathNot: '^src/reconciliation/' },
    },
    {
      name: 'no-module-knows-reconciliation',
      severity: 'error',
      from: { path: anyModule, pathNot: '^src/reconciliation/' },
      to: { path: '^src/reconciliation/' },
    },
    {
      name: 'shared-knows-no-module',
      severity: 'error',
      from: { path: '^src/shared/' },
      to: { path: '^src/(?!shared/)' },
    },
    {
      name: 'simulator-stands-alone',
      comment:
        'The accrual system is somebody else’s: it shares the value objects and the clock, nothing more.',
      severity: 'error',
      from: { path: '^src/simulator/' },
      to: { path: '^src/', pathNot: ['^src/simulator/', '^src/shared/(domain|application)/'] },
    },
    {
      name: 'only-the-start-knows-the-simulator',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/simulator/', '^src/start-service\\.ts$'] },
      to: { path: '^src/simulator/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '\\.spec\\.ts$' },
      to: {},
    },
    {
      name: 'no-development-dependencies',
      comment: 'What is built runs without them.',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '\\.spec\\.ts$' },
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
