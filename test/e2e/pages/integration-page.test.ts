import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { processed } from '../../support/fakes/scripted-accrual.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';
import { type Ended, runToEnd } from '../../support/processes/child.js';

const PAGE = readFileSync('docs/integration.md', 'utf8');

/** The samples of a language, which belong together. */
function samplesIn(language: string): string {
  const blocks = [...PAGE.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const own = blocks.filter(([, name]) => name === language).map(([, , code = '']) => code);
  // Imports may stand in the middle of a page, and of nothing else.
  return own.join('\n');
}

const hasPython = await runToEnd('python3', ['--version']).then(
  ({ exitCode }) => exitCode === 0,
  () => false,
);

const PROGRAMS: readonly (readonly [string, string, string])[] = [
  ['sh', 'bash', '-ec'],
  ['js', process.execPath, '--input-type=module'],
  ...(hasPython ? [['python', 'python3', '-c'] as const] : []),
];

describe('docs/integration.md', () => {
  let service: TestService;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gophermart-samples-'));
    const issueOrderNumber = (): string => {
      const number = freshNumber();
      service.accrual.script(number, processed(number, '500'));
      return number;
    };
    service = await startTestService({
      sandbox: { issueOrderNumber },
      settings: { cashback: { tickMs: 20 } },
    });
  });

  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  it.each(PROGRAMS)('has samples in %s that work', async (language, program, option) => {
    const code = samplesIn(language);
    const args = option.startsWith('--') ? [option, '--eval', code] : [option, code];
    // Node looks for packages from the working directory.
    const cwd = language === 'js' ? process.cwd() : folder;
    const ended: Ended = await runToEnd(program, args, undefined, {
      cwd,
      env: { API: service.url, HOME: process.env['HOME'] },
    });
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.errors).toBe('');
  });

  it('has links that lead somewhere', () => {
    const links = [...PAGE.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(2);
    for (const path of links) expect(readFileSync(join('docs', path), 'utf8')).not.toBe('');
  });
});
