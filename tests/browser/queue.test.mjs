// The live queue: while colleagues work, while the connection is gone, and by keyboard alone.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReport, useApp } from './app.mjs';
import { gotoLive, inspect, newPage, openBeside, shot, violations, waitForText } from './browser.mjs';
import { proxy } from './network.mjs';
import { accept, button, openAs, rows, signIn, waiting } from './people.mjs';

const app = useApp();

const visitor = (name) => submitReport(app, { name });
const beside = (tab) => openBeside(tab, `${app.origin}/staff`);
const waitForRows = (tab, n) => tab.waitForFunction((n) => document.querySelectorAll('#rows li').length === n, n);

// Presses Tab until the button or link of this name has the focus.
async function tabTo(tab, name) {
  const focused = () => tab.evaluate(() => (document.activeElement.matches('button, a') ? document.activeElement.textContent : ''));
  for (let tries = 0; tries < 40 && !(await focused()).includes(name); tries += 1) await tab.keyboard.press('Tab');
  assert.ok((await focused()).includes(name), `${name} is reached`);
}

// A queue behind a proxy, with its stream open.
async function openBehind(network, address) {
  const tab = await newPage();
  await signIn(network.app, tab, 'lead01');
  await gotoLive(tab, `${network.app.origin}${address}`);
  return tab;
}

for (const width of [360, 1280]) test(`marks and places survive the work of colleagues at ${width} px`, async () => {
  for (const name of ['钱示例', '孙示例', '许示例']) await visitor(name);
  const tab = await openAs(app, { width });
  await tab.click('#help summary');
  await tab.check('[data-pref=title]');
  const other = await beside(tab);
  const first = rows(tab).first();
  await first.locator('.mark').check();
  const third = rows(tab).last();
  const tops = async () => [(await first.boundingBox()).y, (await third.boundingBox()).y];
  const places = await tops();
  await visitor('李示例');
  await tab.waitForSelector('#pill:not([hidden])');
  assert.match(await tab.title(), /^\(1\) /);
  const id = await tab.locator('#rows li[data-status=waiting]').nth(1).getAttribute('data-id');
  await button(other.locator(`[data-id="${id}"]`), '签收').click();
  await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
  assert.equal(await first.locator('.mark').isChecked(), true, 'the mark stays');
  assert.deepEqual(await tops(), places, 'no row has moved');
  const before = await rows(tab).count();
  await tab.click('#pill');
  await waitForRows(tab, before + 1);
  assert.equal(await first.locator('.mark').isChecked(), true);
  assert.equal((await tab.title()).startsWith('('), false);
  assert.deepEqual(await violations(tab), []);
  await shot(tab, `queue-zh-${width}`);
});

test('of two who accept a report one gets it', async () => {
  await visitor('周示例');
  const desks = [await openAs(app, { width: 1280 }), await openAs(app, { login: 'duty', touch: true })];
  const id = await waiting(desks[0]).last().getAttribute('data-id');
  // Each request waits until both are sent.
  let asked = 0;
  let release;
  const together = new Promise((resolve) => { release = resolve; });
  const answers = desks.map((tab) => tab.waitForResponse((answer) => new URL(answer.url()).pathname.endsWith(`${id}/accept`)));
  for (const tab of desks) {
    await tab.route(`**/${id}/accept?*`, async (route) => {
      asked += 1;
      if (asked === desks.length) release();
      await together;
      await route.continue();
    });
  }
  const row = (tab) => tab.locator(`[data-id="${id}"]`);
  await Promise.all(desks.map((tab) => button(row(tab), '签收').click()));
  const statuses = await Promise.all(answers.map(async (answer) => (await answer).status()));
  assert.deepEqual([...statuses].sort(), [200, 409]);
  const [winner, loser] = [statuses.indexOf(200), statuses.indexOf(409)].map((at) => desks[at]);
  await winner.waitForSelector('#undo:not([hidden])');
  assert.equal(await row(winner).locator('.owner').textContent(), '我');
  await loser.waitForFunction(() => /他人.*您刚才的操作：签收。当前状态：处置中 · /.test(document.querySelector('#said').textContent));
  const name = await row(loser).locator('.owner').textContent();
  assert.ok(name && name !== '我', name);
  await shot(loser, 'queue-too-late-zh');
});

test('a lost connection is shown, and missed reports come later', async () => {
  const network = await proxy(app);
  const tab = await openBehind(network, '/staff');
  const before = await rows(tab).count();
  network.cut();
  await tab.waitForSelector('#lost:not([hidden])');
  await shot(tab, 'queue-lost-zh-360');
  await visitor('吴示例');
  network.restore();
  await tab.waitForSelector('#pill:not([hidden])');
  await tab.waitForSelector('#lost', { state: 'hidden' });
  await tab.click('#pill');
  await waitForRows(tab, before + 1);
});

