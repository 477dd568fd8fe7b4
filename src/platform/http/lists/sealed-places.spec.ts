import { describe, expect, it } from '@jest/globals';
import { SealedPlaces } from './sealed-places.js';

const placesOf = (secret: string, oldSecret?: string): SealedPlaces =>
  new SealedPlaces('pages', secret, oldSecret);

describe(SealedPlaces, () => {
  const places = placesOf('a secret');
  const place = Buffer.from('0190-7');
  const sealed = places.seal('orders of ann', place);

  it('opens what it has sealed, for the same owner and purpose', () => {
    expect(placesOf('a secret').open('orders of ann', sealed)).toEqual(place);
    expect(places.open('orders of bob', sealed)).toBeUndefined();
    const others = new SealedPlaces('events', 'a secret', undefined);
    expect(others.open('orders of ann', sealed)).toBeUndefined();
    expect(sealed).toMatch(/^[\w-]+$/);
  });

  it.each([0, 1, 15, 16, 17, 400])('opens a place of %i bytes, whatever they are', (length) => {
    for (const byte of [0, 0x80, 0xff]) {
      const bytes = Buffer.alloc(length, byte);
      expect(places.open('ann', places.seal('ann', bytes))).toEqual(bytes);
    }
  });

  it('seals the same place otherwise each time, and says nothing by its length', () => {
    expect(places.seal('ann', place)).not.toBe(places.seal('ann', place));
    expect(places.seal('ann', Buffer.from('a longer one'))).toHaveLength(
      places.seal('ann', place).length,
    );
    expect(Buffer.from(sealed, 'base64url').includes(place)).toBe(false);
  });

  it('opens nothing that was changed anywhere', () => {
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1);
      expect([i, places.open('orders of ann', changed)]).toEqual([i, undefined]);
    }
  });

  it.each(['', 'A', 'A'.repeat(22), `${sealed}=`, `${sealed}.`, ` ${sealed}`, 'A'.repeat(9_000)])(
    'opens nothing else: %j',
    (text) => {
      expect(places.open('orders of ann', text)).toBeUndefined();
    },
  );

  it('opens with the secret of the time before, and with no other', () => {
    const rotated = placesOf('a new secret', 'a secret');
    expect(rotated.open('orders of ann', sealed)).toEqual(place);
    const renewed = rotated.seal('orders of ann', place);
    expect(places.open('orders of ann', renewed)).toBeUndefined();
    expect(placesOf('another').open('orders of ann', sealed)).toBeUndefined();
  });
});
