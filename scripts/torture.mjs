/**
 * `npm run torture [-- parts and options]`: prepares the clone, then attacks the service it has
 * built.
 */
import { prepare } from './prepare/prepare.mjs';

await prepare({ forTests: true });
const { register } = await import('tsx/esm/api');
register();
await import('../test/torture/main.ts');
