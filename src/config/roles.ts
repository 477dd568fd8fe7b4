import { SettingRefused } from '../platform/settings.js';

/**
 * What a process does:
 *
 * - portal: the HTTP API and its documents.
 * - billing: users, orders, accounts and their ledger.
 * - accrual: asks the accrual system, and credits what it awards.
 * - relay: passes the events of the journal on.
 * - query: keeps a read model, built from events, from which portals read.
 */
export const ROLES = ['portal', 'billing', 'accrual', 'relay', 'query'] as const;

export type Role = (typeof ROLES)[number];

export const DEFAULT_ROLES: readonly Role[] = ['portal', 'billing', 'accrual', 'relay'];

/** Those that work on the database of the books. */
const ON_THE_BOOKS: readonly Role[] = ['billing', 'accrual', 'relay'];

export function roleList(text: string): readonly Role[] {
  const named = text.split(',').map((each) => each.trim());
  const unknown = named.filter((each) => !ROLES.includes(each as Role));
  if (unknown.length > 0) {
    const which = unknown.map((each) => `"${each}"`).join(', ');
    throw new SettingRefused(`must be a list of ${ROLES.join(', ')}; ${which} is none of them`);
  }
  return ROLES.filter((each) => named.includes(each));
}

export function isOnTheBooks(roles: readonly Role[]): boolean {
  return roles.some((each) => ON_THE_BOOKS.includes(each));
}