test('after an outage rows that left the view are current', async () => {
  await visitor('褚示例');
  const network = await proxy(app);
  const tab = await openBehind(network, '/staff?view=waiting');
  const other = await openAs(app);
  const id = await rows(tab).last().getAttribute('data-id');
  network.cut();
  await tab.waitForSelector('#lost:not([hidden])');
  await accept(other, id);
  network.restore();
  // The person takes the telephone out of a pocket: the page reads the list before the stream is
  // open again, and the report is not in the list.
  const read = tab.waitForResponse((answer) => answer.url().includes('/staff?view=waiting') && answer.ok());
  await tab.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await read;
  await tab.waitForSelector(`[data-id="${id}"][data-status=accepted].done`);
});

test('all tabs share one stream, and another tab takes over', async () => {
  const tab = await openAs(app);
  const streams = [];
  tab.context().on('request', (request) => {
    if (request.url().includes('/staff/stream') && request.frame().page() !== tab) streams.push(request.url());
  });
  const second = await beside(tab);
  const third = await beside(tab);
  await visitor('郑示例');
  for (const one of [tab, second, third]) await one.waitForSelector('#pill:not([hidden])');
  assert.equal(streams.length, 0, 'the later tabs open no stream');
  await tab.close();
  await visitor('王小例');
  for (const one of [second, third]) await waitForText(one, '#fresh', 2);
  assert.equal(streams.length, 1);
});

test('a whole case by keyboard, with undo and pinyin', async () => {
  await visitor('冯示例');
  const tab = await openAs(app, { width: 1280, address: '/staff?sort=newest' });
  await tab.keyboard.press('j');
  const row = rows(tab).first();
  assert.equal(await row.evaluate((item) => item.contains(document.activeElement)), true);
  await tab.evaluate(() => document.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', isComposing: true, bubbles: true })));
  assert.equal(await row.getAttribute('data-status'), 'waiting', 'keys do nothing while pinyin is composed');
  await tab.keyboard.press('x');
  assert.equal(await row.locator('.mark').isChecked(), true);
  await tab.keyboard.press('x');
  await tab.keyboard.press('a');
  await tab.keyboard.press('z'); // Before the answer to the step.
  await waitForText(tab, '#said', '已撤销');
  await tab.waitForFunction(() => document.querySelector('#rows li').dataset.status === 'waiting');
  await tab.keyboard.press('Enter');
  await tab.waitForURL('**/staff/reports/*');
  await tabTo(tab, '签收并拨打');
  await tab.keyboard.press('Enter');
  await tab.waitForSelector('a.call');
  await tabTo(tab, '已告知');
  await tab.keyboard.press('Enter');
  await tab.waitForURL((url) => url.pathname === '/staff');
});

test('the key e leads from a row to its outcomes', async () => {
  await visitor('许示例');
  const tab = await openAs(app, { width: 1280, address: '/staff?sort=newest' });
  await tab.keyboard.press('j');
  const id = await rows(tab).first().getAttribute('data-id');
  await tab.keyboard.press('a');
  await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
  await tab.keyboard.press('e');
  await tab.waitForURL(`**/staff/reports/${id}**`);
  await tab.keyboard.press('Tab');
  assert.match(await tab.evaluate(() => document.activeElement.name), /outcome/, 'Tab goes to the first outcome');
  await tab.keyboard.press('Enter');
  await tab.waitForURL((url) => url.pathname === '/staff');
});

test('a row says when to call again', async () => {
  await visitor('蒋示例');
  const tab = await openAs(app);
  const id = await waiting(tab).last().getAttribute('data-id');
  const row = tab.locator(`[data-id="${id}"]`);
  assert.equal(await row.locator('.retry').textContent(), '');
  const other = await openBeside(tab, `${app.origin}/staff/reports/${id}`);
  await button(other, '签收').click();
  await other.getByRole('button', { name: '30 分钟' }).click();
  await tab.waitForSelector(`[data-id="${id}"][data-status=unreachable]`);
  const said = await row.locator('.retry').textContent();
  assert.match(said, /今天|明天|\d+月/);
  await tab.reload();
  assert.equal(await tab.locator(`[data-id="${id}"] .retry`).textContent(), said);
});

test('a half-written reason survives a reload', async () => {
  await visitor('沈示例');
  const tab = await openAs(app);
  await rows(tab).first().locator('a').click();
  await tab.waitForURL('**/staff/reports/*');
  await tab.fill('#reason', '写到一半');
  await tab.reload();
  assert.equal(await tab.inputValue('#reason'), '写到一半');
  await inspect(tab, 'case-more-zh-360');
});

test('the list of keys keeps the place', async () => {
  for (let nth = 0; nth < 8; nth += 1) await visitor('何示例');
  const tab = await openAs(app, { width: 1280 });
  await rows(tab).nth(2).locator('a').focus();
  await tab.evaluate(() => scrollTo(0, 200));
  const place = () => tab.evaluate(() => [scrollY, document.activeElement.closest('li')?.dataset.id]);
  const was = await place();
  await tab.keyboard.press('?');
  await tab.waitForSelector('#keys-help[open]');
  await inspect(tab, 'queue-keys-zh-1280');
  await tab.keyboard.press('j');
  await tab.keyboard.press('Escape');
  await tab.waitForSelector('#keys-help', { state: 'hidden' });
  assert.deepEqual(await place(), was);
});
