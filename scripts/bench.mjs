/** `npm run bench [-- options]`: prepares the clone, then measures the service it has built. */
import { prepare } from './prepare/prepare.mjs';

await prepare({ forTests: true });
const { register } = await import('tsx/esm/api');
register();
await import('../bench/main.ts');
