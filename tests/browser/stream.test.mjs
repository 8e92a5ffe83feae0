// The stream between an open page and the server: several queues, refusals, silence. Which entries
// are news on a page, and what the page makes of them.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReport, submitReports, useApp } from './app.mjs';
import { gotoLive, inspect, newPage, openBeside, shot, streamOpened, waitForText } from './browser.mjs';
import { proxy } from './network.mjs';
import { accept, button, openAs, rows, signIn } from './people.mjs';

const app = useApp();

const isStream = (url) => url.pathname === '/staff/stream';
const isList = (answer) => answer.url().includes('/staff?view=waiting') && answer.ok();
const waitForFresh = (tab, n) => waitForText(tab, '#fresh', n);
// Reloads the page and returns once its stream is open.
const reloadLive = (tab) => Promise.all([streamOpened(tab), tab.reload()]);

test('the stream brings reports of several queues', async () => {
  const codes = [app.code, app.otherCode];
  for (const code of codes) await submitReport(app, { code, name: '钱示例' });
  const tab = await openAs(app, { login: 'duty' });
  const polls = [];
  await reloadLive(tab);
  tab.on('request', (request) => { if (new URL(request.url()).pathname === '/staff') polls.push(request.url()); });
  assert.equal((await tab.getAttribute('#rows', 'data-cursor')).split(',').length, 2);
  for (const [n, code] of codes.entries()) {
    await submitReport(app, { code, name: '孙示例' });
    await waitForFresh(tab, n + 1);
  }
  assert.deepEqual(polls, [], 'the page has not polled');
  assert.equal(await tab.isHidden('#lost'), true);
});

test('after a refused stream, rows outside the view are current', async () => {
  await submitReport(app, { name: '许示例' });
  const tab = await openAs(app, { address: '/staff?view=waiting' });
  const id = await rows(tab).last().getAttribute('data-id');
  // A proxy answers so while the server restarts. A browser gives up a refused stream.
  await tab.route(isStream, (route) => route.fulfill({ status: 503, body: '' }));
  const read = tab.waitForResponse(isList);
  await tab.reload();
  await tab.waitForSelector('#lost:not([hidden])');
  await read;
  await accept(await openAs(app), id);
  const again = tab.waitForResponse(isList);
  await tab.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await again;
  assert.equal(await tab.locator(`[data-id="${id}"]`).getAttribute('data-status'), 'waiting', 'the list does not name it');
  await tab.unroute(isStream);
  await tab.waitForSelector(`[data-id="${id}"][data-status=accepted].done`);
});

test('a silent connection is noticed, shown and replaced', async () => {
  const network = await proxy(app);
  const tab = await newPage();
  await tab.clock.install();
  await signIn(network.app, tab, 'lead01');
  await gotoLive(tab, `${network.app.origin}/staff`);
  network.stall();
  await tab.clock.runFor(20_000);
  await tab.waitForSelector('#lost:not([hidden])');
  network.restore();
  await tab.waitForSelector('#lost', { state: 'hidden' });
  await submitReport(app, { name: '李示例' });
  await waitForFresh(tab, 1);
});

test('the centre survives a refusal and shows an ended sign-in', async () => {
  const tab = await openAs(app, { login: 'duty', address: '/centre', width: 1280 });
  const isCentre = (url) => url.pathname === '/centre/stream';
  await tab.route(isCentre, (route) => route.fulfill({ status: 502, body: '' }));
  const refused = tab.waitForResponse((answer) => isCentre(new URL(answer.url())));
  await tab.reload();
  await refused;
  await tab.unroute(isCentre);
  await streamOpened(tab);
  const before = Number(await tab.textContent('#reports'));
  await submitReport(app, { name: '周示例' });
  await waitForText(tab, '#reports', before + 1);
  assert.equal(await tab.isHidden('#signed-out'), true);
  const other = await openBeside(tab, `${app.origin}/centre`);
  await other.evaluate(() => fetch('/staff/sign-out', { method: 'POST', headers: { accept: 'application/json' } }));
  await other.close();
  await tab.waitForSelector('#signed-out:not([hidden])');
  await shot(tab, 'centre-signed-out-zh-1280');
});

test('a step on another page of the list is silent', async () => {
  await submitReports(app, 110);
  const tab = await openAs(app);
  const other = await openAs(app);
  await other.locator('a.btn', { hasText: '下一页' }).click();
  await other.waitForURL(/after=/);
  const behind = await rows(other).last().getAttribute('data-id');
  assert.equal(await rows(tab).count(), 100);
  await accept(other, behind);
  await submitReports(app, 1, { from: 110 });
  for (const one of [tab, other]) await waitForFresh(one, 1);
  await tab.click('#pill');
  assert.equal(await rows(tab).count(), 101);
  assert.equal(await tab.locator(`[data-id="${behind}"]`).count(), 0);
  // Nor is a step on the first page news on the second.
  await accept(tab, await rows(tab).first().getAttribute('data-id'));
  await submitReports(app, 1, { from: 111 });
  await waitForFresh(other, 2);
});

