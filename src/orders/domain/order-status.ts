export type OrderStatus = 'NEW' | 'PROCESSING' | 'INVALID' | 'PROCESSED';

/**
 * What may follow what. PROCESSED and INVALID are final: a later, different answer changes nothing.
 */
const TRANSITIONS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  NEW: ['PROCESSING', 'INVALID', 'PROCESSED'],
  PROCESSING: ['PROCESSING', 'INVALID', 'PROCESSED'],
  INVALID: [],
  PROCESSED: [],
};

export function mayFollow(from: OrderStatus, to: OrderStatus): boolean {
  return TRANSITIONS[from].includes(to);
}
