import { CreateUsers1700000000001 } from './1700000000001-CreateUsers.js';
import { CreateAccounts1700000000002 } from './1700000000002-CreateAccounts.js';
import { CreateLedger1700000000003 } from './1700000000003-CreateLedger.js';
import { CreateOrders1700000000004 } from './1700000000004-CreateOrders.js';
import { CreateQueue1700000000005 } from './1700000000005-CreateQueue.js';
import { CreateAccrualGate1700000000006 } from './1700000000006-CreateAccrualGate.js';
import { AddHoldToAccrualGate1700000000007 } from './1700000000007-AddHoldToAccrualGate.js';
import { TellTasksApart1700000000008 } from './1700000000008-TellTasksApart.js';
import { CoverOrderLists1700000000009 } from './1700000000009-CoverOrderLists.js';
import { WriteOrdersAsJson1700000000010 } from './1700000000010-WriteOrdersAsJson.js';
import { AddWithdrawnAfter1700000000011 } from './1700000000011-AddWithdrawnAfter.js';
import { FillWithdrawnAfter1700000000012 } from './1700000000012-FillWithdrawnAfter.js';
import { RefuseToForget1700000000013 } from './1700000000013-RefuseToForget.js';
import { ValidateConstraints1700000000014 } from './1700000000014-ValidateConstraints.js';
import { CreateReconciledTotals1700000000015 } from './1700000000015-CreateReconciledTotals.js';
import { ShowOutages1700000000021 } from './1700000000021-ShowOutages.js';
import { NormalizeLogins1700000000022 } from './1700000000022-NormalizeLogins.js';
import { CreateJournal1700000000023 } from './1700000000023-CreateJournal.js';
import { FillJournal1700000000024 } from './1700000000024-FillJournal.js';
import { CreateSubscriptions1700000000025 } from './1700000000025-CreateSubscriptions.js';
import { DateOrderSteps1700000000026 } from './1700000000026-DateOrderSteps.js';
import { AllowCorrections1700000000027 } from './1700000000027-AllowCorrections.js';
import { EndSessions1700000000028 } from './1700000000028-EndSessions.js';
import { IndexEventsOfUser1700000000029 } from './1700000000029-IndexEventsOfUser.js';
import { StopSubscriptions1700000000030 } from './1700000000030-StopSubscriptions.js';
import { ValidateCorrections1700000000031 } from './1700000000031-ValidateCorrections.js';
import { IndexOperatorActions1700000000032 } from './1700000000032-IndexOperatorActions.js';
import { CarryTraces1700000000033 } from './1700000000033-CarryTraces.js';

/**
 * In the order they run in. A migration that has been released is never changed: the next one
 * corrects it.
 */
export const MIGRATIONS = [
  CreateUsers1700000000001,
  CreateAccounts1700000000002,
  CreateLedger1700000000003,
  CreateOrders1700000000004,
  CreateQueue1700000000005,
  CreateAccrualGate1700000000006,
  AddHoldToAccrualGate1700000000007,
  TellTasksApart1700000000008,
  CoverOrderLists1700000000009,
  WriteOrdersAsJson1700000000010,
  AddWithdrawnAfter1700000000011,
  FillWithdrawnAfter1700000000012,
  RefuseToForget1700000000013,
  ValidateConstraints1700000000014,
  CreateReconciledTotals1700000000015,
  ShowOutages1700000000021,
  NormalizeLogins1700000000022,
  CreateJournal1700000000023,
  FillJournal1700000000024,
  CreateSubscriptions1700000000025,
  DateOrderSteps1700000000026,
  AllowCorrections1700000000027,
  EndSessions1700000000028,
  IndexEventsOfUser1700000000029,
  StopSubscriptions1700000000030,
  ValidateCorrections1700000000031,
  IndexOperatorActions1700000000032,
  CarryTraces1700000000033,
];
