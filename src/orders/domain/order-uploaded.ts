/** A new order number was accepted; published in the transaction that stores it. */
export class OrderUploaded {
  constructor(
    readonly orderId: string,
    readonly uploadedAt: Date,
  ) {}
}
