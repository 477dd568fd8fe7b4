import { describe, expect, it } from '@jest/globals';
import { ConfigProblems } from '../../config/read-config.js';
import { readOperatorConfig, splitCommandLine } from './read-command-line.js';

describe(splitCommandLine, () => {
  it.each([
    [[], [], []],
    [
      ['retry', '12345678903', '-d', 'postgres://a'],
      ['-d', 'postgres://a'],
      ['retry', '12345678903'],
    ],
    [
      ['-d', 'postgres://a', 'stats', '--json'],
      ['-d', 'postgres://a'],
      ['stats', '--json'],
    ],
    [['stats', '-d=postgres://a'], ['-d=postgres://a'], ['stats']],
    [['stats', '-dpostgres://a'], ['-dpostgres://a'], ['stats']],
    [['stats', '-d'], ['-d'], ['stats']],
    [['retry', '--', '-d', 'x'], [], ['retry', '--', '-d', 'x']],
    [['stats', '-a', ':1', '--delay', 'x'], [], ['stats', '-a', ':1', '--delay', 'x']],
  ])('parts %j', (argv, configuration, command) => {
    expect(splitCommandLine(argv)).toEqual({ configuration, command });
  });
});

describe(readOperatorConfig, () => {
  it('needs no signing key, in production either', () => {
    const { auth } = readOperatorConfig({
      argv: [],
      env: { NODE_ENV: 'production', JWT_SECRET: 'short' },
    });
    expect(auth.jwtSecret).toMatch(/^[\da-f]{64}$/);
  });

  it('reads the service’s configuration, and names everything that is wrong with it', () => {
    const dotenv = 'DATABASE_URI=postgres://file';
    expect(readOperatorConfig({ argv: [], env: {}, dotenv })).toMatchObject({
      postgres: { uri: 'postgres://file' },
    });
    expect(readOperatorConfig({ argv: ['-d', 'postgres://flag'], env: {}, dotenv })).toMatchObject({
      postgres: { uri: 'postgres://flag' },
    });
    const wrong = (): unknown =>
      readOperatorConfig({ argv: ['-d', 'mysql://x'], env: { CASHBACK_TICK_MS: 'often' } });
    expect(wrong).toThrow(ConfigProblems);
    expect(wrong).toThrow(/flag -d must[^]*CASHBACK_TICK_MS must/);
  });
});
