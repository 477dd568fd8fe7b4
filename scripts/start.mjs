/**
 * `npm start`: prepares the clone, then becomes the service. In this very process, so that what is
 * sent to `npm start` (which execs into it) reaches the service; a stop during the preparations is
 * a stop of the service, and no failure.
 */
import { prepare } from './prepare/prepare.mjs';

await prepare({ exitCodeWhenStopped: 0 });
await import('../dist/src/main.js');
