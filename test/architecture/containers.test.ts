import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse, type Tags } from 'yaml';
import { readConfig } from '../../src/config/read-config.js';
import { DEFAULT_ROLES } from '../../src/config/roles.js';
import { SETTINGS, settingsOf } from '../../src/config/settings.js';

interface Container {
  readonly image: string;
  readonly build?: string;
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
  readonly restart?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes?: readonly string[];
}

/** Compose's own tag, for a value that replaces and does not add. */
const customTags: Tags = [{ tag: '!override', collection: 'seq' }];

function containersOf(file: string): Readonly<Record<string, Container>> {
  const text = readFileSync(file, 'utf8');
  return (parse(text, { merge: true, customTags }) as { services: Record<string, Container> })
    .services;
}

const base = containersOf('docker-compose.yml');
const tls = containersOf('docker-compose.tls.yml');
const dockerfile = readFileSync('Dockerfile', 'utf8');
const { proxy } = tls;
const containers = Object.entries({ ...base, ...(proxy && { proxy }) });

/** Those that run the service, or a part of it. */
const SERVICES = ['gophermart', 'portal', 'billing', 'accrual-worker', 'relay', 'query'];

const settings = Object.values(SETTINGS).flatMap(({ table }) => settingsOf(table));

/** What Compose makes of a value where its variables have their defaults, or some secret. */
function interpolated(value: string): string {
  const secret = 'x'.repeat(32);
  return value
    .replace(/\$\{\w+:\+(.*)\}/g, '$1')
    .replace('${WEBHOOK_URL:-}', 'https://shop.example/hooks')
    .replace('${WEBHOOK_SECRET:-}', `whsec_${Buffer.from(secret).toString('base64')}`)
    .replace(/\$\{\w+\}|\$\{\w+:\?.*?\}/g, secret)
    .replace(/\$\{\w+:-\}/g, secret)
    .replace(/\$\{\w+:-(.*?)\}/g, '$1');
}

