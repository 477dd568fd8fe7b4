// eslint-disable-next-line no-restricted-imports -- its hook is gone before the first request
import { createHook } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { stderr } from './platform/observability/standard-output.js';

// V8's flags are in the budget of ADR 0027.

/**
 * On a machine with much memory V8 lets the heap grow to four times of what is alive before it
 * collects the old generation. Twice is enough: a fifth less memory for no more CPU.
 */
setFlagsFromString('--heap-growing-percent=100');

/**
 * V8 notes which lines make objects that live long, and lets them allocate in the old generation.
 * The cache of tokens teaches it that parts of a request live long. They are then freed only by a
 * full collection, with all they point to: half as much CPU again for a balance.
 */
setFlagsFromString('--no-allocation-site-pretenuring');

/**
 * A request runs through some two hundred small functions. V8 inlines up to 920 bytes of bytecode,
 * far less than that chain: with more room a read takes up to 6 % less CPU, for up to 35 MB more.
 */
setFlagsFromString('--max-inlined-bytecode-size=1000');
setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');

/**
 * What only passes events on stays small: V8's young generation does not grow. That is 35 MB less
 * for up to a tenth fewer events a second. It must be said before the modules are loaded, so a file
 * with settings comes too late.
 */
if (process.env['ROLES'] === 'relay') setFlagsFromString('--semi-space-growth-factor=1');

/**
 * A request needs some ten calls of `process.nextTick`, each of which makes an object. A full
 * collection that finds none of them alive, as while the modules are loaded, takes their hidden
 * class with it, and V8 of Node 20 then makes them the slow way for good: 300 ns a call instead of
 * 60, a tenth of a balance. So one of them is kept.
 */
const kept: object[] = [];
const keeping = createHook({ init: (_id, _type, _trigger, tick) => void kept.push(tick) });
keeping.enable();
process.nextTick(() => undefined);
keeping.disable();

/**
 * A stop takes at most 10 s (docs/operations.md). After this time something hangs, and the process
 * ends with 1.
 */
const STOP_WITHIN_MS = 9_500;

const stopping = new AbortController();

function stop(signal: NodeJS.Signals): void {
  // From a terminal both npm and the service get the signal, and npm passes its own on.
  if (stopping.signal.aborted) return;
  setTimeout(() => {
    stderr.write(`still not stopped ${STOP_WITHIN_MS} ms after ${signal}\n`);
    process.exit(1);
  }, STOP_WITHIN_MS).unref();
  stopping.abort(signal);
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);

// The handlers come first: loading the rest takes half a second, and a signal may come meanwhile.
const { runService } = await import('./service/run.js');
await runService(stopping.signal);
