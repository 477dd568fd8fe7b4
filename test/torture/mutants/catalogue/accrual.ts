import type { Mutant } from '../mutant.js';

const PROTOCOL = 'src/cashback/infrastructure/accrual-protocol.ts';
const PROTOCOL_SPEC = 'src/cashback/infrastructure/accrual-protocol.spec.ts';
const TASK = 'src/cashback/domain/task.ts';
const TASK_SPEC = 'src/cashback/domain/task.spec.ts';

export const ACCRUAL_MUTANTS: readonly Mutant[] = [
  {
    name: '429 counted as a try',
    why: 'an hour of "too fast" parks the whole backlog as FAILED',
    edits: [
      {
        file: 'src/cashback/application/processor/cashback-processor.ts',
        find: 'task.postponed(reply.pauseMs)',
        replace: `task.faulted('too fast', 0)`,
      },
    ],
    killer: {
      file: 'src/cashback/application/processor/cashback-processor.spec.ts',
      test: 'CashbackProcessor sends no request in a pause, spends no try, and goes on when it is over',
    },
  },
  {
    name: '"not yet" counted as a try',
    why: 'a calculation that takes a day is parked after some minutes',
    edits: [
      {
        file: TASK,
        find: 'tries: this.state.tries, priority };',
        replace: 'tries: this.state.tries + 1, priority };',
      },
    ],
    killer: {
      file: TASK_SPEC,
      test: 'Task spends no try on "not yet", and is due again after a fifth of its age',
    },
  },
  {
    name: 'an answer about another order',
    why: 'a proxy that mixes replies up has points credited to the wrong customer',
    edits: [
      {
        file: PROTOCOL,
        find: 'if (order !== number.value)',
        replace: `if (order === '' && number.value === '')`,
      },
    ],
    killer: { file: PROTOCOL_SPEC, test: 'readReply takes another order for a fault' },
  },
  {
    name: '204 as a refusal',
    why: 'an order that the accrual system has not heard of yet is INVALID for ever',
    edits: [{ file: PROTOCOL, find: `{ kind: 'unknown' }`, replace: `{ kind: 'invalid' }` }],
    killer: {
      file: PROTOCOL_SPEC,
      test: 'readReply takes 204 for a number that is not registered there yet',
    },
  },
  {
    name: 'Retry-After in milliseconds',
    why: 'a pause of a minute lasts 60 ms, and the next 429 follows',
    edits: [{ file: PROTOCOL, find: 'seconds * 1_000', replace: 'seconds' }],
    killer: {
      file: 'src/cashback/infrastructure/accrual-protocol-limits.spec.ts',
      test: 'the pause after 429 lasts as long as Retry-After: 60 says',
    },
  },
  {
    name: 'a pause cut short',
    why: 'the late 429 of a shorter pause ends the longer one for all replicas',
    edits: [
      {
        file: 'src/cashback/domain/accrual-gate.ts',
        find: 'Math.max(this.state.pausedUntil ?? 0, this.now + pauseMs)',
        replace: 'this.now + pauseMs',
      },
    ],
    killer: {
      file: 'src/cashback/domain/accrual-gate.spec.ts',
      test: 'AccrualGate after a 429 keeps the longer pause when a second 429 comes',
    },
  },
  {
    name: 'missing lock of the gate',
    why: 'two replicas spend the same permits and go beyond the limit',
    edits: [
      {
        file: 'src/cashback/infrastructure/sql-gate-repository.ts',
        find: '`${READ} FOR UPDATE`',
        replace: 'READ',
      },
    ],
    killer: {
      file: 'test/integration/queue/gate-repository.test.ts',
      test: 'SqlGateRepository holds its lock until the transaction ends',
    },
  },
  {
    name: 'an outage spends tries',
    why: 'an order whose request met an outage loses a try when the system answers again',
    edits: [
      {
        file: 'src/cashback/domain/circuit-breaker.ts',
        find: 'const wasClosed = !this.#open;',
        replace: 'const wasClosed = true;',
      },
    ],
    killer: {
      file: 'src/cashback/domain/circuit-breaker.spec.ts',
      test: 'CircuitBreaker dismisses faults that were followed by an outage which another replica found',
    },
  },
  {
    name: 'one order passes for an outage',
    why: 'a single number that hangs each time opens the breaker, and all others wait for its probe',
    edits: [
      {
        file: 'src/cashback/domain/circuit-breaker.ts',
        find: 'this.#faultyInARow.add(order)',
        replace: 'this.#faultyInARow.add(`${order} ${now}`)',
      },
    ],
    killer: {
      file: 'src/cashback/domain/circuit-breaker.spec.ts',
      test: 'CircuitBreaker takes one order that fails again and again for no outage',
    },
  },
  {
    name: 'a stop keeps its tasks',
    why: 'every deployment makes the orders under way wait for the end of their leases, and spends a try on each',
    edits: [
      {
        file: 'src/cashback/application/processor/cashback-processor.ts',
        find: 'if (!reply) return this.#resolve(task, task.postponed(0));',
        replace: 'if (!reply) return;',
      },
    ],
    killer: {
      file: 'src/cashback/application/processor/cashback-processor.spec.ts',
      test: 'CashbackProcessor puts its tasks back when it stops, at once and without spending a try',
    },
  },
];
