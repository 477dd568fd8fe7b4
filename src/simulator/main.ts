import { UsageProblems } from '../platform/cli/command-line.js';
import { simulatorCommand } from './command-line.js';
import { type SimulatorOptions, startSimulator } from './start-simulator.js';

async function start(options: SimulatorOptions): Promise<void> {
  const simulator = await startSimulator(options);
  // `on`, not `once`: Ctrl-C reaches a process of npm's twice, and the second one must not kill
  // what is stopping.
  const stop = (): void => void simulator.close().then(() => process.exit(0));
  process.on('SIGTERM', stop).on('SIGINT', stop);
  const order = '{"order":"12345678903","goods":[{"description":"Чайник Bork","price":7000}]}';
  console.log(`The accrual simulator listens on ${simulator.url}. To try it:

  curl -i ${simulator.url}/api/goods -d '{"match":"Bork","reward":10,"reward_type":"%"}'
  curl -i ${simulator.url}/api/orders -d '${order}'
  curl -i ${simulator.url}/api/orders/12345678903

A number that earns points as it is:  curl ${simulator.url}/api/order
`);
}

try {
  await simulatorCommand(process.env, start).run(process.argv.slice(2));
} catch (error) {
  const isExpected =
    error instanceof UsageProblems || (error instanceof Error && 'syscall' in error);
  console.error(isExpected ? error.message : error);
  process.exitCode = 1;
}
