import { AccessTokens } from '../../../src/auth/application/ports.js';

/** Tokens that a test can read and write: `token of ann`. */
export class ReadableTokens extends AccessTokens {
  issue(userId: string): string {
    return `token of ${userId}`;
  }

  verify(token: string): string | undefined {
    return /^token-of-(.*)$/.exec(token.replaceAll(' ', '-'))?.[1];
  }

  recall(token: string): string | undefined {
    return this.verify(token);
  }

  remember(token: string): string | undefined {
    return this.verify(token);
  }
}
