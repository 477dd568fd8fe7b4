import { mutant } from '../mutant.js';

const MODEL = 'src/query/infrastructure/sql-read-model.ts';
const STORED = 'test/integration/query/read-model.test.ts';

/** What would show customers something else than the books have, and let others in. */
export const READ_MODEL_MUTANTS = [
  mutant(
    'the last event wins, whatever its revision is',
    'an event that comes late, or again, takes an order back to what it was',
    [STORED, 'SqlReadModel shows an order by its highest revision, in whatever order events come'],
    [
      MODEL,
      'status = CASE WHEN excluded.revision >= o.revision THEN excluded.status ELSE o.status END',
      'status = excluded.status',
    ],
    [MODEL, 'WHERE (excluded.revision >= o.revision\n      AND', 'WHERE (true\n      AND'],
  ),
  mutant(
    'a read model that believes to have all that it was told of',
    'messages that are lost are not noticed, and customers read what is old',
    [STORED, 'SqlReadModel in its progress lacks something behind a gap until that is closed'],
    [MODEL, 'if (from > next) return', 'if (from > next + 1_000_000n) return'],
  ),
  mutant(
    'a parked event is given up when an operator puts it back',
    'an event that cannot be stored again is lost',
    [STORED, 'SqlReadModel of parked events gives up what was stored, and keeps the rest'],
    [
      MODEL,
      'const stored = events.filter((event) => !reasons.has(event));',
      'const stored = events;',
    ],
  ),
  mutant(
    'a repeated registration is somebody else',
    'who asks again because the answer was lost is told that the login is taken',
    [
      'src/auth/application/register-user.spec.ts',
      'RegisterUser finds the user whom the same call has registered before',
    ],
    [
      'src/auth/application/register-user.ts',
      'if (owner?.id === id) return { userId: id, generation: 0 };',
      'if (owner?.id === undefined) void id;',
    ],
  ),
  mutant(
    'gRPC answers whoever asks',
    'everybody in the network spends everybody’s points',
    ['test/e2e/rpc/calls.test.ts', 'a call of gRPC is refused when it shows "the wrong secret"'],
    [
      'src/platform/grpc/rpc-admission.ts',
      'if (!timingSafeEqual(digest(String(shown)), expected))',
      "if (!timingSafeEqual(expected, expected) && shown !== '')",
    ],
  ),
  mutant(
    'a caller who has left a portal is charged',
    'whoever was told 402 through another portal, and had left this one before, is charged',
    [
      'test/e2e/rpc/exchange.test.ts',
      'a stream of batches, about which billing asks who has left ' +
        'charges nobody who has left, and all others',
    ],
    [
      'src/account/grpc/account.rpc.ts',
      'for (const place of await this.batch.whoHasLeft()) this.#left.add(place);',
      'await this.batch.whoHasLeft();',
    ],
  ),
];
