import {
  PauseAccrual,
  ResumeAccrual,
  UpdateGate,
} from '../../../src/cashback/application/update-gate.js';
import {
  RetryAllParkedTasks,
  RetryParkedTasks,
} from '../../../src/cashback/application/retry-parked-tasks.js';
import { queueCommand } from '../../../src/cashback/cli/queue-command.js';
import { QueueRunner } from '../../../src/cashback/cli/queue-runner.js';
import { FakeUnitOfWork } from '../fakes/fake-unit-of-work.js';
import {
  InMemoryActions,
  InMemoryOverview,
  InMemoryParkedTasks,
} from '../fakes/in-memory-operations.js';
import { inMemoryWorker } from '../fakes/in-memory-worker.js';

/** An operator at the queue of a worker in memory. */
export function queueDesk() {
  const worker = inMemoryWorker();
  const { queue, gates, clock } = worker;
  const overview = new InMemoryOverview(queue, clock);
  const parked = new InMemoryParkedTasks(queue, clock);
  const unitOfWork = new FakeUnitOfWork();
  const actions = new InMemoryActions();
  const updateGate = new UpdateGate(unitOfWork, gates);
  const runner = new QueueRunner(
    overview,
    gates,
    new RetryParkedTasks(unitOfWork, parked, overview, actions),
    new RetryAllParkedTasks(unitOfWork, parked, actions),
    new PauseAccrual(updateGate, actions),
    new ResumeAccrual(updateGate, actions),
  );
  const put = (orderId: string, task: object = {}): void => {
    worker.upload(orderId);
    Object.assign(worker.queue.tasks.get(orderId) ?? {}, task);
  };
  return {
    clock,
    gates,
    overview,
    recorded: actions.recorded,
    /** Uploads an order; its task is as told. */
    put,
    park: (orderId: string, reason = 'status 500') =>
      put(orderId, { status: 'FAILED', tries: 10, reason }),
    /** The exit code of a command, and what it says. */
    run: async (...argv: string[]): Promise<[number, ...string[]]> => {
      const lines: string[] = [];
      let code = -1;
      await queueCommand(async (work) => {
        code = await work(runner, (line) => lines.push(line), new AbortController().signal);
      }).run(argv);
      return [code, ...lines];
    },
  };
}

export type QueueDesk = ReturnType<typeof queueDesk>;
