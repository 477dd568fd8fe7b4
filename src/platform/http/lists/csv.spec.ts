import { describe, expect, it } from '@jest/globals';
import { csvLine } from './csv.js';

describe(csvLine, () => {
  it.each<[readonly (string | number | undefined)[], string]>([
    [['a', 1, undefined, -7.5], 'a,1,,-7.5'],
    [['a,b', 'say "hi"', 'two\nlines'], '"a,b","say ""hi""","two\nlines"'],
    [['=1+1', '+1', '-1', '@x', '\tx'], "'=1+1,'+1,'-1,'@x,'\tx"],
    [['=1,"2"', '\r\n'], '"\'=1,""2""","\'\r\n"'],
    [['', 'подарок'], ',подарок'],
  ])('writes %j', (values, line) => {
    expect(csvLine(values)).toBe(`${line}\r\n`);
  });
});
