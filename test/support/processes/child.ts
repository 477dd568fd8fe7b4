import { type ChildProcess, fork, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Ended {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs a program to its end. It sees nothing of the environment but PATH and `env`.
 *
 * @throws Error where it cannot be started, AbortError when `stopping` ends it.
 */
export async function runToEnd(
  program: string,
  args: readonly string[],
  stopping?: AbortSignal,
  { env, ...options }: Omit<SpawnOptions, 'stdio' | 'signal'> = {},
): Promise<Ended> {
  const child = spawn(program, args, {
    cwd: '/',
    ...options,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(stopping && { signal: stopping }),
  });
  const [output, errors] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode: child.exitCode, output, errors };
}

/** A program of ours as a process: it must not share an event loop with what is measured. */
export interface Child {
  readonly pid: number;
  /** Resolves with the next message. @throws Error when the process ends instead. */
  next<Message>(): Promise<Message>;
  send(message: object): void;
  end(): Promise<void>;
}

/** Starts a TypeScript program, which gets `order` as its first message. */
export async function startChild(
  program: string,
  order: object,
  stopping: AbortSignal,
): Promise<Child> {
  stopping.throwIfAborted();
  const child = fork(program, [], {
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  stopping.addEventListener('abort', kill);
  child.once('exit', () => stopping.removeEventListener('abort', kill));
  await once(child, 'spawn');
  child.send(order);
  return {
    pid: child.pid ?? 0,
    next: <Message>() => messageFrom(child, program) as Promise<Message>,
    send: (message) => void child.send(message),
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    },
  };
}

/** For the program itself: resolves with its order. */
export async function receiveOrder<Order>(): Promise<Order> {
  // Ctrl-C reaches the whole group of processes. The parent decides when this one ends: it wants
  // its answers first.
  process.on('SIGINT', () => undefined);
  process.once('disconnect', () => process.exit());
  return nextMessage<Order>();
}

/** For the program itself: whatever its parent says after the order. */
export async function nextMessage<Message>(): Promise<Message> {
  const [message] = (await once(process, 'message')) as [Message];
  return message;
}

/** For the program itself. */
export function answer(message: object): void {
  process.send?.(message);
}

function messageFrom(child: ChildProcess, program: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => {
      child.off('message', got);
      reject(new Error(`${program} ended early, with ${code ?? 'a signal'}`));
    };
    const got = (message: unknown): void => {
      child.off('exit', ended);
      resolve(message);
    };
    child.once('message', got);
    child.once('exit', ended);
  });
}
