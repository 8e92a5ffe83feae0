// The line between an open page and the house: several queues, refusals, silence; what is news on a
// page, and who is told of it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { arrive, arriveByApi, atWork, line, open, page, shot, signIn } from './app.mjs';

let house;
let codes;

before(async () => {
  house = await open();
  // Of two communities.
  codes = [house.placards[0].code, house.placards.at(-1).code];
});
after(async () => { await house?.close(); });

const rows = (tab) => tab.locator('#rows li');
const stream = (url) => url.pathname === '/staff/stream';
const fresh = (tab, n) => tab.waitForFunction((n) => document.querySelector('#fresh').textContent === n, String(n));
const take = async (tab, id) => {
  await tab.locator(`[data-id="${id}"]`).getByRole('button', { name: '签收', exact: true }).click();
  await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
};

test('who has several queues hears of each by the stream', async () => {
  for (const code of codes) await arrive(house, code, { name: '钱示例' });
  const tab = await atWork(house, { login: 'duty' });
  const polls = [];
  tab.on('request', (request) => { if (new URL(request.url()).pathname === '/staff') polls.push(request.url()); });
  const answered = tab.waitForResponse((answer) => stream(new URL(answer.url())));
  await tab.reload();
  polls.length = 0;
  assert.equal((await answered).status(), 200);
  assert.equal((await tab.getAttribute('#rows', 'data-cursor')).split(',').length, 2);
  for (const [n, code] of codes.entries()) {
    await arrive(house, code, { name: '孙示例' });
    await fresh(tab, n + 1);
  }
  assert.deepEqual(polls, [], 'nothing was read anew');
  assert.equal(await tab.isHidden('#lost'), true);
  await tab.context().close();
});

test('after a refused stream what has left the view meanwhile is brought up to date', async () => {
  await arrive(house, codes[0], { name: '许示例' });
  const tab = await atWork(house, { address: '/staff?view=waiting' });
  const id = await rows(tab).last().getAttribute('data-id');
  // As while a proxy's house restarts: the browser gives a refused stream up for good.
  await tab.route(stream, (route) => route.fulfill({ status: 503, body: '' }));
  const read = tab.waitForResponse((answer) => answer.url().includes('/staff?view=waiting') && answer.ok());
  await tab.reload();
  await tab.waitForSelector('#lost:not([hidden])');
  await read;
  await take(await atWork(house), id);
  const again = tab.waitForResponse((answer) => answer.url().includes('/staff?view=waiting') && answer.ok());
  await tab.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await again;
  assert.equal(await tab.locator(`[data-id="${id}"]`).getAttribute('data-status'), 'waiting', 'the list does not name it');
  await tab.unroute(stream);
  await tab.waitForSelector(`[data-id="${id}"][data-status=accepted].done`, { timeout: 30_000 });
  await tab.context().close();
});

test('a line that has fallen silent is noticed, said, and begun anew', { timeout: 120_000 }, async () => {
  const wire = await line(house);
  const tab = await page(house);
  await signIn({ ...house, origin: wire.origin }, tab, 'lead01');
  await tab.goto(`${wire.origin}/staff`);
  await tab.waitForTimeout(300);
  wire.stall();
  await tab.waitForSelector('#lost:not([hidden])', { timeout: 60_000 });
  wire.mend();
  await tab.waitForSelector('#lost', { state: 'hidden', timeout: 60_000 });
  await arrive(house, codes[0], { name: '李示例' });
  await fresh(tab, 1);
  await tab.context().close();
  wire.close();
});

