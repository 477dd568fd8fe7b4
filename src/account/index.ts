export {
  AccountHttpModule,
  AccountModule,
  AccountReadsRpcModule,
  AccountRpcModule,
  AccountTablesModule,
  CreditsModule,
  RemoteAccountModule,
  RemoteAccountReadsModule,
} from './account.module.js';
export { RemoteAccountQueries } from './grpc/remote-account.js';
export { ACCOUNT_ERRORS } from './http/account.api.js';
export { AccountQueries, type Balance, type WithdrawalLine } from './application/ports.js';
export { type AccountsToCredit, type Credit, CreditPoints } from './application/credit-points.js';
