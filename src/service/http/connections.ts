import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Address } from '../../kernel/application/address.js';
import type { Timeouts } from '../../platform/http/fastify-server.js';
import { Readiness } from '../../platform/observability/readiness.js';
import type { Listeners, OwnListener } from './listeners.js';
import { StuckConnections } from './stuck-connections.js';

/** How long a stop goes on accepting connections that come without a gap, in milliseconds. */
const ACCEPT_WITHIN_MS = 1_000;
/**
 * The listeners close when no connection has come for so long, in milliseconds. Clients that were
 * answered just now come back by then. It is also the pause that the machine may give another
 * process right before the close.
 */
const QUIET_MS = 20;
/** A turn of the event loop that took longer may have left a connection that came meanwhile. */
const SHORT_TURN_MS = 0.2;
/**
 * How long a client may take to close its side of a connection, in milliseconds. What it sends
 * meanwhile is read; with half a second clients on a machine that was busy were reset.
 */
const LINGER_MS = 2_000;

interface Connection {
  /** Requests that were read and not answered yet. */
  unanswered: number;
  newest?: IncomingMessage;
  /** Of the socket, when its last request was over: more of them are the beginning of another. */
  bytesRead: number;
  /** No further request is served, but one that has begun to arrive. */
  isEnding: boolean;
  hasBegun: boolean;
}

