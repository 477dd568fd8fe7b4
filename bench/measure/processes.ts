import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, in which /proc counts; 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly parent: number;
  /** Of the process itself, all its threads. */
  readonly own: number;
  /** Of the children that it has waited for. */
  readonly reaped: number;
}

/** Only Linux tells what other processes use; elsewhere the columns stay empty. */
export const HAS_PROC = existsSync('/proc/self/stat');

/**
 * Seconds of CPU that a process has used, and those of its children that have ended; NaN where it
 * cannot be told.
 */
export function cpuSeconds(pid: number): number {
  return stat(String(pid))?.own ?? NaN;
}

/** Of a PostgreSQL: the postmaster, the backends that live and those that have ended. */
export function serverCpuSeconds(postmaster: number): number {
  const server = stat(String(postmaster));
  if (!server) return NaN;
  const children = readdirSync('/proc').map((name) =>
    /^\d+$/.test(name) ? stat(name) : undefined,
  );
  return children.reduce(
    (sum, child) => sum + (child?.parent === postmaster ? child.own : 0),
    server.own + server.reaped,
  );
}

/**
 * Of the children of this process that have ended: a load generator's are known exactly once it
 * has.
 */
export function reapedCpuSeconds(): number {
  return stat('self')?.reaped ?? NaN;
}

/** The most memory that a process ever had resident, in MB; NaN where it cannot be told. */
export function peakMegabytes(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return kilobytes === undefined ? NaN : Number(kilobytes) / 1_024;
}

function stat(process: string): Stat | undefined {
  const text = read(`/proc/${process}/stat`);
  if (text === undefined) return undefined;
  // proc(5), counted from the state, which follows the name in brackets: the name may have spaces
  // and brackets of its own.
  const [, parent, , , , , , , , , , user, system, childrenUser, childrenSystem] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const seconds = (a = NaN, b = NaN): number => (a + b) / TICKS_PER_SECOND;
  return {
    parent: parent ?? NaN,
    own: seconds(user, system),
    reaped: seconds(childrenUser, childrenSystem),
  };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
