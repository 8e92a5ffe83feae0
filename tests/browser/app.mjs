// A house for the browser tests: the demo of the debug binary on a free port, a Chromium, and an
// end to both. Acts only upon the server that it started itself.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, mkdir, rm, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';

const root = path.resolve(import.meta.dirname, '../..');
const binary = process.env.MASHANG_BIN ?? path.join(root, 'target/debug/mashang');
const startMs = 60_000;
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

// With settings of its own, where a test names some.
export async function open(settings = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'mashang-browser-'));
  const child = spawn(binary, ['demo', '--fresh', '--port', '0', '--data', folder, '--ready-json'],
    { stdio: ['ignore', 'pipe', 'inherit'], env: environment(settings) });
  const ready = await readyLine(child);
  const health = await fetch(`${ready.origin}/healthz`);
  if (health.headers.get('x-instance') !== ready.nonce) throw new Error('this is not our server');
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
  return {
    ...ready,
    folder,
    browser,
    async close() {
      await browser.close();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// The program knows every name that begins with MASHANG_, and refuses ours.
function environment(settings) {
  const ours = Object.entries(settings).map(([name, value]) => [`MASHANG_${name.toUpperCase()}`, String(value)]);
  return { ...process.env, MASHANG_BIN: undefined, ...Object.fromEntries(ours) };
}

// A time zone in which it is about noon: a test of the day is the same at any hour.
export function atNoon() {
  const ahead = 12 - new Date().getUTCHours();
  return `Etc/GMT${ahead < 0 ? '+' : '-'}${Math.abs(ahead)}`;
}

function readyLine(child) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the house did not open')), startMs);
    child.once('exit', (code) => reject(new Error(`the house ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('READY ')) return;
      clearTimeout(timer);
      resolve(JSON.parse(line.slice(6)));
    });
  });
}

// Imports a file's text as an operator does on the command line, beside the running house.
export async function importText(house, kind, text) {
  const file = path.join(house.folder, `${kind}.csv`);
  await writeFile(file, text);
  const env = environment({
    database: `sqlite:${house.folder}/mashang.db`, key_file: `${house.folder}/master.key`, log: 'error',
  });
  const done = spawnSync(binary, ['import', kind, file], { env, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
}

// A line to the house that can be cut and mended: what is open ends, what is new is refused.
// It may be slow: so many milliseconds a round trip, one more to begin, and bytes a second.
export async function line(house, { roundTripMs = 0, bytesPerS = Infinity } = {}) {
  const target = Number(new URL(house.origin).port);
  const open = new Set();
  let cut = false;
  let mute = false;
  let stalled = false;
  const later = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
  const server = createServer(async (near) => {
    if (cut) { near.destroy(); return; }
    near.on('error', () => {});
    if (roundTripMs) await later(roundTripMs);
    const far = connect(target, '127.0.0.1');
    let sent = roundTripMs ? later(roundTripMs) : undefined;
    for (const [end, other] of [[near, far], [far, near]]) {
      open.add(end);
      end.on('error', () => {});
      end.on('close', async () => { open.delete(end); await sent; other.destroy(); });
    }
    near.pipe(far);
    if (stalled) for (const end of [near, far]) end.pause();
    far.on('data', (chunk) => {
      if (mute) near.destroy();
      else if (!sent) near.write(chunk);
      else sent = sent.then(() => later((chunk.length / bytesPerS) * 1e3)).then(() => near.write(chunk));
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    // Requests arrive, answers do not.
    cutAnswers() { mute = true; },
    // Nothing comes through any longer, and nobody is told.
    stall() { stalled = true; for (const end of open) end.pause(); },
    cut() { cut = true; for (const end of open) end.destroy(); },
    mend() {
      [cut, mute, stalled] = [false, false, false];
      for (const end of open) end.resume();
    },
    close() { this.cut(); server.close(); },
  };
}

// The bytes of an answer on the wire, headers included, as a phone's browser gets it.
export async function wireBytes(address) {
  const { hostname, port, pathname, search } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.end(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}\r\naccept: text/html\r\naccept-language: zh-CN\r\naccept-encoding: br\r\nconnection: close\r\n\r\n`);
  let bytes = 0;
  for await (const chunk of socket) bytes += chunk.length;
  return bytes;
}

// A page in a profile of its own; with `touch` on a telephone, where fingers tap.
export async function page(house, { lang = 'zh', width = 360, js = true, touch = false } = {}) {
  const context = await house.browser.newContext({
    viewport: { width, height: 800 },
    hasTouch: touch,
    isMobile: touch,
    locale: lang === 'zh' ? 'zh-CN' : 'en-GB',
    javaScriptEnabled: js,
  });
  context.setDefaultTimeout(15_000);
  return context.newPage();
}

// What axe has to say against the page, in short.
export async function violations(page, { enhanced = false } = {}) {
  await page.evaluate(axeSource);
  // Enhanced: 7:1 for text, as WCAG 2.2 asks at level AAA.
  const rules = { 'color-contrast-enhanced': { enabled: enhanced } };
  const found = await page.evaluate((rules) => globalThis.axe.run({ rules }), rules);
  return found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.target).join(' ')}`);
}

export async function overflows(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}

// Into the gallery, where a folder for it is named.
export async function shot(page, name) {
  if (!process.env.GALLERY) return;
  await mkdir(process.env.GALLERY, { recursive: true });
  await page.screenshot({ path: path.join(process.env.GALLERY, `${name}.png`), fullPage: true });
}

// Signs in with the one-time password and chooses another one.
export async function signIn(house, page, login) {
  const account = house.staff.find((person) => person.login === login);
  await page.goto(`${house.origin}/staff/sign-in`);
  await page.fill('#login', login);
  await page.fill('#password', account.chosen ?? account.password);
  await page.click('main button');
  if (account.chosen) {
    await page.waitForURL((url) => !url.pathname.endsWith('sign-in'));
    return;
  }
  await page.waitForURL('**/staff/password');
  account.chosen = 'a-password-of-my-own';
  await page.fill('#old', account.password);
  await page.fill('#new', account.chosen);
  await page.click('main button');
  await page.waitForURL((url) => !url.pathname.endsWith('password'));
}

// Fills the six inputs and sends.
export async function report(house, page, code, { lang = 'zh', name = '王示例', phone = '138 0000 0000', direction = 'return', room = '1203' } = {}) {
  await page.goto(`${house.origin}/q/${code}?lang=${lang}`);
  await page.click(`label:has(input[value=${direction}])`);
  await page.fill('#region', '上海浦东');
  await page.fill('#room', room);
  await page.fill('#name', name);
  await page.fill('#phone', phone);
  await page.click('#f button:not([type=button], [name])');
  await page.waitForURL('**/s/*');
}

// Somebody in a lift reports and is gone; says the receipt's number.
export async function arrive(house, code, words) {
  const tab = await page(house);
  await report(house, tab, code, words);
  const number = await tab.textContent('.no');
  await tab.context().close();
  return number.trim();
}

// A page of somebody at work, signed in on a device of their own.
export async function atWork(house, { login = 'lead01', address = '/staff', ...options } = {}) {
  const tab = await page(house, options);
  await signIn(house, tab, login);
  await tab.goto(`${house.origin}${address}`);
  return tab;
}

// So many reports, as programs send them: each of a telephone of its own.
export async function arriveByApi(house, code, n, { from = 0 } = {}) {
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const form = await (await fetch(`${house.origin}/q/${code}`, { headers })).json();
  const day = form.days.find((day) => day.chosen).value;
  const send = async (nth) => {
    const answer = await fetch(`${house.origin}/q/${code}`, {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': `${code}-${from + nth}` },
      body: JSON.stringify({
        direction: 'return', region: '上海浦东', day, room: '1203', name: '王示例', phone: `139${String(10_000_000 + from + nth)}`,
      }),
    });
    if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  };
  for (let nth = 0; nth < n; nth += 20) {
    await Promise.all(Array.from({ length: Math.min(20, n - nth) }, (_, i) => send(nth + i)));
  }
}