test('the view of today holds what ended today', async () => {
  const tab = await openAs(app, { address: '/staff?view=closed_today' });
  const held = await tab.evaluate(async () => {
    const { Views } = await import('/static/queue-views.js');
    const { Countdown } = await import('/static/queue-clock.js');
    const list = document.getElementById('rows');
    const now = Number(list.dataset.now);
    const views = new Views(list, new Countdown(now, {}), () => {});
    const minutes = Math.floor(now / 60_000) + Number(list.dataset.offsetMinutes);
    const midnight = now - (minutes % 1440) * 60_000 - now % 60_000;
    return [now, midnight, midnight - 1, 0].map((closed_ms) => views.holds({ closed_ms, closed: closed_ms > 0 }));
  });
  assert.deepEqual(held, [true, true, false, false]);
});

test('a sound that nobody can hear yet has a banner', async () => {
  const tab = await openAs(app);
  await tab.evaluate(() => localStorage.setItem('mashang-sound', 'on'));
  await tab.reload();
  await tab.waitForSelector('#mute:not([hidden])');
  await shot(tab, 'queue-mute-zh-360');
  await tab.click('h1');
  await tab.waitForSelector('#mute', { state: 'hidden' });
  await tab.click('#help summary');
  await tab.uncheck('[data-pref=sound]');
  await reloadLive(tab);
  assert.equal(await tab.isHidden('#mute'), true);
});

test('only the first tab counts reports in its title', async () => {
  const tab = await openAs(app);
  const second = await openBeside(tab, `${app.origin}/staff`);
  await submitReport(app, { name: '吴示例' });
  for (const one of [tab, second]) await waitForFresh(one, 1);
  const plain = await second.title();
  assert.equal(await tab.title(), plain, 'off at first');
  await tab.click('#help summary');
  await tab.check('[data-pref=title]');
  assert.equal(await tab.title(), `(1) ${plain}`);
  await second.reload();
  await submitReport(app, { name: '郑示例' });
  await waitForFresh(tab, 2);
  await waitForFresh(second, 1);
  assert.equal(await second.title(), plain);
  await tab.close();
  await second.waitForFunction(() => document.title.startsWith('(1) '));
});

test('Enter on a link or button belongs to it', async () => {
  await submitReport(app, { name: '王小例' });
  const tab = await openAs(app, { width: 1280 });
  const row = rows(tab).filter({ has: tab.locator('form[data-move=accept]:visible') }).first();
  const id = await row.getAttribute('data-id');
  await button(row, '签收').focus();
  await tab.keyboard.press('Enter');
  await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
  await tab.locator('[data-chip=mine]').focus();
  await tab.keyboard.press('Enter');
  await tab.waitForURL('**/staff?view=mine');
  await tab.locator(`[data-id="${id}"] .mark`).focus();
  await tab.keyboard.press('Enter');
  await tab.waitForURL((url) => url.pathname === `/staff/reports/${id}`);
});

// More streams of the same sign-in than it may have, as pages of other browsers or a program open them.
async function openStreams(tab, n) {
  const cookies = await tab.context().cookies(app.origin);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const stop = new AbortController();
  const open = () => fetch(`${app.origin}/staff/stream`, { headers: { cookie }, signal: stop.signal });
  for (let nth = 0; nth < n; nth += 1) await open();
  return () => stop.abort();
}

// Opens the page again, and returns once its stream is open. A page without a stream comes between:
// otherwise the late stream of the page before would be taken for it.
async function reopen(tab) {
  const address = tab.url();
  await tab.goto('about:blank');
  await gotoLive(tab, address);
}

for (const [login, address] of [['lead01', '/staff'], ['duty', '/centre']]) {
  for (const [lang, width] of [['zh', 360], ['en', 1280]]) {
    test(`a closed stream says why, ${address} ${lang}`, async () => {
      const tab = await openAs(app, { login, lang, width, address: `${address}?lang=${lang}` });
      await reopen(tab);
      const polled = tab.waitForRequest((request) => request.headers().accept === 'application/json');
      const close = await openStreams(tab, 8);
      await tab.waitForSelector('#closed:not([hidden])');
      assert.equal(await tab.isHidden('#lost'), true);
      assert.match(await tab.textContent('#closed'), lang === 'zh' ? /打开的页面过多/ : /Too many pages/);
      await polled;
      await inspect(tab, `closed-${login}-${lang}-${width}`);
      close();
      await reopen(tab);
      assert.equal(await tab.isHidden('#closed'), true);
    });
  }
}
