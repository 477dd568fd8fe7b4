import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { pino } from 'pino';
import { PinoNestLogger } from './pino-nest-logger.js';

describe(PinoNestLogger.name, () => {
  /** What is written, without what every line has. */
  function written(say: (logger: Logger) => void, level = 'debug'): object[] {
    const lines: object[] = [];
    const sink = { write: (line: string) => void lines.push(JSON.parse(line) as object) };
    Logger.overrideLogger(new PinoNestLogger(pino({ level, base: null, timestamp: false }, sink)));
    say(new Logger('Worker'));
    return lines;
  }

  it('writes the message and where it comes from, and nothing that nobody said', () => {
    expect(
      written((logger) => {
        logger.error('no points');
        logger.warn('few points');
        logger.log('points');
      }),
    ).toEqual([
      { level: 50, context: 'Worker', msg: 'no points' },
      { level: 40, context: 'Worker', msg: 'few points' },
      { level: 30, context: 'Worker', msg: 'points' },
    ]);
  });

  it('takes what Nest has put together at the start for detail', () => {
    const lines = written(() => new Logger('RouterExplorer').log('Mapped {/, GET} route'));
    expect(lines).toEqual([{ level: 20, context: 'RouterExplorer', msg: 'Mapped {/, GET} route' }]);
  });

  it('keeps the stack of an error, and gives a line the fields of an object', () => {
    const [error, detailed] = written((logger) => {
      logger.error(new Error('no points'));
      logger.warn('few points', { left: 1 });
    });
    expect(error).toMatchObject({ context: 'Worker', msg: 'no points' });
    expect(error).toHaveProperty('err.stack', expect.stringContaining('no points'));
    expect(detailed).toEqual({
      level: 40,
      context: 'Worker',
      msg: 'few points',
      left: 1,
    });
  });

  it('makes no line that nobody wants', () => {
    let reads = 0;
    const fields = {
      get order(): number {
        return ++reads;
      },
    };
    const say = (logger: Logger): void => {
      logger.debug('credited', fields);
      logger.verbose('credited', fields);
    };
    expect(written(say, 'info')).toEqual([]);
    expect(reads).toBe(0);
    expect(written(say, 'trace')).toHaveLength(2);
    expect(reads).toBe(2);
  });
});
