/**
 * A consumer of Gophermart's events, to begin with: it adds up what customers were given and what
 * they have spent, in a database of its own. Nothing of it is Gophermart's but the contract.
 *
 *   AMQP=amqp://localhost DATABASE_URI=postgres://…/mine node consumer.mjs
 *
 * Events come at least once: a message that was not acknowledged comes again. What they do to our
 * sums must happen once, so the id of each event is stored by the very commit that changes a sum.
 * An id that is there already is a repetition, and changes nothing.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'amqplib';
import pg from 'pg';

const EXCHANGE = 'gophermart';
/** Declaring a queue again with other arguments is refused: a new version gets a new name. */
const QUEUE = 'sums.v1';
const DEAD = 'sums.v1.dead';

const database = new pg.Pool({ connectionString: process.env.DATABASE_URI });
// Of a connection that nobody uses at the moment.
database.on('error', (error) => console.error(error.message));
await database.query(`
  CREATE TABLE IF NOT EXISTS inbox (event_id bigint PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS sums (kind text PRIMARY KEY, total numeric NOT NULL)`);

const connection = await connect(process.env.AMQP ?? 'amqp://localhost', {
  clientProperties: { connection_name: QUEUE },
});
// Whoever runs this process starts it again. What was not acknowledged is still in the queue.
connection.on('error', (error) => console.error(error.message));
connection.on('close', () => process.exit(1));
const channel = await connection.createChannel();
channel.on('error', (error) => console.error(error.message));
channel.on('close', () => process.exit(1));

// The same declaration as Gophermart's: whoever comes first makes it.
await channel.assertExchange(EXCHANGE, 'topic', { durable: true });
await channel.assertQueue(DEAD, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
await channel.assertQueue(QUEUE, {
  durable: true,
  arguments: {
    // Replicated where the broker is a cluster, and one reader at a time, so that order holds.
    'x-queue-type': 'quorum',
    'x-single-active-consumer': true,
    // A message that fails ten times goes to the dead letters, and the next ones go on.
    'x-delivery-limit': 10,
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': DEAD,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  },
});
await channel.bindQueue(QUEUE, EXCHANGE, 'transaction_processed');
await channel.prefetch(10);

/** All of a message, or nothing of it. */
async function store(events) {
  const client = await database.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query(
      `INSERT INTO inbox SELECT UNNEST($1::bigint[]) ON CONFLICT DO NOTHING RETURNING event_id`,
      [events.map(({ id }) => id)],
    );
    const fresh = new Set(rows.map(({ event_id }) => event_id));
    for (const { id, data } of events) {
      if (!fresh.has(id)) continue;
      // A sum is text, so that no digit is lost: the database computes with it.
      await client.query(
        `INSERT INTO sums VALUES ($1, $2::numeric)
         ON CONFLICT (kind) DO UPDATE SET total = sums.total + excluded.total`,
        [data.kind, data.amount],
      );
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** A database that is away is no fault of the message: it waits here. */
async function handle(message) {
  const events = JSON.parse(message.content.toString());
  for (;;) {
    try {
      return await store(events);
    } catch (error) {
      console.error(error.message);
      // SQLSTATE of class 22 or 23: the database does not take this one.
      if (/^2[23]/.test(error.code)) throw error;
      await pause(1_000);
    }
  }
}

/** One message after another: the next must not be stored before this one. */
let last = Promise.resolve();
await channel.consume(QUEUE, (message) => {
  if (message === null) return process.exit(1);
  last = last
    .then(() => handle(message))
    .then(
      () => channel.ack(message),
      // It comes again, up to the limit, and then goes to the dead letters.
      () => channel.reject(message, true),
    );
});
console.log(`waiting for messages in ${QUEUE}`);
