/**
 * `npm run queue | customer | journal | reconcile | migrate | backup | restore -- …`: prepares the
 * clone, then becomes the operator's command that is named first.
 */
import { prepare } from './prepare/prepare.mjs';

await prepare();
await import('../dist/src/service/operator/command.js');
