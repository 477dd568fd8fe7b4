/**
 * `node .ci/image.mjs FOLDER`: what is in the image works, seen without a container engine. Carries
 * out the COPY and RUN lines of the Dockerfile, each stage in a folder of its own, and runs the
 * result as the container would: as an ordinary user, on files that nobody may change, with the
 * image's variables, command and health check. Exits with 1 where something does not hold.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startEmbeddedPostgres } from '../dist/src/embedded-postgres/index.js';

const READY_WITHIN_MS = 60_000;

const [folder] = process.argv.slice(2);
const ignored = readFileSync('.dockerignore', 'utf8').split('\n');

/** @returns {{ folder: string, env: object, command: string[], health: string[], user: string }} */
function build() {
  const stages = new Map();
  let stage;
  const instructions = readFileSync('Dockerfile', 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter(Boolean);
  for (const instruction of instructions) {
    const [, verb, rest] = /^([A-Z]+) +(.*)$/.exec(instruction);
    if (verb === 'FROM') {
      const name = / AS (\w+)$/.exec(rest)?.[1] ?? 'image';
      stage = { folder: join(folder, name), env: {} };
      stages.set(name, stage);
      mkdirSync(stage.folder, { recursive: true });
    } else if (verb === 'COPY') copy(rest.split(/ +/), stages, stage);
    else if (verb === 'RUN') run(rest.replace(/^(--mount=\S+ +)*/, ''), stage);
    else if (verb === 'ENV')
      for (const [, name, value] of rest.matchAll(/(\w+)=(\S+)/g)) stage.env[name] = value;
    else if (verb === 'CMD') stage.command = JSON.parse(rest);
    else if (verb === 'HEALTHCHECK') stage.health = JSON.parse(rest.replace(/^.*? CMD /, ''));
    else if (verb === 'USER') stage.user = rest;
    else if (!['WORKDIR', 'EXPOSE'].includes(verb)) throw new Error(`unknown: ${instruction}`);
  }
  return stage;
}

function copy(words, stages, stage) {
  const from = /^--from=(\w+)$/.exec(words[0])?.[1];
  const target = words.at(-1);
  for (const source of words.slice(from === undefined ? 0 : 1, -1)) {
    if (from === undefined && !ignored.includes(`!${source}`))
      throw new Error(`.dockerignore leaves ${source} out, which is copied`);
    const path = from === undefined ? source : join(stages.get(from).folder, source.slice(5));
    cpSync(path, join(stage.folder, target === './' ? basename(source) : target), {
      recursive: true,
      filter: (each) => from !== undefined || !each.endsWith('.spec.ts'),
    });
  }
}

function run(line, { folder: cwd }) {
  console.log(`${basename(cwd)}: ${line}`);
  const { status } = spawnSync(line, { cwd, shell: true, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${line}: exit ${status}`);
}

function protect(path) {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) protect(inner);
    else if (entry.isFile()) chmodSync(inner, 0o444);
  }
  chmodSync(path, 0o555);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await once(server.close(), 'close');
  return port;
}

const image = build();
if (image.user !== 'node') throw new Error(`it runs as ${image.user}`);
protect(image.folder);

const inside = ([program, ...args], env) =>
  spawn(program === 'node' ? process.execPath : program, args, {
    cwd: image.folder,
    env: { PATH: process.env.PATH, ...image.env, ...env },
    stdio: 'inherit',
    // The image's user node.
    ...(process.getuid() === 0 && { uid: 1000, gid: 1000 }),
  });
const endOf = async (child) => (await once(child, 'exit'))[0];

const database = await startEmbeddedPostgres({
  folder: join(folder, 'postgres'),
  log: console.log,
  stopping: new AbortController().signal,
});
try {
  const env = {
    RUN_ADDRESS: `127.0.0.1:${await freePort()}`,
    DATABASE_URI: database.uri,
    ACCRUAL_SYSTEM_ADDRESS: 'http://127.0.0.1:1',
    JWT_SECRET: 'x'.repeat(32),
  };
  const service = inside(image.command, env);
  const ended = endOf(service);
  const deadline = Date.now() + READY_WITHIN_MS;
  let health;
  do {
    await pause(500);
    health = await endOf(inside(image.health, env));
  } while (health !== 0 && service.exitCode === null && Date.now() < deadline);
  service.kill('SIGTERM');
  const exitCode = await ended;
  console.log(`health check: ${health}, exit code after SIGTERM: ${exitCode}`);
  if (health !== 0 || exitCode !== 0) process.exitCode = 1;
} finally {
  await database.stop();
}
