import { Injectable } from '@nestjs/common';
import { AuthSettings } from '../../auth/auth.settings.js';
import { bytesOfPlace, type Cursor, placeOf } from '../../journal/index.js';
import { SealedPlaces } from '../../platform/http/lists/sealed-places.js';

/** The ids of events: where in the journal their reader stands, sealed for one user. */
@Injectable()
export class EventIds {
  readonly #places: SealedPlaces;

  constructor({ jwtSecret, jwtOldSecret }: AuthSettings) {
    this.#places = new SealedPlaces('ids of live events', jwtSecret, jwtOldSecret);
  }

  seal(userId: string, place: Cursor): string {
    return this.#places.seal(userId, bytesOfPlace(place));
  }

  /** @returns undefined where it is not an id that this user was given. */
  open(userId: string, id: string): Cursor | undefined {
    const bytes = this.#places.open(userId, id);
    return bytes && placeOf(bytes);
  }
}
