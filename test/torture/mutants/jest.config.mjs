import config from '../../../jest.config.mjs';

const { transform, moduleNameMapper, extensionsToTreatAsEsm, testEnvironment } = config.projects[0];

/**
 * All kinds of tests as one project, which is looked through once and not four times; their
 * database is there already.
 */
export default {
  transform,
  moduleNameMapper,
  extensionsToTreatAsEsm,
  testEnvironment,
  rootDir: '../../..',
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/{integration,e2e}/**/*.test.ts'],
};
