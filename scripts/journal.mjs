/**
 * `npm run journal -- stats …`: prepares the clone, then becomes the
 * operator's command.
 */
import { prepare } from './prepare/prepare.mjs';

await prepare();
process.argv.splice(2, 0, 'journal');
await import('../dist/src/service/operator/command.js');