describe('docker-compose', () => {
  it('has the service, also by roles, and what they need, and a proxy for HTTPS', () => {
    expect(containers.map(([name]) => name)).toEqual([
      ...SERVICES,
      'accrual',
      'postgres',
      'postgres-query',
      'rabbitmq',
      'prometheus',
      'grafana',
      'proxy',
    ]);
  });

  it.each(containers)('gives %s no more than it needs', (name, container) => {
    expect(container).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      mem_limit: expect.stringMatching(/^\d+[mg]$/),
      pids_limit: expect.any(Number),
      logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } },
      restart: 'unless-stopped',
    });
    expect(container.cap_add).toEqual(name === 'proxy' ? ['NET_BIND_SERVICE'] : undefined);
  });

  it.each(containers)('knows whether %s is well', (name, { healthcheck }) => {
    if (SERVICES.includes(name)) expect(dockerfile).toMatch(/^HEALTHCHECK .*[^]*\/health\/live/m);
    else expect(healthcheck?.test[0]).toBe('CMD');
  });

  it.each(containers)('takes the image of %s by its full version, or builds it', (_, container) => {
    if (container.build !== undefined) return expect(container.image).toBe('gophermart');
    expect(container.image).toMatch(/^[\w/]+:v?\d+\.\d+[\w.-]*(@sha256:[\da-f]{64})?$/);
  });

  it('refuses to start without passwords, and has none of its own', () => {
    const texts = ['docker-compose.yml', 'docker-compose.tls.yml'].map((file) =>
      readFileSync(file, 'utf8'),
    );
    const secrets = [...texts.join('').matchAll(/\$\{(\w*(?:PASSWORD|SECRET))([^\w])/g)];
    expect(secrets.map(([, name, then]) => `${name}${then}`).sort()).toEqual([
      // Of profiles that need not be started; what is started refuses empty ones.
      'GRAFANA_PASSWORD:',
      'JWT_SECRET:',
      'POSTGRES_PASSWORD:',
      'POSTGRES_PASSWORD:',
      'POSTGRES_PASSWORD:',
      // The same.
      'RABBITMQ_PASSWORD:',
      'RABBITMQ_PASSWORD:',
      'RABBITMQ_PASSWORD:',
      'RABBITMQ_PASSWORD}',
      'RPC_SECRET:',
      'WEBHOOK_SECRET:',
    ]);
    for (const { environment = {} } of Object.values(base))
      for (const [name, value] of Object.entries(environment))
        if (/(?<!ADMIN_)PASSWORD$|JWT_SECRET$|URI$/.test(name))
          expect(value).toMatch(/\$\{\w+:\?set \w+/);
  });

  it('starts by the name of the portal all that is in the profile of the roles', () => {
    const started = new Set(['portal']);
    for (const name of started)
      for (const needed of Object.keys(base[name]?.depends_on ?? {})) started.add(needed);
    const inProfile = Object.keys(base).filter((name) => base[name]?.profiles?.includes('roles'));
    expect([...started].sort()).toEqual([...inProfile, 'accrual', 'postgres'].sort());
    const published = Object.keys(base).filter((name) => base[name]?.ports?.length);
    expect(published).toEqual(['gophermart', 'portal', 'accrual', 'grafana']);
    expect(readFileSync('docker-compose.yml', 'utf8')).toContain(
      '#   docker compose --profile roles up --build portal\n',
    );
  });

  it.each(SERVICES)('configures %s so that it starts, but not without its secrets', (name) => {
    const environment = Object.entries(base[name]?.environment ?? {});
    const env: Readonly<Record<string, string>> = Object.fromEntries(
      environment.map(([variable, value]) => [variable, interpolated(value)] as const),
    );
    expect(readConfig({ env }).process.roles).toEqual(
      name === 'gophermart' ? DEFAULT_ROLES : [name.replace('-worker', '')],
    );
    if (env['RPC_SECRET'] === undefined) return;
    expect(() => readConfig({ env: { ...env, RPC_SECRET: '' } })).toThrow('RPC_SECRET must be set');
  });

  it('sets variables that the service knows, to values that it takes', () => {
    const set = { ...base['gophermart']?.environment, ...tls['gophermart']?.environment };
    const environments = [set, ...SERVICES.map((name) => base[name]?.environment ?? {})];
    for (const [name, value] of environments.flatMap((each) => Object.entries(each))) {
      const setting = settings.find(({ variable }) => variable === name);
      expect([name, setting]).toEqual([name, expect.anything()]);
      expect(() => setting?.parse(interpolated(value))).not.toThrow();
    }
    expect(Object.assign({}, ...environments.slice(2))).toMatchObject({
      RATE_LIMIT_RPS: set['RATE_LIMIT_RPS'],
      LOGIN_RATE_LIMIT_PER_ADDRESS: set['LOGIN_RATE_LIMIT_PER_ADDRESS'],
      PASSWORD_MIN_LENGTH: set['PASSWORD_MIN_LENGTH'],
    });
    expect(set).toMatchObject({
      NODE_ENV: 'production',
      RATE_LIMIT_RPS: '${RATE_LIMIT_RPS:-100}',
      LOGIN_RATE_LIMIT_PER_ADDRESS: '${LOGIN_RATE_LIMIT_PER_ADDRESS:-100}',
      PASSWORD_MIN_LENGTH: '${PASSWORD_MIN_LENGTH:-8}',
      DOCS_ADDRESS: ':8082',
      METRICS_ADDRESS: ':9090',
      TRUST_PROXY: '1',
      SECURE_COOKIE: 'true',
    });
  });

  it('publishes nothing but the proxy to other machines, and the metrics to nobody', () => {
    for (const { ports = [] } of [...Object.values(base), tls['gophermart'] ?? {}] as Container[])
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(8080|8081|8082|3000):\1$/);
    expect(tls['gophermart']?.ports).toEqual(['127.0.0.1:8082:8082']);
  });

  it('keeps the data where this version of the image does', () => {
    for (const [name, volume] of [
      ['postgres', 'database'],
      ['postgres-query', 'read-model'],
    ] as const) {
      const { image = '', volumes } = base[name] ?? {};
      const [, major] = /^postgres:(\d+)/.exec(image) ?? [];
      const folder = Number(major) < 18 ? '/var/lib/postgresql/data' : '/var/lib/postgresql';
      expect(volumes).toEqual([`${volume}:${folder}`]);
    }
  });
});

describe('the Dockerfile', () => {
  it('takes one image by its full version, and does not run as root', () => {
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(images).toHaveLength(3);
    expect(new Set(images).size).toBe(1);
    expect(images[0]).toMatch(/^node:26\.\d+\.\d+-bookworm-slim(@sha256:[\da-f]{64})?$/);
    expect(dockerfile).toMatch(/^USER node$/m);
  });
});
