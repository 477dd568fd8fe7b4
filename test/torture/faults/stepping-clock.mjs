/**
 * Preloaded into the service: its wall clock differs from the machine's by as many milliseconds as
 * the file CLOCK_FILE says. Monotonic clocks and timers go on as they are.
 */
import { readFileSync } from 'node:fs';
import { setInterval } from 'node:timers';

const LOOK_EVERY_MS = 100;

const MachineDate = Date;
let offsetMs = 0;

const now = () => MachineDate.now() + offsetMs;

globalThis.Date = new Proxy(MachineDate, {
  construct: (target, args, called) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, called),
  apply: () => new MachineDate(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});

setInterval(() => {
  offsetMs = Number(readFileSync(process.env['CLOCK_FILE'], 'utf8'));
}, LOOK_EVERY_MS).unref();
