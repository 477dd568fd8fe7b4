/** Every call of the API that is for users who have signed in. */
export const SIGNED_IN_CALLS = [
  'POST /api/user/orders',
  'GET /api/user/orders',
  'GET /api/user/balance',
  'POST /api/user/balance/withdraw',
  'GET /api/user/withdrawals',
] as const;

/** Those with a body. */
export const BODY_CALLS = [
  'POST /api/user/register',
  'POST /api/user/login',
  'POST /api/user/orders',
  'POST /api/user/balance/withdraw',
] as const;
