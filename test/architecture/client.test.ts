import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runToEnd } from '../support/processes/child.js';

const COMMITTED = 'clients/typescript/src';
const GENERATE = resolve('clients/typescript/generate.mjs');

/** The files that one folder has otherwise than the other, or alone. */
function partedIn(folder: string, other: string): string[] {
  const [ours, theirs] = [contentsOf(folder), contentsOf(other)];
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((path) => ours.get(path) !== theirs.get(path))
    .sort();
}

function contentsOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(
    files.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')] as const),
  );
}

describe('the generated client', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gophermart-client-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('is what the API document comes to', async () => {
    const generated = join(folder, 'generated');
    const ended = await runToEnd(process.execPath, [GENERATE, generated]);
    expect(ended).toMatchObject({ exitCode: 0 });
    const parted = partedIn(COMMITTED, generated);
    if (parted.length > 0)
      throw new Error(
        `${COMMITTED} is not what the document comes to, in ${parted.join(', ')}: ` +
          'run `npm run client` and commit what it changes',
      );
  });

  it('would be seen to differ, to lack a file, or to have one of its own', () => {
    const [one, other] = ['one', 'other'].map((name) => join(folder, name)) as [string, string];
    const files = {
      same: ['=', '='],
      changed: ['a', 'b'],
      added: ['a', undefined],
      lost: [undefined, 'b'],
    };
    for (const [name, [ours, theirs]] of Object.entries(files))
      for (const [root, content] of [
        [one, ours],
        [other, theirs],
      ] as const) {
        mkdirSync(join(root, 'inner'), { recursive: true });
        if (content !== undefined) writeFileSync(join(root, 'inner', name), content);
      }
    expect(partedIn(one, other)).toEqual(['inner/added', 'inner/changed', 'inner/lost']);
    expect(partedIn(one, one)).toEqual([]);
  });
});
