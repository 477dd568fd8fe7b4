import type { Caller } from '../../../src/kernel/application/caller.js';

export const WAITING: Caller = { hasLeft: false };
export const GONE: Caller = { hasLeft: true };
