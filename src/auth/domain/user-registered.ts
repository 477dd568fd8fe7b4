/** A user signed up; published inside the transaction that stores them. */
export class UserRegistered {
  constructor(readonly userId: string) {}
}
