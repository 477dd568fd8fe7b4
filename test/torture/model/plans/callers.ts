import fc from 'fast-check';
import * as api from '../../../support/http/client.js';
import { type Expectation, MESSAGES, type Occasion, refusal } from '../reference/expectation.js';
import type { LoyaltyModel } from '../reference/loyalty-model.js';
import type { Call, Story } from '../story.js';

/** A call before its story tells whose it is, which number and what sum. */
export type Plan = (story: Story, model: LoyaltyModel) => Call;

export type Name = 'ann' | 'bob' | 'cyd';
export const NAMES: readonly Name[] = ['ann', 'bob', 'cyd'];

/** The last one registers late, if ever. */
export const anyName = fc.oneof(
  { weight: 11, arbitrary: fc.constantFrom<Name[]>('ann', 'bob') },
  { weight: 1, arbitrary: fc.constant<Name>('cyd') },
);

const THE_RICHEST = 'whoever has most points';
/** Where everybody pays alike, most pay with nothing. */
export const anyPayer: fc.Arbitrary<string> = fc.oneof(fc.constant(THE_RICHEST), anyName);

export function whoIs(name: string, model: LoyaltyModel): string {
  return name === THE_RICHEST ? model.richest : name;
}

/** Each story has users of its own. */
export function loginOf(name: string, story: Story): string {
  return `${name}-${story.index}`;
}

/** Which token is shown, and where. */
type Carrier = 'header' | 'cookie' | 'none' | 'tampered' | 'older';
const anyCarrier: fc.Arbitrary<Carrier> = fc.oneof(
  { weight: 20, arbitrary: fc.constant('header') },
  { weight: 3, arbitrary: fc.constant('cookie') },
  { weight: 2, arbitrary: fc.constant('older') },
  { weight: 1, arbitrary: fc.constantFrom('none', 'tampered') },
);

export interface Signed {
  readonly name: string;
  readonly carrier: Carrier;
}

export const anySigned = (name: fc.Arbitrary<string> = anyName): fc.Arbitrary<Signed> =>
  fc.record({ name, carrier: anyCarrier });

export function inHeader(name: string): Signed {
  return { name, carrier: 'header' };
}

/** Who shows a token: by the user's id, and by the session. */
export interface Shown {
  readonly user: string;
  readonly session: string;
}

/** A call of somebody who shows a token, or ought to. */
export function signed(
  { name: who, carrier }: Signed,
  { told, ...call }: Omit<Call, 'apply'>,
  apply: (model: LoyaltyModel, by: Shown, occasion: Occasion) => Expectation,
): Plan {
  return (story, model) => {
    const name = whoIs(who, model);
    const held = story.sessionOf(name, carrier === 'older');
    const isKnown = held !== undefined && carrier !== 'none' && carrier !== 'tampered';
    const unauthenticated = refusal(401, MESSAGES.unauthenticated);
    return {
      ...call,
      told: `${name} ${carrier === 'header' ? '' : `(token: ${carrier}) `}${told}`,
      request: carry(call.request as api.Call, carrier, held?.token),
      ...(isKnown && { session: held.session }),
      apply: (each, occasion, reply) => {
        if (!isKnown) return unauthenticated;
        const { session } = held;
        const state = each.access.stateOf(session, occasion.turn);
        const isRefused = state === 'ended' || (state === 'ending' && reply.status === 401);
        const by = { user: each.access.ownerOf(session), session };
        return isRefused ? unauthenticated : apply(each, by, occasion);
      },
    };
  };
}

function carry(call: api.Call, carrier: Carrier, token: string | undefined): api.Call {
  if (token === undefined || carrier === 'none') return call;
  if (carrier !== 'tampered') return api.by(token, call, carrier === 'cookie' ? carrier : 'header');
  // The last character of a signature has bits that are not read: the one before it counts.
  const other = token.at(-2) === 'A' ? 'B' : 'A';
  return api.by(token.slice(0, -2) + other + token.slice(-1), call);
}
