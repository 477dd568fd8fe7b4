import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { argon2id, hash, verify } from 'argon2';
import pLimit, { type LimitFunction } from 'p-limit';
import { type Caller, throwIfDisconnected } from '../../kernel/application/caller.js';
import { AuthSettings } from '../auth.settings.js';
import { PasswordHasher } from '../application/ports.js';
import { HashingOverloaded } from '../domain/errors.js';
import type { Password } from '../domain/credentials.js';

/**
 * 9 MiB and about 20 ms of a core, each time: one of the five that OWASP's Password Storage Cheat
 * Sheet calls equally strong. Each of the four threads of Node's pool keeps the memory of its last
 * hash, which with 19 MiB and two passes were 40 MB more, and 4 ms more a hash.
 */
const PARAMETERS = { type: argon2id, memoryCost: 9_216, timeCost: 4, parallelism: 1 } as const;

/**
 * Argon2id on Node's thread pool. Unbounded, a log-in storm of 95 a second takes both of two cores
 * and everyone's latency, so a core is left alone and the queue is finite.
 */
@Injectable()
export class Argon2PasswordHasher extends PasswordHasher {
  /**
   * What no password verifies against, for logins that do not exist: random bytes in the place of a
   * salt and a hash.
   */
  readonly #decoy = encode(randomBytes(16), randomBytes(32));
  readonly #limit: LimitFunction;
  readonly #capacity: number;

  constructor({ hashConcurrency, hashQueue }: AuthSettings) {
    super();
    this.#limit = pLimit(hashConcurrency);
    this.#capacity = hashConcurrency + hashQueue;
  }

  hash(password: Password, caller: Caller): Promise<string> {
    return this.#bounded(caller, () => hash(password.reveal(), PARAMETERS));
  }

  verify(password: Password, digest = this.#decoy, caller: Caller): Promise<boolean> {
    return this.#bounded(caller, () => verify(digest, password.reveal()));
  }

  async #bounded<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
    if (this.#limit.activeCount + this.#limit.pendingCount >= this.#capacity)
      throw new HashingOverloaded();
    return this.#limit(() => {
      throwIfDisconnected(caller);
      return work();
    });
  }
}

/**
 * The PHC string format, which carries the parameters: verifying against the decoy costs what any
 * other hash costs.
 */
function encode(salt: Buffer, digest: Buffer): string {
  const { memoryCost, timeCost, parallelism } = PARAMETERS;
  const [saltText, digestText] = [salt, digest].map((bytes) =>
    bytes.toString('base64').replace(/=+$/, ''),
  );
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${saltText}$${digestText}`;
}
