/** `npm run migrate [-- -d URI]`: prepares the clone, then becomes the operator's command. */
import { prepare } from './prepare/prepare.mjs';

await prepare();
process.argv.splice(2, 0, 'migrate');
await import('../dist/src/service/operator/command.js');