test('the wall comes back after a refusal, and says where a sign-in has ended', async () => {
  const tab = await atWork(house, { login: 'duty', address: '/centre', width: 1280 });
  const centre = (url) => url.pathname === '/centre/stream';
  await tab.route(centre, (route) => route.fulfill({ status: 502, body: '' }));
  await tab.reload();
  await tab.waitForTimeout(500);
  await tab.unroute(centre);
  await tab.waitForResponse((answer) => centre(new URL(answer.url())) && answer.ok(), { timeout: 30_000 });
  const before = Number(await tab.textContent('#reports'));
  await arrive(house, codes[0], { name: '周示例' });
  await tab.waitForFunction((n) => document.querySelector('#reports').textContent === String(n), before + 1);
  assert.equal(await tab.isHidden('#signed-out'), true);
  const other = await tab.context().newPage();
  await other.goto(`${house.origin}/centre`);
  await other.evaluate(() => fetch('/staff/sign-out', { method: 'POST', headers: { accept: 'application/json' } }));
  await other.close();
  await tab.waitForSelector('#signed-out:not([hidden])', { timeout: 30_000 });
  await shot(tab, 'centre-signed-out-zh-1280');
  await tab.context().close();
});

test('a step of a colleague on another page of the list is no new report', async () => {
  await arriveByApi(house, codes[0], 110);
  const tab = await atWork(house);
  const other = await atWork(house);
  await other.locator('a.btn', { hasText: '下一页' }).click();
  await other.waitForURL(/after=/);
  const behind = await rows(other).last().getAttribute('data-id');
  assert.equal(await rows(tab).count(), 100);
  await take(other, behind);
  await arriveByApi(house, codes[0], 1, { from: 110 });
  for (const one of [tab, other]) await fresh(one, 1);
  await tab.click('#pill');
  assert.equal(await rows(tab).count(), 101);
  assert.equal(await tab.locator(`[data-id="${behind}"]`).count(), 0);
  // What stands on the first page is no news on the second either.
  await take(tab, await rows(tab).first().getAttribute('data-id'));
  await arriveByApi(house, codes[0], 1, { from: 111 });
  await fresh(other, 2);
  await tab.context().close();
  await other.context().close();
});

test('only what has ended today comes into the view of what has ended today', async () => {
  const tab = await atWork(house, { address: '/staff?view=closed_today' });
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
  await tab.context().close();
});

test('a sound that was asked for and cannot be heard yet is said to be so', async () => {
  const tab = await atWork(house);
  await tab.evaluate(() => localStorage.setItem('mashang-sound', 'on'));
  await tab.reload();
  await tab.waitForSelector('#mute:not([hidden])');
  await shot(tab, 'queue-mute-zh-360');
  await tab.click('h1');
  await tab.waitForSelector('#mute', { state: 'hidden' });
  await tab.click('#help summary');
  await tab.uncheck('[data-pref=sound]');
  await tab.reload();
  await tab.waitForTimeout(300);
  assert.equal(await tab.isHidden('#mute'), true);
  await tab.context().close();
});

test('new reports are counted in the title of the first tab, where somebody asked for it', async () => {
  const tab = await atWork(house);
  const second = await tab.context().newPage();
  await second.goto(`${house.origin}/staff`);
  await arrive(house, codes[0], { name: '吴示例' });
  for (const one of [tab, second]) await fresh(one, 1);
  const plain = await second.title();
  assert.equal(await tab.title(), plain, 'nobody has asked');
  await tab.click('#help summary');
  await tab.check('[data-pref=title]');
  assert.equal(await tab.title(), `(1) ${plain}`);
  await second.reload();
  await arrive(house, codes[0], { name: '郑示例' });
  await fresh(tab, 2);
  await fresh(second, 1);
  assert.equal(await second.title(), plain);
  await tab.close();
  await second.waitForFunction(() => document.title.startsWith('(1) '));
  await second.context().close();
});

test('Enter on a link or a button is for that link or button', async () => {
  await arrive(house, codes[0], { name: '王小例' });
  const tab = await atWork(house, { width: 1280 });
  const row = rows(tab).filter({ has: tab.locator('form[data-move=accept]:visible') }).first();
  const id = await row.getAttribute('data-id');
  await row.getByRole('button', { name: '签收', exact: true }).focus();
  await tab.keyboard.press('Enter');
  await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
  await tab.locator('[data-chip=mine]').focus();
  await tab.keyboard.press('Enter');
  await tab.waitForURL('**/staff?view=mine');
  await tab.locator(`[data-id="${id}"] .mark`).focus();
  await tab.keyboard.press('Enter');
  await tab.waitForURL((url) => url.pathname === `/staff/reports/${id}`);
  await tab.context().close();
});
