import { CommandLineProblems, HELP, readCommandLine } from './command-line.js';
import { startSimulator } from './start-simulator.js';

async function main(): Promise<void> {
  const options = readCommandLine(process.argv.slice(2), process.env);
  if (options === 'help') {
    console.log(HELP);
    return;
  }
  const simulator = await startSimulator(options);
  // `on`, not `once`: Ctrl-C reaches a process of npm's twice, and the second one must not kill
  // what is stopping.
  const stop = (): void => void simulator.close().then(() => process.exit(0));
  process.on('SIGTERM', stop).on('SIGINT', stop);
  console.log(`The accrual simulator listens on ${simulator.url}. To try it:

  curl -i ${simulator.url}/api/goods -d '{"match":"Bork","reward":10,"reward_type":"%"}'
  curl -i ${simulator.url}/api/orders -d '{"order":"12345678903","goods":[{"description":"Чайник Bork","price":7000}]}'
  curl -i ${simulator.url}/api/orders/12345678903
`);
}

main().catch((error: unknown) => {
  const expected =
    error instanceof CommandLineProblems || (error instanceof Error && 'syscall' in error);
  console.error(expected ? (error as Error).message : error);
  process.exitCode = 1;
});
