import { Module } from '@nestjs/common';
import { ChangeAccess } from './application/change-access.js';
import { AdjustPoints, RecountAccount, ReverseWithdrawal } from './application/correct-customer.js';
import { CustomerOverview } from './application/ports.js';
import { AccessRunner } from './cli/access-runner.js';
import { CustomerRunner } from './cli/customer-runner.js';
import { NamedCustomers } from './cli/named-customers.js';
import { SqlCustomerOverview } from './infrastructure/sql-customer-overview.js';

/** What operators see of customers, and do for them. */
@Module({
  providers: [
    AdjustPoints,
    ReverseWithdrawal,
    RecountAccount,
    ChangeAccess,
    NamedCustomers,
    AccessRunner,
    CustomerRunner,
    { provide: CustomerOverview, useClass: SqlCustomerOverview },
  ],
})
export class CustomersModule {}
