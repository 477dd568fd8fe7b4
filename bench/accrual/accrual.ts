import { join } from 'node:path';
import { type Child, startChild } from '../stage/child.js';

/** The accrual system in a process of its own. */
export interface Accrual {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startAccrual(stopping: AbortSignal): Promise<Accrual> {
  const child: Child = await startChild(join(import.meta.dirname, 'accrual-main.ts'), {}, stopping);
  const { port } = await child.next<{ port: number }>();
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, stop: () => child.end() };
}
