import { beforeEach, describe, expect, it } from '@jest/globals';
import { StuckConnections, type WatchedSocket } from './stuck-connections.js';

/** A client that reads when it is told to. */
class FakeSocket implements WatchedSocket {
  bytesWritten = 0;
  writableLength = 0;
  writableEnded = false;
  isCut = false;

  send(bytes: number): void {
    this.bytesWritten += bytes;
    this.writableLength += bytes;
  }

  read(bytes: number): void {
    this.writableLength -= bytes;
  }

  destroy(): void {
    this.isCut = true;
  }

  isReset = false;

  resetAndDestroy(): void {
    this.isCut = this.isReset = true;
  }
}

describe(StuckConnections, () => {
  /** What the system holds of the reply; undefined where it does not tell. */
  let queued: number | undefined;
  const stuck = new StuckConnections(30_000, 1_000, () => () => queued);
  beforeEach(() => (queued = undefined));

  /** Looks at the socket every second up to `toMs`. @returns when it was cut. */
  function cutAt(socket: FakeSocket, toMs: number, each: (ms: number) => void = () => undefined) {
    for (let ms = 0; ms <= toMs; ms += 1_000) {
      each(ms);
      stuck.cut([socket], ms);
      if (socket.isCut) return ms;
    }
    return undefined;
  }

  it('cuts a client that takes nothing of its reply for half a minute', () => {
    const socket = new FakeSocket();
    socket.send(100);
    expect(cutAt(socket, 100_000)).toBe(30_000);
    expect(socket.isReset).toBe(true);
  });

  it('cuts it as well when more of the reply comes meanwhile', () => {
    const socket = new FakeSocket();
    expect(cutAt(socket, 100_000, () => socket.send(100))).toBe(30_000);
  });

  it('leaves a client alone that reads a byte every 29 s', () => {
    const socket = new FakeSocket();
    socket.send(1_000);
    expect(cutAt(socket, 1_000_000, (ms) => ms % 29_000 === 0 && socket.read(1))).toBeUndefined();
  });

  it('leaves a client alone whose reading only the system sees', () => {
    const socket = new FakeSocket();
    socket.send(100);
    queued = 4_000_000;
    const read = (ms: number): void => {
      if (ms % 10_000 === 0) queued = (queued ?? 0) - 1_000;
    };
    expect(cutAt(socket, 1_000_000, read)).toBeUndefined();
  });

  it('cuts a client for whom the system holds as much as ever', () => {
    const socket = new FakeSocket();
    socket.send(100);
    queued = 4_000_000;
    expect(cutAt(socket, 100_000)).toBe(30_000);
  });

  it('begins anew with the next reply', () => {
    const socket = new FakeSocket();
    socket.send(100);
    expect(cutAt(socket, 20_000)).toBeUndefined();
    socket.read(100);
    stuck.cut([socket], 21_000);
    socket.send(100);
    stuck.cut([socket], 31_000);
    stuck.cut([socket], 60_000);
    expect(socket.isCut).toBe(false);
    stuck.cut([socket], 61_000);
    expect(socket.isCut).toBe(true);
  });

  it('leaves a client alone that waits, for whatever time', () => {
    expect(cutAt(new FakeSocket(), 1_000_000)).toBeUndefined();
  });

  it('does not wait for the other side when everything is said', () => {
    const socket = new FakeSocket();
    socket.writableEnded = true;
    expect(cutAt(socket, 100_000)).toBe(1_000);
    expect(socket.isReset).toBe(false);
  });

  it('waits for a last reply to be read first', () => {
    const socket = new FakeSocket();
    socket.send(10);
    socket.writableEnded = true;
    expect(cutAt(socket, 100_000, (ms) => ms === 20_000 && socket.read(10))).toBe(21_000);
  });
});
