// Chromium. All test files share the one that run.mjs has launched; a file that runs alone launches
// its own.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';

export const launchOptions = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
};
// Long enough for a machine that is ten times slower than a desk computer.
const patienceMs = 180_000;
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

let browser;
const contexts = new Set();

function connect() {
  const address = process.env.CHROMIUM_ADDRESS;
  return address ? chromium.connect(address, { timeout: patienceMs }) : chromium.launch({ ...launchOptions, timeout: patienceMs });
}

export async function closeBrowser() {
  await (await browser)?.close();
}

// A page in a profile of its own. With `touch` it is a telephone, where fingers tap; with `beside` a
// wide screen opens a case beside the list.
export async function newPage({ lang = 'zh', width = 360, height = 800, js = true, touch = false, beside = false } = {}) {
  browser ??= connect();
  const context = await (await browser).newContext({
    viewport: { width, height },
    hasTouch: touch,
    isMobile: touch,
    locale: lang === 'zh' ? 'zh-CN' : 'en-GB',
    javaScriptEnabled: js,
  });
  context.setDefaultTimeout(patienceMs);
  // Pages give a request up after a time. On a slow machine an answer may take longer.
  await context.addInitScript(() => { delete AbortSignal.timeout; });
  if (!beside) await context.addInitScript(() => { try { if (location.pathname.startsWith('/staff')) localStorage.setItem('mashang-beside', 'off'); } catch { /* An empty page has no storage. */ } });
  contexts.add(context);
  return context.newPage();
}

export async function closePages() {
  await Promise.all([...contexts].map((context) => context.close()));
  contexts.clear();
}

// Another page of the same profile.
export async function openBeside(tab, address) {
  const other = await tab.context().newPage();
  await other.goto(address);
  return other;
}

// The request for a stream of events was answered.
export const streamOpened = (tab) => tab.waitForResponse((answer) => answer.url().includes('/stream') && answer.ok());

// Goes to a page that reads a stream, and returns once the stream is open.
export async function gotoLive(tab, address) {
  await Promise.all([streamOpened(tab), tab.goto(address)]);
}

// Waits until an element of the page has this text.
export function waitForText(tab, selector, text) {
  return tab.waitForFunction(([selector, text]) => document.querySelector(selector).textContent === text, [selector, String(text)]);
}

// Returns what axe finds on the page, in short. `enhanced` asks for a contrast of 7:1, as level AAA
// of WCAG 2.2 does.
export async function violations(tab, { enhanced = false } = {}) {
  if (!(await tab.evaluate(() => 'axe' in globalThis))) await tab.evaluate(axeSource);
  const rules = { 'color-contrast-enhanced': { enabled: enhanced } };
  const found = await tab.evaluate((rules) => globalThis.axe.run({ rules, resultTypes: ['violations'] }), rules);
  return found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.target).join(' ')}`);
}

export async function overflows(tab) {
  return tab.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}

// Asserts that a page is accessible, in light and in dark colours, and does not scroll sideways;
// takes its pictures for the gallery.
export async function inspect(tab, name, options) {
  assert.deepEqual(await violations(tab, options), [], name);
  assert.equal(await overflows(tab), false, `${name} scrolls sideways`);
  await shot(tab, name);
  await inDark(tab, async () => {
    assert.deepEqual(await violations(tab, options), [], `${name}, dark`);
    await shot(tab, `${name}-dark`);
  });
}

// Looks at the page in dark colours.
export async function inDark(tab, look) {
  await tab.emulateMedia({ colorScheme: 'dark' });
  await look();
  await tab.emulateMedia({ colorScheme: 'light' });
}

// Takes a picture for the gallery, if GALLERY names its folder.
export async function shot(tab, name) {
  if (!process.env.GALLERY) return;
  await mkdir(process.env.GALLERY, { recursive: true });
  await tab.screenshot({ path: path.join(process.env.GALLERY, `${name}.png`), fullPage: true });
}
