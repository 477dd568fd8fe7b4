import { existsSync } from 'node:fs';

/** Debian's RabbitMQ. Without it what publishes to a broker cannot be tried; `npm test` says so. */
export const HAS_BROKER = existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server');

/** Debian's Chromium. Without it nobody clicks through the pages; `npm test` says so. */
export const CHROMIUM = '/usr/bin/chromium';
export const HAS_CHROMIUM = existsSync(CHROMIUM);

/**
 * One command: pure unit tests beside the code, and tests against a real PostgreSQL, a real socket
 * or a real process.
 */
const typescript = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2022',
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testEnvironment: 'node',
};

/** One PostgreSQL for all files; a database of its own for each. */
const withDatabase = {
  globalSetup: '<rootDir>/test/support/database/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/database/global-teardown.mjs',
};

/**
 * Tests that look into the process, which other processes do not let: at its clock, its log, …; one
 * that exhausts a limit that each portal has for itself; and one whose replies come just before the
 * connection is reset, which a proxy between loses.
 */
const INSIDE = [
  'auth/log-in-limit',
  'auth/rate-limit',
  'auth/session-refresh',
  'auth/token-life',
  'points/clocks',
  'auth/closed-by-default',
  'http/broken-replies',
  'http/idle-clients',
  'http/precedence',
  'pages/client-page',
  'pages/documented-errors',
  'pages/home',
  'pages/integration-page',
  'pages/own-addresses',
  'pages/trying-out',
  'points/clients-that-do-not-read',
];

export default {
  // A bound on hanging: beside four busy loops on two cores the slowest test takes a fifth of it.
  testTimeout: 180_000,
  maxWorkers: 2,
  // Modules of files that are done stay in a worker's memory, so it begins anew now and then.
  workerIdleMemoryLimit: '800MB',
  projects: [
    { ...typescript, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    {
      ...typescript,
      displayName: 'architecture',
      testMatch: ['<rootDir>/test/architecture/**/*.test.ts'],
    },
    {
      ...typescript,
      ...withDatabase,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
    },
    {
      ...typescript,
      ...withDatabase,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
    },
    ...(HAS_CHROMIUM
      ? [
          {
            ...typescript,
            ...withDatabase,
            displayName: 'browser',
            testMatch: ['<rootDir>/test/browser/**/*.test.ts'],
          },
        ]
      : []),
    ...(HAS_BROKER
      ? [
          {
            ...typescript,
            ...withDatabase,
            displayName: 'broker',
            testMatch: ['<rootDir>/test/broker/**/*.test.ts'],
          },
          {
            ...typescript,
            globalSetup: '<rootDir>/test/support/roles/global-setup.mjs',
            globalTeardown: '<rootDir>/test/support/roles/global-teardown.mjs',
            displayName: 'roles',
            testMatch: ['<rootDir>/test/e2e/{auth,database,http,pages,points}/**/*.test.ts'],
            testPathIgnorePatterns: INSIDE,
            moduleNameMapper: {
              '^\\.\\./\\.\\./support/http/test-service\\.js$':
                '<rootDir>/test/support/roles/roles-service.ts',
              ...typescript.moduleNameMapper,
            },
          },
        ]
      : []),
  ],
};
