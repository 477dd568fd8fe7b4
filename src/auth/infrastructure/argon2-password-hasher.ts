import { randomBytes, randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { argon2id, hash, verify } from 'argon2';
import { Gauge, Registry } from 'prom-client';
import { type Caller, throwIfDisconnected } from '../../kernel/application/caller.js';
import { AuthSettings } from '../auth.settings.js';
import { PasswordHasher } from '../application/ports.js';
import type { Password } from '../domain/credentials.js';
import { FairQueue } from './fair-queue.js';

/**
 * 9 MiB and about 20 ms of a core for a hash: one of the five settings that OWASP's Password
 * Storage Cheat Sheet calls equally strong. Each of the four threads of Node's pool keeps the
 * memory of its last hash; with 19 MiB and two passes that was 40 MB more, and a fifth more time.
 */
const PARAMETERS = { type: argon2id, memoryCost: 9_216, timeCost: 4, parallelism: 1 } as const;

/** None of them is taken for another when it is read out, or copied by hand. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** 99 bits. */
const INVENTED_LENGTH = 20;

/**
 * Argon2id on Node's thread pool. A storm of log-ins would take every core from all other requests,
 * so one core is left to them, the queue has an end, and addresses take turns in it.
 */
@Injectable()
export class Argon2PasswordHasher extends PasswordHasher {
  /** The hash of an unknown login: random bytes, so no password matches it. */
  readonly #decoy = encode(randomBytes(16), randomBytes(32));
  readonly #queue: FairQueue;

  constructor({ hashConcurrency, hashQueue }: AuthSettings, registry: Registry) {
    super();
    const queue = (this.#queue = new FairQueue(hashConcurrency, hashQueue));
    new Gauge({
      name: 'password_hashes',
      help: 'Passwords that are being hashed or verified, and those that wait for their turn',
      labelNames: ['state'],
      registers: [registry],
      collect() {
        this.set({ state: 'running' }, queue.running);
        this.set({ state: 'waiting' }, queue.waiting);
      },
    });
  }

  hash(password: Password, caller: Caller): Promise<string> {
    return this.#inTurn(caller, () => hash(password.reveal(), PARAMETERS));
  }

  verify(password: Password, digest = this.#decoy, caller: Caller): Promise<boolean> {
    return this.#inTurn(caller, async () => {
      for (const spelling of password.revealSpellings())
        if (await verify(digest, spelling)) return true;
      return false;
    });
  }

  invent(minLength: number): string {
    const length = Math.max(INVENTED_LENGTH, minLength);
    return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  }

  #inTurn<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
    return this.#queue.run(caller.address, () => {
      throwIfDisconnected(caller);
      return work();
    });
  }
}

/**
 * The PHC string format. It carries the parameters, so the decoy costs as much as any other hash.
 */
function encode(salt: Buffer, digest: Buffer): string {
  const { memoryCost, timeCost, parallelism } = PARAMETERS;
  const [saltText, digestText] = [salt, digest].map((bytes) =>
    bytes.toString('base64').replace(/=+$/, ''),
  );
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${saltText}$${digestText}`;
}
