import type { Killer } from './mutant.js';

export type Verdict =
  | 'killed'
  | 'SURVIVED'
  /** The text it replaces is no longer in the source, or there twice. */
  | 'stale'
  | 'does not compile'
  /** Its test does not pass, or is not there, without the bug. */
  | 'control fails'
  | 'only by time-out'
  /** Its test broke down before it could assert anything, or did not load. */
  | 'only by an error'
  /** Others failed, the one that is there to notice did not. */
  | 'not by its test';

export interface TestOutcome {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

export interface TestRun {
  /**
   * 'out of time': it had to be ended; 'broken down': it ended itself, or a file of it did not
   * load.
   */
  readonly end: 'finished' | 'out of time' | 'broken down';
  readonly tests: readonly TestOutcome[];
}

/** Whether the test passes without any bug: only then its failure says something. */
export function passes({ test }: Killer, control: TestRun): boolean {
  const named = control.tests.filter(({ fullName }) => fullName === test);
  return named.length > 0 && named.every(({ status }) => status === 'passed');
}

/** What a run with the bug proves. */
export function judge({ test }: Killer, { end, tests }: TestRun): Verdict {
  const failed = tests.filter(({ status }) => status === 'failed');
  const messages = failed
    .filter(({ fullName }) => fullName === test)
    .flatMap(({ failureMessages }) => failureMessages);
  if (end === 'out of time' || messages.some(isTimeOut)) return 'only by time-out';
  if (messages.some(isAssertion)) return 'killed';
  if (end === 'broken down' || messages.length > 0) return 'only by an error';
  return failed.length > 0 ? 'not by its test' : 'SURVIVED';
}

/** Jest's own time-outs, and those of test/support's `eventually`. */
function isTimeOut(message: string): boolean {
  return /Exceeded timeout of \d+ ms|: not within \d+ ms/.test(message);
}

/**
 * A matcher failed. Its message begins with the matcher as it was called; the stack below may name
 * anything.
 */
function isAssertion(message: string): boolean {
  const [text = ''] = message.split(/\n\s+at /, 1);
  return /\bexpect\(/.test(text);
}
