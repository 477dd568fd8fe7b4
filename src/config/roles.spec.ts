import { describe, expect, it } from '@jest/globals';
import { problemsOf, read } from '../../test/support/fakes/configuration.js';
import { rolesOf } from './settings.js';

const [RPC_CERT, RPC_KEY] = ['localhost.pem', 'localhost-key.pem'].map(
  (name) => `test/support/http/tls/${name}`,
) as [string, string];
const RPC_SECRET = 'sixteen bytes or more';
const RPC = { RPC_ADDRESS: '0.0.0.0:9090', RPC_SECRET };

describe('the configuration of roles', () => {
  it.each([
    [{ ROLES: 'portal,shop, x' }, ['"shop", "x" is none of them']],
    [{ ROLES: 'portal' }, ['BILLING_ADDRESS must be set for a portal without billing']],
    [{ ROLES: 'portal', BILLING_ADDRESS: 'billing' }, ['BILLING_ADDRESS must be']],
    [{ ROLES: 'portal', BILLING_ADDRESS: ':0' }, ['BILLING_ADDRESS must name the port']],
    [{ ROLES: 'portal', BILLING_ADDRESS: ':9090' }, ['RPC_SECRET must be set']],
    [
      {
        ROLES: 'portal',
        BILLING_ADDRESS: ':9090',
        RPC_SECRET: 'sixteen bytes … ',
        RPC_CA: RPC_KEY,
      },
      ['RPC_SECRET must consist of printable', 'RPC_CA names a file without', 'RPC_SECRET must be'],
    ],
    [
      { ROLES: 'portal', BILLING_ADDRESS: 'billing:9090', QUERY_ADDRESS: 'query:9091', RPC_SECRET },
      ['BILLING_ADDRESS is beyond loopback: set RPC_CA', 'QUERY_ADDRESS is beyond loopback'],
    ],
    [{ ROLES: 'accrual', CASHBACK_ENABLED: 'false' }, ['nothing to do']],
    [{ ROLES: 'query' }, ['AMQP must be set for the role query', 'QUERY_DATABASE_URI must be set']],
    [{ ROLES: 'query', AMQP: 'nowhere' }, ['AMQP must be a URI', 'QUERY_DATABASE_URI must be set']],
    [{ RPC_ADDRESS: ':9090' }, ['RPC_SECRET must be set', 'beyond loopback']],
    [
      { RPC_ADDRESS: 'localhost:9090', RPC_SECRET: 'short' },
      ['RPC_SECRET must have', 'RPC_SECRET'],
    ],
    [{ ...RPC, RPC_CERT }, ['RPC_CERT needs RPC_KEY', 'beyond loopback']],
    [{ ...RPC, RPC_KEY, RPC_INSECURE: 'true' }, ['RPC_KEY needs RPC_CERT']],
    [{ ...RPC, RPC_CERT: RPC_KEY, RPC_KEY }, ['RPC_CERT and RPC_KEY do not go together']],
    [
      { ...RPC, RPC_CERT, RPC_KEY: 'nowhere.pem', RPC_INSECURE: 'true' },
      ['RPC_KEY names a file that cannot be read: nowhere.pem (ENOENT)', 'RPC_CERT needs RPC_KEY'],
    ],
  ])('refuses %j', (env, problems) => {
    expect(problemsOf({ env })).toEqual(problems.map((each) => expect.stringContaining(each)));
  });

  it.each([
    {},
    { ROLES: 'relay' },
    { ROLES: 'relay', BILLING_ADDRESS: 'billing:9090', RPC_ADDRESS: ':9090' },
    { ROLES: 'accrual , billing' },
    { ...RPC, RPC_INSECURE: 'true' },
    { ...RPC, RPC_CERT, RPC_KEY },
    { ...RPC, RPC_ADDRESS: '[::1]:9090' },
    { ROLES: 'portal', BILLING_ADDRESS: ':9090', RPC_SECRET },
    { ROLES: 'portal', BILLING_ADDRESS: 'billing:9090', RPC_SECRET, RPC_CA: RPC_CERT },
    { ROLES: 'portal,billing', QUERY_ADDRESS: 'q:9090', RPC_SECRET, RPC_INSECURE: 'true' },
    { ROLES: 'query', AMQP: 'amqp://mq', QUERY_DATABASE_URI: 'postgres://h/reads' },
  ] as Readonly<Record<string, string>>[])('takes %j', (env) => {
    expect(read({ env })).toBeDefined();
  });

  it('asks for a key in production where there is a portal', () => {
    expect(read({ env: { NODE_ENV: 'production', ROLES: 'billing' } })).toBeDefined();
  });

  it.each([
    [{}, ['portal', 'billing', 'accrual', 'relay']],
    [{ CASHBACK_ENABLED: 'false' }, ['portal', 'billing', 'relay']],
    [{ ROLES: 'accrual, billing,accrual' }, ['billing', 'accrual']],
  ] as [Readonly<Record<string, string>>, string[]][])('of %j are %j', (env, roles) => {
    expect(rolesOf(read({ env }))).toEqual(roles);
  });
});
