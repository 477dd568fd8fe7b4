/** `npm run simulator -- -a host:port`: prepares the clone, then becomes the accrual simulator. */
import { prepare } from './prepare/prepare.mjs';

await prepare({ exitCodeWhenStopped: 0 });
await import('../dist/src/simulator/main.js');
