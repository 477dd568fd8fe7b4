import { describe, expect, it } from '@jest/globals';
import { Trace } from './trace.js';

const ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const GIVEN = `00-${ID}-${SPAN}-01`;

describe(Trace.name, () => {
  it('is read as it is written', () => {
    const trace = Trace.read(GIVEN);
    expect(trace?.id).toBe(ID);
    expect(String(trace)).toBe(GIVEN);
  });

  it('goes on from a span of ours', () => {
    expect(String(Trace.read(GIVEN)?.from('b7ad6b7169203331'))).toBe(
      `00-${ID}-b7ad6b7169203331-01`,
    );
  });

  it.each([
    ['00', '00'],
    ['02', '02'],
    ['03', '03'],
    ['ff', '03'],
    ['8c', '00'],
  ])('keeps of the flags %s those that are known: %s', (given, kept) => {
    expect(String(Trace.read(`00-${ID}-${SPAN}-${given}`))).toBe(`00-${ID}-${SPAN}-${kept}`);
  });

  it.each([
    ['no more than this one', `cc-${ID}-${SPAN}-01`],
    ['another part', `01-${ID}-${SPAN}-01-what-the-future-will-be-like`],
    ['a dash', `fe-${ID}-${SPAN}-01-`],
  ])('is read of a later version that has %s', (_, given) => {
    expect(String(Trace.read(given))).toBe(GIVEN);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a list', [GIVEN]],
    ['an empty text', ''],
    ['another text', 'checkout-4711'],
    ['capital letters', GIVEN.toUpperCase()],
    ['one capital letter', `00-${ID.replace('b', 'B')}-${SPAN}-01`],
    ['letters beyond f', `00-${ID.replace('b', 'g')}-${SPAN}-01`],
    ['digits of another script', `00-${ID.replace('4', '٤')}-${SPAN}-01`],
    ['no version', `${ID}-${SPAN}-01`],
    ['the version that is forbidden', `ff-${ID}-${SPAN}-01`],
    ['a version of one digit', `0-${ID}-${SPAN}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a parent of zeros', `00-${ID}-${'0'.repeat(16)}-01`],
    ['a short trace', `00-${ID.slice(1)}-${SPAN}-01`],
    ['a long trace', `00-${ID}0-${SPAN}-01`],
    ['a short parent', `00-${ID}-${SPAN.slice(1)}-01`],
    ['no flags', `00-${ID}-${SPAN}`],
    ['empty flags', `00-${ID}-${SPAN}-`],
    ['flags of one digit', `00-${ID}-${SPAN}-1`],
    ['flags of three digits', `${GIVEN}1`],
    ['more than its version has', `${GIVEN}-extra`],
    ['a dash behind it', `${GIVEN}-`],
    ['more flags of a later version', `01-${ID}-${SPAN}-011`],
    ['another separator', GIVEN.replaceAll('-', '_')],
    ['white space around it', ` ${GIVEN}`],
    ['a line behind it', `${GIVEN}\n`],
    ['a header behind it', `${GIVEN}\r\nx-evil: 1`],
    ['the same twice', `${GIVEN}, ${GIVEN}`],
    ['a long text', `${GIVEN}${'-'.repeat(100_000)}`],
  ])('is none of %s', (_, given) => {
    expect(Trace.read(given)).toBeUndefined();
  });
});
