import type { LoyaltyModel } from './loyalty-model.js';

/** Something that happened at an unknown point between the others. */
export interface Event {
  /**
   * Equal for events that may stand in for each other: twenty repeats of one call need not be tried
   * in every order.
   */
  readonly sameAs: string;
  /**
   * Lets the event happen to the model now. False: it cannot have happened here, seeing what was
   * replied.
   */
  happen(model: LoyaltyModel): boolean;
}

/**
 * Every state the model can be in after `events`, all made at once, happened one after another in
 * some order that explains each reply. Nothing when no order does: then the service did what no
 * service can do that handles one call after another.
 *
 * What is Wing and Gong's search with Lowe's memory: a state met before, with the same events left,
 * leads nowhere new. The replies pin the state down so far that eight events visit some hundred
 * states, not 8!.
 */
export function* explanations(
  model: LoyaltyModel,
  events: readonly Event[],
): Generator<LoyaltyModel> {
  yield* search(model, events, new Set());
}

function* search(
  model: LoyaltyModel,
  left: readonly Event[],
  visited: Set<string>,
): Generator<LoyaltyModel> {
  const state = `${left.map(({ sameAs }) => sameAs).join('\n')}\n${model.fingerprint}`;
  if (visited.has(state)) return;
  visited.add(state);
  if (left.length === 0) yield model;
  const tried = new Set<string>();
  for (const [i, event] of left.entries()) {
    if (tried.has(event.sameAs)) continue;
    tried.add(event.sameAs);
    const next = model.clone();
    if (event.happen(next)) yield* search(next, left.toSpliced(i, 1), visited);
  }
}
