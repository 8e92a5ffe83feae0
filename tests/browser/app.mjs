// The server under test: the demo of the debug binary on a free port, with data of its own. Acts
// only on a server that it has started itself.
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { closeBrowser, closePages } from './browser.mjs';
import { closeProxies } from './network.mjs';

const binary = process.env.MASHANG_BIN ?? path.resolve(import.meta.dirname, '../../target/debug/mashang');
const pollMs = 50;
const requestsAtOnce = 20;
const json = { accept: 'application/json', 'content-type': 'application/json' };

// The longest time to undo a step, so that a slow machine is never late; noon, so that no test meets a
// quiet hour or the end of a day; and a line for each report, since most are of one telephone.
const defaults = { undo_seconds: 600, time_zone: atNoon(), fold_reports: 100_000 };

// One server for all tests of a file, with the data that `prepare` gives it. After each test its
// pages are closed. The returned object has the server's facts once the tests run.
export function useApp(settings = {}, prepare = async () => {}) {
  const app = {};
  before(async () => {
    Object.assign(app, await startApp(settings));
    await prepare(app);
  });
  afterEach(async () => {
    await closePages();
    closeProxies();
  });
  after(async () => {
    await closeBrowser();
    await app.stop?.();
  });
  return app;
}

// Starts a server. `code` is a placard of the first community, `otherCode` one of the second.
export async function startApp(settings = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'mashang-browser-'));
  const words = ['demo', '--fresh', '--empty', '--port', '0', '--data', folder, '--ready-json'];
  const child = spawn(binary, words, { stdio: ['ignore', 'pipe', 'inherit'], env: environment({ ...defaults, ...settings }) });
  const ready = await readyLine(child);
  const health = await fetch(`${ready.origin}/healthz`);
  if (health.headers.get('x-instance') !== ready.nonce) throw new Error('another server answers at this address');
  return {
    ...ready,
    folder,
    code: ready.placards[0].code,
    otherCode: ready.placards.at(-1).code,
    async stop() {
      const ended = new Promise((resolve) => { child.once('exit', resolve); });
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// The program rejects names that begin with MASHANG_ and that it does not know, such as ours.
function environment(settings) {
  const ours = Object.entries(settings).map(([name, value]) => [`MASHANG_${name.toUpperCase()}`, String(value)]);
  return { ...process.env, MASHANG_BIN: undefined, ...Object.fromEntries(ours) };
}

// A time zone in which it is about noon.
function atNoon() {
  const ahead = 12 - new Date().getUTCHours();
  return `Etc/GMT${ahead < 0 ? '+' : '-'}${Math.abs(ahead)}`;
}

function readyLine(child) {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('READY ')) resolve(JSON.parse(line.slice(6)));
    });
  });
}

// Waits until the probe returns something true.
export async function until(probe) {
  while (!(await probe())) await sleep(pollMs);
}

let imports = 0;

// Imports text as an operator does on the command line, and waits until the running server uses it.
// The server loads all places together, so the test watches for a telephone number imported last.
export async function importCsv(app, kind, text) {
  await runImport(app, kind, text);
  imports += 1;
  const phone = `0513-0000 ${9000 + imports}`;
  await runImport(app, 'areas', `code,parent_code,level,name,name_en,short_name,number_prefix,phone
320613019001,320613019000,community,桥北社区,Qiaobei Community,桥北,,${phone}\n`);
  await until(async () => (await blankForm(app, app.code)).phone === phone);
}

async function runImport(app, kind, text) {
  const file = path.join(app.folder, `${kind}.csv`);
  await writeFile(file, text);
  const env = environment({ database: `sqlite:${app.folder}/mashang.db`, key_file: `${app.folder}/master.key`, log: 'error' });
  // While this waits, connections that the server closes are seen to be closed.
  await promisify(execFile)(binary, ['import', kind, file], { env });
}

async function blankForm(app, code) {
  return (await fetch(`${app.origin}/q/${code}`, { headers: json })).json();
}

// Sends a report as a program does; returns the number of its receipt.
export async function submitReport(app, { code = app.code, ...answers } = {}) {
  const { days } = await blankForm(app, code);
  const answer = await fetch(`${app.origin}/q/${code}`, {
    method: 'POST',
    headers: { ...json, 'idempotency-key': randomUUID() },
    body: JSON.stringify({
      direction: 'return', region: '上海浦东', day: days.find((day) => day.chosen).value, room: '1203', name: '王示例', phone: '138 0000 0000', ...answers,
    }),
  });
  const { number, ...rest } = await answer.json();
  if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(rest)}`);
  return number;
}

// Sends so many reports, each from a telephone of its own.
export async function submitReports(app, n, { code = app.code, from = 0 } = {}) {
  const phone = (nth) => `139${10_000_000 + from + nth}`;
  for (let nth = 0; nth < n; nth += requestsAtOnce) {
    const some = Array.from({ length: Math.min(requestsAtOnce, n - nth) }, (_, i) => nth + i);
    await Promise.all(some.map((one) => submitReport(app, { code, phone: phone(one) })));
  }
}
