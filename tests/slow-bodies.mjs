// Slow clients beside residents: 1,100 connections send a form one byte a second and begin again
// when the server ends them; meanwhile residents send 80 reports a second for half a minute. Prints a
// table; the exit status is 1 if a report was not taken at its first try.
//
//   node tests/slow-bodies.mjs [--control]     with target/release/mashang, or MASHANG_BIN
//
// --control sends one report to a placard that does not exist: the check must then fail, and the
// exit status is 0 if it does. Acts only on the server that it has started itself, and ends it.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, start, stop } from './demo-server.mjs';

const slowClients = 1_100;
const reportsPerSecond = 80;
const seconds = 30;
const byteEveryMs = 1_000;
const loadMaxMs = 10 * 60_000;
const binary = process.env.MASHANG_BIN ?? path.resolve(import.meta.dirname, '../target/release/mashang');
const control = process.argv.includes('--control');
const json = { accept: 'application/json', 'content-type': 'application/json' };

// Holds one connection with a form that never becomes whole, until the load is over.
function crawl(load, code) {
  if (load.over) return;
  const socket = connect(load.port, '127.0.0.1');
  const bytes = setInterval(() => socket.write('a'), byteEveryMs);
  socket.on('connect', () => {
    load.held += 1;
    load.heldMost = Math.max(load.heldMost, load.held);
    socket.write(`POST /q/${code} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 60000\r\n\r\n`);
    socket.once('close', () => { load.held -= 1; });
  });
  socket.on('error', () => { /* The server has ended it; what follows is the same. */ });
  socket.on('data', () => { /* A 408 before the end. */ });
  socket.on('close', () => {
    clearInterval(bytes);
    load.sockets.delete(socket);
    if (!load.over) load.ended += 1;
    setTimeout(() => crawl(load, code), byteEveryMs).unref();
  });
  load.sockets.add(socket);
}

async function report(load, nth, code, day) {
  const began = performance.now();
  const answer = await fetch(`${load.origin}/q/${code}`, {
    method: 'POST',
    headers: { ...json, 'idempotency-key': randomUUID() },
    body: JSON.stringify({
      direction: 'return', region: '上海浦东', day, room: String(nth), name: '示例居民', phone: `139${10_000_000 + nth}`,
    }),
  }).catch((error) => ({ status: error.cause?.code ?? error.message }));
  load.took.push(performance.now() - began);
  load.answers.set(answer.status, (load.answers.get(answer.status) ?? 0) + 1);
  await answer.arrayBuffer?.();
}

async function run(folder) {
  const port = await freePort();
  const server = await start(binary, folder, port, true);
  const load = {
    origin: server.origin, port, over: false, sockets: new Set(), held: 0, heldMost: 0, ended: 0,
    took: [], answers: new Map(),
  };
  try {
    const codes = server.placards.map((placard) => placard.code);
    const blank = await fetch(`${server.origin}/q/${codes[0]}`, { headers: json }).then((answer) => answer.json());
    const { value: day } = blank.days.find((one) => one.chosen);
    for (let nth = 0; nth < slowClients; nth += 1) crawl(load, codes[nth % codes.length]);
    await sleep(byteEveryMs);
    const sending = [];
    const began = performance.now();
    const all = reportsPerSecond * seconds;
    for (let nth = 0; nth < all; nth += 1) {
      await sleep(Math.max(0, began + (nth * 1_000) / reportsPerSecond - performance.now()));
      const code = control && nth === 0 ? 'ZZZZZ' : codes[nth % codes.length];
      sending.push(report(load, nth, code, day));
    }
    await Promise.all(sending);
    const took = load.took.sort((a, b) => a - b);
    console.table({
      'reports sent': all, 'taken at the first try': load.answers.get(201) ?? 0,
      'ms, median': Math.round(took[took.length >> 1]), 'ms, slowest': Math.round(took.at(-1)),
      'slow clients at once': load.heldMost, 'of them ended by the server': load.ended,
    });
    if (load.answers.size > 1) console.error('answers', Object.fromEntries(load.answers));
    return load.answers.get(201) === all;
  } finally {
    load.over = true;
    for (const socket of load.sockets) socket.destroy();
    await stop(server, 'SIGTERM');
  }
}

setTimeout(() => { throw new Error('the load does not end'); }, loadMaxMs).unref();
const folder = await mkdtemp(path.join(tmpdir(), 'mashang-slow-'));
try {
  const passed = (await run(folder)) !== control;
  console.log(`${control ? 'control' : 'slow bodies'}: ${passed ? 'passed' : 'FAILED'}`);
  process.exitCode = passed ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
