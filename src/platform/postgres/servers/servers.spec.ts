import { describe, expect, it } from '@jest/globals';
import { SettingRefused } from '../../settings.js';
import { Servers } from './servers.js';

describe(Servers, () => {
  it.each([
    'postgres://user:password@localhost:5432/gophermart?sslmode=disable',
    'postgresql://localhost/gophermart',
    'postgresql://localhost',
    'postgres:///gophermart?host=/var/run/postgresql',
    'postgres://user:p%40ss@[::1]:5432/gophermart',
  ])('reads %s, one server', (uri) => {
    expect(Servers.of(uri).uris).toEqual([uri]);
  });

  it('reads several servers, and takes its own parameter out', () => {
    const uri =
      'postgres://user:pass@one,two:5433,[::1]:5434/gophermart' +
      '?sslmode=disable&target_session_attrs=read-write&application_name=x';
    expect(Servers.of(uri).uris).toEqual([
      'postgres://user:pass@one/gophermart?sslmode=disable&application_name=x',
      'postgres://user:pass@two:5433/gophermart?sslmode=disable&application_name=x',
      'postgres://user:pass@[::1]:5434/gophermart?sslmode=disable&application_name=x',
    ]);
    expect(Servers.of('postgres://a,b/x?target_session_attrs=any').uris).toEqual([
      'postgres://a/x',
      'postgres://b/x',
    ]);
  });

  it.each([
    'localhost:5432',
    'mysql://localhost/x',
    'postgres://',
    'postgres://local host/x',
    'postgres://localhost:port/x',
    'postgres://one,two:port/x',
  ])('refuses %s, without repeating a password', (text) => {
    expect(() => Servers.of(text)).toThrow(SettingRefused);
    expect(() => Servers.of(`${text} s3cret`)).not.toThrow(/s3cret/);
  });

  it('refuses a % that stands for nothing, by name and without the password', () => {
    for (const uri of ['postgres://u:50%@h/x', 'postgres://u:s3cret%zz@h/x']) {
      expect(() => Servers.of(uri)).toThrow('write %25');
      expect(() => Servers.of(uri)).not.toThrow(/s3cret/);
    }
  });

  it.each(['standby', 'prefer-standby', 'read-only', 'READ-WRITE', ''])(
    'refuses the target_session_attrs %j',
    (attributes) => {
      expect(() => Servers.of(`postgres://h/x?target_session_attrs=${attributes}`)).toThrow(
        `must have one of any, read-write, primary as target_session_attrs, not "${attributes}"`,
      );
    },
  );

  it('goes from a server that fails to the next, round and round', () => {
    const servers = Servers.of('postgres://a,b,c/x');
    const [a, b = '', c = ''] = servers.uris;
    expect(servers.current).toBe(a);
    servers.failed(a);
    servers.failed(a);
    expect(servers.current).toBe(b);
    servers.failed(b);
    expect(servers.current).toBe(c);
    servers.failed(c);
    expect(servers.current).toBe(a);
  });
});
