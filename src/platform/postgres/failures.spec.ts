import { describe, expect, it } from '@jest/globals';
import {
  ConnectionLost,
  DatabaseUnavailable,
  DataRejected,
  StaleState,
} from '../../kernel/application/persistence-errors.js';
import { connectFailure, isRepeatable, translateFailure } from './failures.js';

const withCode = (code: string): Error => Object.assign(new Error('said the driver'), { code });

/** "cached plan must not change result type", whatever the server's language. */
const STALE_PLAN = Object.assign(withCode('0A000'), { routine: 'RevalidateCachedQuery' });

describe(translateFailure, () => {
  it.each([
    ...['08006', '08003', '08P01', '57P01', '57P02', '57P05', '25P03', '25P04'],
    ...['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETDOWN', 'EPROTO'],
  ])('takes %s for a lost connection', (code) => {
    expect(translateFailure(withCode(code))).toBeInstanceOf(ConnectionLost);
  });

  it.each([
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
  ])('takes pg’s “%s” for a lost connection', (message) => {
    expect(translateFailure(new Error(message))).toBeInstanceOf(ConnectionLost);
  });

  it.each([
    ...['53300', '53100', '53200', '57P03', '57P04', '55P03', '57014', '55000', '58030', '58P01'],
    ...['25006', '42501', '28000', '28P01', '3D000', '3F000', 'XX000', 'XX001', '40001', '40P01'],
    ...['72000', 'F0001', 'HV000', 'ZZ123'],
  ])('takes %s for a database that cannot do its part', (code) => {
    const translated = translateFailure(withCode(code));
    expect(translated).toBeInstanceOf(DatabaseUnavailable);
    expect(translated).not.toBeInstanceOf(ConnectionLost);
    expect((translated as Error).cause).toMatchObject({ code });
  });

  it('takes pg’s time-out for a database that cannot do its part', () => {
    expect(translateFailure(new Error('Query read timeout'))).toBeInstanceOf(DatabaseUnavailable);
  });

  it.each(['22003', '22P02', '22P05', '23502', '23514', '23503'])(
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

  it.each([
    ...['42601', '42P01', '42804', '0A000', '21000', '25P02', '25001', '34000', 'P0001'].map(
      withCode,
    ),
    ...[withCode('ERR_INVALID_ARG_TYPE'), new Error('our own'), 'text', null, undefined],
  ])('leaves %s, our mistake, as it was', (error) => {
    expect(translateFailure(error)).toBe(error);
  });
});

describe(connectFailure, () => {
  it.each([
    new Error('timeout exceeded when trying to connect'),
    new Error('The server does not support SSL connections'),
    withCode('28P01'),
    withCode('ECONNREFUSED'),
    withCode('SELF_SIGNED_CERT_IN_CHAIN'),
    Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }),
  ])('says why there is no connection: %s', (error) => {
    const failure = connectFailure(error);
    expect(failure).toBeInstanceOf(DatabaseUnavailable);
    expect(failure.message).not.toBe('');
    expect(failure.cause).toBe(error);
  });
});

describe(isRepeatable, () => {
  it.each([
    ...['40001', '40P01', '26000', '23505', '57P01'].map(withCode),
    STALE_PLAN,
    new StaleState('changed'),
  ])('sees that %s asks to be tried again', (error) => {
    expect(isRepeatable(translateFailure(error))).toBe(true);
  });

  it.each([
    ...['40002', '0A000', '57014', '53100', '22003', '42601'].map(withCode),
    ...[new Error('40001'), null],
  ])('does not repeat %s', (error) => {
    expect(isRepeatable(translateFailure(error))).toBe(false);
  });
});
