/**
 * `npm run queue -- list | stats | retry | pause | resume …`: prepares the clone, then becomes the
 * operator's command.
 */
import { prepare } from './prepare.mjs';

await prepare();
await import('../dist/src/service/operator/queue.js');
