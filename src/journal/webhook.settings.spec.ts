import { describe, expect, it } from '@jest/globals';
import { problemsOf, read } from '../../test/support/fakes/configuration.js';
import { remarksOn } from '../config/settings.js';

const secretOf = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 0xfb).toString('base64')}`;

const SET = { WEBHOOK_URL: 'https://shop.example/hooks?key=1', WEBHOOK_SECRET: secretOf(32) };

describe('the settings of webhooks', () => {
  it.each([24, 32, 64])('take a secret of %d bytes', (bytes) => {
    const secret = secretOf(bytes);
    expect(read({ env: { ...SET, WEBHOOK_SECRET: secret } }).webhooks).toEqual({
      url: SET.WEBHOOK_URL,
      secret,
    });
  });

  it.each([
    ['s3cret', 'must be whsec_ and then base64'],
    ['whsec_', 'must be whsec_ and then base64'],
    ['whsec_s3cret!', 'must be whsec_ and then base64'],
    [secretOf(32).slice(0, -1), 'must be whsec_ and then base64'],
    [secretOf(32).replace(/\+/g, '-'), 'must be whsec_ and then base64'],
    [secretOf(23), 'must have a key of 24 to 64 bytes in base64, and has 23'],
    [secretOf(65), 'must have a key of 24 to 64 bytes in base64, and has 65'],
  ])('refuse the secret %j, and do not repeat it', (secret, why) => {
    const problems = problemsOf({ env: { ...SET, WEBHOOK_SECRET: secret } });
    expect(problems).toEqual([expect.stringMatching(`^WEBHOOK_SECRET ${why}`)]);
    expect(problems.join()).not.toMatch(/s3cret|[-+/]{4}/);
  });

  it.each([
    'shop.example/hooks',
    'localhost:9000',
    'ftp://shop.example',
    'https://',
    'https://ann:s3cret@',
    'amqp://ann:s3cret@shop.example',
  ])('refuse the address %j', (url) => {
    const problems = problemsOf({ env: { ...SET, WEBHOOK_URL: url } });
    expect(problems).toEqual([expect.stringMatching(/^WEBHOOK_URL must be a URL such as/)]);
    expect(problems.join()).not.toMatch(/s3cret/);
  });

  it('refuse an address with a fragment', () => {
    const url = 'https://ann:s3cret@shop.example/#hooks';
    expect(problemsOf({ env: { ...SET, WEBHOOK_URL: url } })).toEqual([
      'WEBHOOK_URL must be a URL without a fragment (#…)',
    ]);
  });

  it('need both or neither', () => {
    expect(problemsOf({ env: { ...SET, WEBHOOK_SECRET: '' } })).toEqual([
      'WEBHOOK_SECRET must be set where WEBHOOK_URL is: every webhook is signed',
    ]);
    expect(problemsOf({ env: { ...SET, WEBHOOK_URL: '' } })).toEqual([
      'WEBHOOK_URL must be set where WEBHOOK_SECRET is: or nothing is posted',
    ]);
  });

  it('are used by a relay alone', () => {
    const remarks = (roles: string): string[] =>
      remarksOn(read({ env: { ...SET, ROLES: roles } })).filter((each) => /WEBHOOK/.test(each));
    expect(remarks('billing')).toEqual(['WEBHOOK_URL is not used here: only a relay posts events']);
    expect(remarks('billing,relay')).toEqual([]);
  });
});
