import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, in which /proc counts; 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU of a process. */
interface Stat {
  readonly parent: number;
  /** All threads of its own. */
  readonly own: number;
  /** Of the children that it has waited for. */
  readonly reaped: number;
}

/** Seconds of CPU that a process has used; NaN where there is no /proc, as for all of this file. */
export function cpuSeconds(pid: number): number {
  return stat(String(pid))?.own ?? NaN;
}

/** Of a PostgreSQL: the postmaster, the backends that live and those that have ended. */
export function serverCpuSeconds(postmaster: number): number {
  const server = stat(String(postmaster));
  if (!server) return NaN;
  const children = childrenOf(postmaster).map((pid) => stat(String(pid))?.own ?? 0);
  return children.reduce((sum, own) => sum + own, server.own + server.reaped);
}

export function childrenOf(pid: number): number[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.filter((each) => stat(each)?.parent === pid).map(Number);
}

/** Of the children of this process that have ended. */
export function reapedCpuSeconds(): number {
  return stat('self')?.reaped ?? NaN;
}

/** The most memory that a process ever had resident, in MB. */
export function peakMegabytes(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return kilobytes === undefined ? NaN : Number(kilobytes) / 1_024;
}

export function openFiles(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return existsSync(folder) ? readdirSync(folder).length : NaN;
}

/** Connections that clients have to `port` and that are open on the side of process `pid`. */
export function openConnections(pid: number, port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = ['tcp', 'tcp6'].flatMap((name) =>
    (read(`/proc/${pid}/net/${name}`) ?? '').split('\n').map((row) => row.trim().split(/\s+/)),
  );
  // 01 is ESTABLISHED, 08 CLOSE_WAIT.
  return rows.filter(
    ([, address, , state = '']) => address?.endsWith(local) && ['01', '08'].includes(state),
  ).length;
}

function stat(process: string): Stat | undefined {
  const text = read(`/proc/${process}/stat`);
  if (text === undefined) return undefined;
  // proc(5), counted from the state, which follows the name: the name may have spaces and brackets.
  const [, parent = NaN, , , , , , , , , , user, system, childrenUser, childrenSystem] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const seconds = (a = NaN, b = NaN): number => (a + b) / TICKS_PER_SECOND;
  return { parent, own: seconds(user, system), reaped: seconds(childrenUser, childrenSystem) };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
