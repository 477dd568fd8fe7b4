import type { Caller } from '../../../src/kernel/application/caller.js';

export const WAITING: Caller = { isDisconnected: false };
export const GONE: Caller = { isDisconnected: true };