/**
 * The connections of the service, so that a stop answers every request that has arrived.
 *
 * Node's own `server.close()` resets what it could serve: connections that wait to be accepted, and
 * those whose request it has not read yet, for a socket that is closed with unread bytes sends RST.
 * Here the sockets are read once more before one is ended, and a connection ends by FIN. The last
 * reply on a connection says `Connection: close`; requests that were sent behind it are not carried
 * out (RFC 9112, 9.6).
 */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  readonly #unserved = new WeakSet<IncomingMessage>();
  readonly #server: HttpServer;
  readonly #readiness: Readiness;
  readonly #others: Server[] = [];
  #accepted = 0;
  /** Requests wait for it while the listeners close. */
  #closing: Promise<unknown> | undefined;

  /** To be made before the hooks of other parts: an unserved request must not reach them. */
  constructor(
    private readonly app: NestFastifyApplication,
    private readonly listeners: Listeners,
    { unreadMs, checkMs }: Timeouts,
  ) {
    this.#server = app.getHttpServer();
    this.#readiness = app.get(Readiness);
    this.#server.on('connection', (socket) => this.#connected(socket));
    this.#server.prependListener('request', (request) => this.#requested(request));
    const stuck = new StuckConnections(unreadMs, LINGER_MS);
    const watch = setInterval(() => stuck.cut(this.#open.keys(), performance.now()), checkMs);
    watch.unref();
    this.#server.once('close', () => clearInterval(watch));
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addHook('onRequest', (request, _reply, done) => {
      if (this.#unserved.has(request.raw)) return;
      if (!this.#closing) return done();
      void this.#closing.then(() => done());
    });
    fastify.addHook('onSend', (request, reply, payload, done) => {
      if (!this.#readiness.isStopping) return done(null, payload);
      void this.#isLast(request.raw).then((isLast) => {
        if (isLast) void reply.header('connection', 'close');
        done(null, payload);
      });
    });
    // Fastify tells it for its metrics anyway: a listener of our own made each request 6 % slower.
    fastify.addHook('onResponse', (request, _reply, done) => {
      this.#responded(request.raw);
      done();
    });
  }

  /**
   * Listens at the API's address and at all others that are configured; `localhost` is all
   * addresses of that name.
   *
   * @returns the API's port.
   * @throws Error that names the setting of an address that is taken.
   */
  async listen(address: Address): Promise<number> {
    for (const [name, own] of this.listeners.own) {
      await this.#listenAs(own, name, (port, host) => this.#alsoListen(port, host, name)).catch(
        (error: unknown) => {
          const { message } = error as Error;
          throw new Error(`${name.toUpperCase()}_ADDRESS: ${message}`, { cause: error });
        },
      );
    }
    return this.#listenAs(address, 'api', async (port, host) => {
      await this.app.listen(port, host);
      return (this.#server.address() as AddressInfo).port;
    });
  }

  async #listenAs(
    { host, port }: Address,
    name: OwnListener | 'api',
    listen: (port: number, host: string) => Promise<number>,
  ): Promise<number> {
    const [first = host, ...others] =
      host === 'localhost'
        ? new Set((await lookup(host, { all: true })).map(({ address }) => address))
        : [];
    const bound = await listen(port, first);
    this.listeners.bound(name, { host, port: bound });
    for (const other of others) {
      // An address of the name that this machine does not have, such as ::1, is not missed.
      await this.#alsoListen(bound, other, name === 'api' ? undefined : name).catch(() => 0);
    }
    return bound;
  }

  /**
   * Resolves when no connection is left: what has arrived is answered, and what has not within this
   * time is cut off.
   */
  async close(withinMs: number): Promise<void> {
    const closing = this.#closeListeners();
    this.#closing = closing;
    await closing;
    this.#closing = undefined;
    const left = [...this.#open.keys()];
    const closed = left.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of left) this.#end(socket);
    const cutOff = setTimeout(() => left.forEach((socket) => socket.destroy()), withinMs);
    await Promise.all(closed);
    clearTimeout(cutOff);
  }

  /**
   * Node accepts one connection in a turn of the event loop. When a short turn brings none, none
   * waits. Clients that wait for a reply open no new connections, so replies wait meanwhile.
   */
  async #closeListeners(): Promise<void> {
    await turn();
    const startedAt = performance.now();
    let quietSince = startedAt;
    for (let isSure = false, now = startedAt; !isSure && now < startedAt + ACCEPT_WITHIN_MS;) {
      const [accepted, beganAt] = [this.#accepted, now];
      await turn();
      now = performance.now();
      if (this.#accepted !== accepted) quietSince = now;
      isSure = now - quietSince >= QUIET_MS && now - beganAt < SHORT_TURN_MS;
    }
    // The close of http's server would also destroy connections that seem to be idle.
    for (const listener of [this.#server, ...this.#others]) Server.prototype.close.call(listener);
    // What the connections have brought meanwhile is read.
    await turn();
  }

  async #alsoListen(port: number, host: string, name?: OwnListener): Promise<number> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      if (name) this.listeners.accepted(socket, name);
      this.#server.emit('connection', socket);
    });
    this.#others.push(listener);
    await once(listener.listen(port, host), 'listening');
    return (listener.address() as AddressInfo).port;
  }

  #connected(socket: Socket): void {
    this.#accepted++;
    this.#open.set(socket, { unanswered: 0, bytesRead: 0, isEnding: false, hasBegun: false });
    socket.once('close', () => this.#open.delete(socket));
  }

  #requested(request: IncomingMessage): void {
    const connection = this.#open.get(request.socket);
    if (!connection) return;
    if (connection.isEnding && !connection.hasBegun) return void this.#unserved.add(request);
    connection.hasBegun = false;
    connection.newest = request;
    connection.unanswered++;
  }

  #responded(request: IncomingMessage): void {
    const { socket } = request;
    const connection = this.#open.get(socket);
    if (!connection) return;
    connection.unanswered--;
    if (connection.isEnding && isIdle(connection)) hangUp(socket);
    // The rest of a body that nobody wanted is still to come.
    if (request.complete) connection.bytesRead = socket.bytesRead;
    else request.once('end', () => (connection.bytesRead = socket.bytesRead));
  }

  /** Says so when nothing has arrived behind this request, and lets nothing follow then. */
  async #isLast(request: IncomingMessage): Promise<boolean> {
    await turn();
    await turn();
    const connection = this.#open.get(request.socket);
    if (connection?.newest !== request) return false;
    endAfterReply(request.socket, connection);
    return true;
  }

  #end(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (!connection || connection.isEnding) return;
    connection.hasBegun = connection.unanswered === 0 && socket.bytesRead > connection.bytesRead;
    endAfterReply(socket, connection);
    if (isIdle(connection)) hangUp(socket);
  }
}

function isIdle({ unanswered, hasBegun }: Connection): boolean {
  return unanswered === 0 && !hasBegun;
}

function endAfterReply(socket: Socket, connection: Connection): void {
  connection.isEnding = true;
  // So http's server ends a connection behind `Connection: close` (ADR 0027).
  socket.destroySoon = () => hangUp(socket);
}

/**
 * Sends FIN behind the last reply and goes on reading until the client has closed too: a socket
 * that is closed before sends RST, and a reply that is on its way is lost.
 */
function hangUp(socket: Socket): void {
  if (socket.writableEnded) return;
  socket.end(() => {
    const cutOff = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(cutOff));
  });
}
