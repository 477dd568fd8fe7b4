/**
 * `npm run reconcile [-- -d URI] [--json]`: prepares the clone, then becomes the operator's
 * command.
 */
import { prepare } from './prepare/prepare.mjs';

await prepare();
process.argv.splice(2, 0, 'reconcile');
await import('../dist/src/service/operator/command.js');
