import { describe, expect, it } from '@jest/globals';
import { UsageProblems } from '../../shared/cli/operator-command.js';
import { reconcileCommand } from './reconcile-command.js';

describe('npm run reconcile', () => {
  it('speaks to people, and to programs with --json', () => {
    expect(reconcileCommand.read([])).toEqual({ json: false });
    expect(reconcileCommand.read(['--json'])).toEqual({ json: true });
  });

  it('names everything that it does not understand at once', () => {
    expect(() => reconcileCommand.read(['--fix', 'now'])).toThrow(UsageProblems);
    expect(() => reconcileCommand.read(['--fix', 'now'])).toThrow(
      '--fix is no option\n  - "now" means nothing here',
    );
  });
});
