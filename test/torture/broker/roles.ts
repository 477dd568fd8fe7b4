import { setTimeout as pause } from 'node:timers/promises';
import { BrokerServer, isBrokerInstalled } from '../../support/broker/broker-server.js';
import { freePort } from '../../support/processes/service-process.js';
import { checkReads } from './final-checks.js';
import { anyOf, Crowd } from '../customers/crowd.js';
import type { Assignment, Part } from '../part.js';
import { AccrualAnswers } from '../support/accrual-answers.js';
import { Deployment, type ReplicaOptions } from '../support/deployment.js';
import { type Disturbances, disturbInRounds } from '../support/disturb-in-rounds.js';
import { Random } from '../support/random.js';
import { onSite, type Site, type Told } from '../support/site.js';

const CUSTOMERS = 16;

/** The database of the read model. */
const READS = 'reads';

export const ROLES: Part = {
  name: 'roles',
  meaning: 'kills and stops portals, billing, accrual, relay and query as processes of their own',
  share: 2,
  byDefault: true,
  run: (assignment) =>
    isBrokerInstalled()
      ? onSite(assignment, (site) => run(assignment, site))
      : Promise.resolve({ facts: { 'not tried': 'RabbitMQ is not installed' }, violations: [] }),
};

/** In the order in which they start. */
const NAMES = ['billing', 'accrual', 'relay', 'query', 'portal-1', 'portal-2'] as const;

interface Scene {
  readonly deployment: Deployment;
  readonly random: Random;
}

/** Kills each in turn; those that customers wait for stand still, too, and stop. */
const DISTURBANCES: Disturbances<Scene> = Object.fromEntries([
  ...NAMES.map((name) => [
    `${name} killed`,
    on(name, async (replica, { deployment, random }) => {
      await replica.service.end('SIGKILL');
      await pause(random.integer(0, 500));
      await deployment.bringUp(replica);
    }),
  ]),
  ...(['billing', 'portal-1', 'portal-2'] as const).flatMap((name) => [
    [
      `${name} stands still`,
      on(name, async ({ service }, { random }) => {
        service.signal('SIGSTOP');
        await pause(random.integer(500, 4_000));
        service.signal('SIGCONT');
      }),
    ],
    [
      `${name} stopped`,
      on(name, async (replica, { deployment }) => {
        await deployment.stopGracefully(replica);
        await deployment.bringUp(replica);
      }),
    ],
  ]),
]) as Disturbances<Scene>;

type Replica = Deployment['replicas'][number];

function on(
  name: (typeof NAMES)[number],
  disturb: (replica: Replica, scene: Scene) => Promise<void>,
): (scene: Scene) => Promise<void> {
  return async (scene) => {
    const replica = scene.deployment.replicas.find((each) => each.name === name);
    if (!replica) throw new Error(`there is no ${name}`);
    replica.isDisturbed = true;
    await disturb(replica, scene).finally(() => (replica.isDisturbed = false));
  };
}

/** Portals read from billing: customers go by what they are told, and a read model lags. */
async function processes(broker: BrokerServer, reads: string): Promise<ReplicaOptions[]> {
  const RPC_SECRET = 'the secret of all processes';
  const billing = `127.0.0.1:${await freePort()}`;
  const settings = {
    billing: { RPC_ADDRESS: billing, RPC_SECRET },
    accrual: {},
    relay: { AMQP: broker.uri },
    query: { AMQP: broker.uri, QUERY_DATABASE_URI: reads },
    'portal-1': { BILLING_ADDRESS: billing, RPC_SECRET },
    'portal-2': { BILLING_ADDRESS: billing, RPC_SECRET },
  };
  return NAMES.map((name) => ({
    name,
    isInside: !name.startsWith('portal'),
    settings: { ...settings[name], ROLES: name.replace(/-\d$/, '') },
  }));
}

async function run(assignment: Assignment, site: Site): Promise<Told> {
  const { seed, stopping, say } = assignment;
  const { findings, database } = site;
  const random = new Random(seed).fork('roles');
  const answers = new AccrualAnswers(random.fork('accrual system'));
  say('starting the broker');
  const broker = await BrokerServer.start();
  say('starting the processes');
  await database.create(READS);
  const replicas = await processes(broker, database.uri(READS));
  const deployment = await Deployment.start(site, answers, stopping, replicas);
  const crowd = new Crowd({ deployment, answers, findings, random, stopping }, 1, CUSTOMERS);
  const over = new AbortController();
  try {
    deployment.accrual.beReliable();
    crowd.live(anyOf(over.signal, stopping));
    await disturbInRounds(assignment, findings, { deployment, random }, DISTURBANCES);
    over.abort();
    await crowd.untilAnswered();
    if (!stopping.aborted) {
      await crowd.untilQuiet();
      say('checking the customers, the books and the read model');
      await crowd.check();
      await checkReads(database, READS, findings);
    }
  } finally {
    over.abort();
    crowd.close();
    await deployment.stop();
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
      ...findings.tallies,
    },
  };
}
