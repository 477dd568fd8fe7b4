import { describe, expect, it } from '@jest/globals';
import {
  ConnectionLost,
  DatabaseUnavailable,
  DataRejected,
  StaleState,
} from '../../kernel/application/persistence-errors.js';
import { isConflict, translateFailure } from './failures.js';

const withCode = (code: string): Error => Object.assign(new Error('said the driver'), { code });

describe(translateFailure, () => {
  it.each(['08006', '08003', '57P01', '57P02', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'])(
    'takes %s for a lost connection',
    (code) => {
      expect(translateFailure(withCode(code))).toBeInstanceOf(ConnectionLost);
    },
  );

  it.each([
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
  ])('takes pg’s “%s” for a lost connection', (message) => {
    expect(translateFailure(new Error(message))).toBeInstanceOf(ConnectionLost);
  });

  it.each(['53300', '57P03', '55P03', '57014', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])(
    'takes %s for an absent database',
    (code) => {
      const translated = translateFailure(withCode(code));
      expect(translated).toBeInstanceOf(DatabaseUnavailable);
      expect(translated).not.toBeInstanceOf(ConnectionLost);
    },
  );

  it.each([
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Cannot use a pool after calling end on the pool',
  ])('takes pg’s “%s” for an absent database', (message) => {
    expect(translateFailure(new Error(message))).toBeInstanceOf(DatabaseUnavailable);
  });

  it.each(['22003', '22P02', '23502', '23514', '23503'])(
    'takes %s for data that the database refuses',
    (code) => {
      const error = withCode(code);
      expect(translateFailure(error)).toBeInstanceOf(DataRejected);
      expect((translateFailure(error) as Error).cause).toBe(error);
    },
  );

  it('takes 23505 for a state that has changed underneath', () => {
    const error = withCode('23505');
    expect(translateFailure(error)).toBeInstanceOf(StaleState);
    expect((translateFailure(error) as Error).cause).toBe(error);
  });

  it.each([withCode('42601'), withCode('40001'), new Error('our own'), 'text', null, undefined])(
    'leaves %s as it was',
    (error) => {
      expect(translateFailure(error)).toBe(error);
    },
  );
});

describe(isConflict, () => {
  it.each(['40001', '40P01'])('sees that %s asks to be tried again', (code) => {
    expect(isConflict(withCode(code))).toBe(true);
  });

  it.each([withCode('40002'), withCode('23505'), new Error('40001'), null])(
    'does not take %s for a conflict',
    (error) => {
      expect(isConflict(error)).toBe(false);
    },
  );
});
