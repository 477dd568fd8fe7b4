import { AccessTokens } from '../../../src/auth/application/ports.js';

/** Tokens that a test can read: `token of ann`. */
export class ReadableTokens extends AccessTokens {
  issue(userId: string): string {
    return `token of ${userId}`;
  }

  recall(token: string): string | undefined {
    return /^token of (.*)$/.exec(token)?.[1];
  }

  remember(token: string): string | undefined {
    return this.recall(token);
  }
}
