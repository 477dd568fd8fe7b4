/**
 * A receiver of Gophermart's webhooks, to begin with: it verifies each one, and prints the events
 * that it has not seen yet. Nothing of it is Gophermart's but the contract.
 *
 *   WEBHOOK_SECRET=whsec_… PORT=9000 node webhook-receiver.mjs
 *
 * Only what carries a signature made with the secret comes from Gophermart. The signature is over
 * the bytes of the body: verify them as they came, before anything parses them.
 */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? '');

/**
 * An event comes at least once. Yours stand in a database, and what an event does is stored by the
 * commit that stores its id.
 */
const seen = new Set();

function handle(event) {
  if (seen.has(event.id)) return;
  seen.add(event.id);
  console.log(JSON.stringify(event));
}

const server = createServer(async (request, response) => {
  try {
    // It throws where the signature is wrong, or older or newer than five minutes.
    handle(webhook.verify(await text(request), request.headers));
    response.writeHead(204).end();
  } catch (error) {
    console.error(error.message);
    // Whatever is not 2xx has the event come again. 410 would stop all of them.
    response.writeHead(error instanceof WebhookVerificationError ? 401 : 500).end();
  }
});

server.listen(Number(process.env.PORT ?? 9000), '127.0.0.1', () => {
  console.log(`waiting for webhooks on port ${server.address().port}`);
});
