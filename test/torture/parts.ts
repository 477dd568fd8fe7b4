import type { Part } from './part.js';

/** In the order they run in. */
export const PARTS: readonly Part[] = [];
