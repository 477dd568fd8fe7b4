import { setTimeout as pause } from 'node:timers/promises';
import { BrokerServer, isBrokerInstalled } from '../../support/broker/broker-server.js';
import { WorkedConsumer } from '../../support/broker/worked-consumer.js';
import type { ServiceProcess } from '../../support/processes/service-process.js';
import { TcpProxy } from '../../support/http/tcp-proxy.js';
import { anyOf, Crowd } from '../customers/crowd.js';
import type { Assignment, Part } from '../part.js';
import { AccrualAnswers } from '../support/accrual-answers.js';
import { Deployment } from '../support/deployment.js';
import { type Disturbances, disturbInRounds } from '../support/disturb-in-rounds.js';
import { Random } from '../support/random.js';
import { onSite, type Site, type Told } from '../support/site.js';
import { checkEvents, checkReads, checkReplay, checkSums } from './final-checks.js';
import { Recorder } from './recorder.js';

const CUSTOMERS = 16;

/** The databases of the worked consumer and of the read model. */
const SUMS = 'sums';
const READS = 'reads';

export const BROKER: Part = {
  name: 'broker',
  meaning: 'kills and stalls broker, relay and consumers, and checks what these got',
  share: 2,
  byDefault: true,
  run: (assignment) =>
    isBrokerInstalled()
      ? onSite(assignment, (site) => run(assignment, site))
      : Promise.resolve({ facts: { 'not tried': 'RabbitMQ is not installed' }, violations: [] }),
};

/** What is disturbed. */
interface Scene {
  readonly deployment: Deployment;
  readonly broker: BrokerServer;
  readonly wire: TcpProxy;
  readonly consumer: WorkedConsumer;
  /** A process of the role `query`. */
  readonly reader: ServiceProcess;
  readonly random: Random;
}

/** Each resolves when what was broken works again. */
const DISTURBANCES: Disturbances<Scene> = {
  'broker killed': async ({ broker, random }) => {
    await broker.crash();
    await pause(random.integer(0, 1_000));
    await broker.restart();
  },
  'broker stands still': async ({ broker, random }) => {
    broker.signal('SIGSTOP');
    await pause(random.integer(1_000, 14_000));
    broker.signal('SIGCONT');
  },
  'consumer killed': async ({ consumer, random }) => {
    await consumer.kill();
    await pause(random.integer(0, 500));
    await consumer.start();
  },
  'replica killed': (scene) =>
    onReplica(scene, async ({ deployment, random }, replica) => {
      await replica.service.end('SIGKILL');
      await pause(random.integer(0, 500));
      await deployment.bringUp(replica);
    }),
  'replica stopped': (scene) =>
    onReplica(scene, async ({ deployment }, replica) => {
      await deployment.stopGracefully(replica);
      await deployment.bringUp(replica);
    }),
  'replica stands still beyond its lease': (scene) =>
    onReplica(scene, async (_, { service }) => {
      service.signal('SIGSTOP');
      await pause(16_000);
      service.signal('SIGCONT');
    }),
  'read model killed': async ({ reader, random }) => {
    await reader.end('SIGKILL');
    await pause(random.integer(0, 500));
    await reader.start();
  },
  'read model stands still': async ({ reader, random }) => {
    reader.signal('SIGSTOP');
    await pause(random.integer(1_000, 14_000));
    reader.signal('SIGCONT');
  },
  'wire cut': ({ wire }) => {
    wire.breakAll();
    return Promise.resolve();
  },
  'wire away': async ({ wire, random }) => {
    wire.goDown();
    await pause(random.integer(200, 2_000));
    wire.comeBack();
  },
  'wire silent': async ({ wire, random }) => {
    wire.fallSilent();
    await pause(random.integer(500, 4_000));
    wire.comeBack();
  },
};

async function onReplica(
  scene: Scene,
  disturb: (scene: Scene, replica: Deployment['replicas'][number]) => Promise<void>,
): Promise<void> {
  const replica = scene.random.pick(scene.deployment.replicas);
  replica.isDisturbed = true;
  await disturb(scene, replica).finally(() => (replica.isDisturbed = false));
}

async function run(assignment: Assignment, site: Site): Promise<Told> {
  const { seed, stopping, say } = assignment;
  const { findings, database } = site;
  const random = new Random(seed).fork('broker');
  const answers = new AccrualAnswers(random.fork('accrual system'));
  say('starting the broker');
  const broker = await BrokerServer.start();
  const wire = await TcpProxy.start(broker.uri);
  await database.create(SUMS);
  const consumer = new WorkedConsumer(broker.uri, database.uri(SUMS));
  await consumer.start();
  const recorder = await Recorder.start(broker.uri, findings);
  say('starting the replicas');
  const settings = { AMQP: wire.uri };
  const deployment = await Deployment.start(site, answers, stopping, [{ settings }, { settings }]);
  await database.create(READS);
  const reader = await site.start('reader', {
    settings: { ROLES: 'query', AMQP: wire.uri, QUERY_DATABASE_URI: database.uri(READS) },
  });
  const crowd = new Crowd({ deployment, answers, findings, random, stopping }, 1, CUSTOMERS);
  const over = new AbortController();
  try {
    deployment.accrual.beReliable();
    crowd.live(anyOf(over.signal, stopping));
    const scene = { deployment, broker, wire, consumer, reader, random };
    await disturbInRounds(assignment, findings, scene, DISTURBANCES);
    over.abort();
    await crowd.untilAnswered();
    if (!stopping.aborted) {
      await crowd.untilQuiet();
      say('checking the customers, the books, and what the consumers got');
      await crowd.check();
      const calmMs = Date.now();
      await checkEvents(database, recorder, findings);
      findings.peak('last event after the calm, ms', Date.now() - calmMs);
      findings.count('of them again', recorder.repetitions);
      await checkReplay(database, recorder, findings);
      await checkSums(database, SUMS, findings);
      await checkReads(database, READS, findings);
    }
  } finally {
    over.abort();
    crowd.close();
    await deployment.stop();
    await reader.end('SIGTERM');
    await recorder.stop();
    await consumer.kill();
    await wire.stop();
    await broker.stop();
  }
  const facts = [
    'uploads accepted',
    'orders credited',
    'withdrawals made',
    'answers 503 to writes',
  ];
  return {
    facts: {
      ...Object.fromEntries(facts.map((fact) => [fact, findings.of(fact)])),
      'events received': recorder.events.size,
      'of them again': findings.of('of them again'),
      'last event after the calm, ms': findings.of('last event after the calm, ms'),
      ...findings.tallies,
    },
  };
}
