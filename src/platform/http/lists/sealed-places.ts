import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { RandomBytes } from '../../system.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A place is filled up to so many bytes, so that its length tells little. */
const BLOCK_BYTES = 16;
const END = 0x80;

/** Longer ones cannot come back in a URL or a header. */
const LONGEST = 8_192;

/**
 * Places at which clients go on, in a list or a stream, sealed for what they belong to: its owner,
 * such as a user, or a list with its filters. Nobody can read one, as it may tell how much all
 * others do, or make one; another owner's is as good as none.
 *
 * All portals have the same keys, for they share the secret of the tokens. Places of the secret
 * before are known as long as its tokens are.
 */
export class SealedPlaces {
  readonly #key: Buffer;
  readonly #keys: readonly Buffer[];
  readonly #nonces = new RandomBytes(NONCE_BYTES);

  /** @param purpose what they are for: those of another one are not known. */
  constructor(purpose: string, secret: string, oldSecret: string | undefined) {
    this.#key = keyOf(secret, purpose);
    this.#keys = [this.#key, ...(oldSecret === undefined ? [] : [keyOf(oldSecret, purpose)])];
  }

  /** Never the same twice. */
  seal(owner: string, place: Uint8Array): string {
    const filled = Buffer.alloc(Math.ceil((place.length + 1) / BLOCK_BYTES) * BLOCK_BYTES);
    filled.set(place);
    filled[place.length] = END;
    const nonce = this.#nonces.next();
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(Buffer.from(owner));
    const sealed = [nonce, cipher.update(filled), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString('base64url');
  }

  /** @returns undefined for what was not made by {@link seal} for the same owner. */
  open(owner: string, text: string): Buffer | undefined {
    if (text.length > LONGEST) return undefined;
    const bytes = Buffer.from(text, 'base64url');
    // Node reads over what is no base64url.
    if (bytes.length <= NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== text)
      return undefined;
    for (const key of this.#keys) {
      const filled = opened(bytes, key, owner);
      if (filled) return filled.subarray(0, filled.lastIndexOf(END));
    }
    return undefined;
  }
}

function keyOf(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `gophermart: ${purpose}`, 32));
}

function opened(bytes: Buffer, key: Buffer, owner: string): Buffer | undefined {
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(owner))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  const sealed = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
  try {
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    return undefined;
  }
}
