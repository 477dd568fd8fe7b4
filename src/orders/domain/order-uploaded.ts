/**
 * An order number was uploaded; published in the transaction that stores the order.
 *
 * Whether the number was new is known when that has committed, and no sooner: until then there may
 * be no order of this id, and never be one.
 */
export class OrderUploaded {
  constructor(
    readonly orderId: string,
    readonly uploadedAt: Date,
  ) {}
}
