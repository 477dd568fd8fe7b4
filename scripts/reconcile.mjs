/**
 * `npm run reconcile [-- -d URI] [--json]`: prepares the clone, then becomes the operator's
 * command.
 */
import { prepare } from './prepare.mjs';

await prepare();
await import('../dist/src/service/operator/reconcile.js');
