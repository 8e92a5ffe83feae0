// Steps with many rows at once: one control marks them all, and each row has its own result.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReport, submitReports, useApp } from './app.mjs';
import { inspect, shot, waitForText } from './browser.mjs';
import { button, openAs, rows } from './people.mjs';

// More than one request may hold.
const many = 520;
const requestMax = 500;

const app = useApp();

const visitor = (name) => submitReport(app, { name });
const waiting = (tab) => tab.locator('#rows li[data-status=waiting]');
const noneWaits = (tab) => tab.waitForFunction(() => !document.querySelector('#rows li[data-status=waiting]'));
const step = (tab, name) => button(tab.locator('#bulk'), name).click();
const marked = (tab) => tab.locator('.mark:checked').count();
const markWaiting = async (tab) => { for (const mark of await waiting(tab).locator('.mark').all()) await mark.check(); };
const waitReasons = (tab, n) => tab.waitForFunction((n) => document.querySelectorAll('.no[data-why]').length === n, n);

test('one step accepts many marked rows, and one undoes it', async () => {
  await visitor('陈示例');
  await visitor('褚示例');
  const tab = await openAs(app);
  const n = await waiting(tab).count();
  await markWaiting(tab);
  await waitForText(tab, '#marked', n);
  await shot(tab, 'queue-bulk-zh-360');
  // A waiting report cannot be closed: each row says why, and keeps its mark.
  await step(tab, '已告知');
  await waitReasons(tab, n);
  assert.equal(await tab.locator('.no[data-why]').first().getAttribute('data-why'), '当前为待签收，不能办结');
  await shot(tab, 'queue-bulk-refused-zh-360');
  await step(tab, '签收');
  await noneWaits(tab);
  await tab.waitForSelector('#bulk', { state: 'hidden' });
  assert.equal(await tab.locator('.mark:checked, .no[data-why]').count(), 0);
  // One tap undoes all rows. A row that a colleague has closed meanwhile says so.
  const id = await tab.locator('#rows li[data-status=accepted]').first().getAttribute('data-id');
  const colleague = await openAs(app, { login: 'duty', address: `/staff/reports/${id}` });
  await colleague.getByRole('button', { name: '已告知' }).click();
  await tab.waitForSelector(`[data-id="${id}"][data-status=closed]`);
  await tab.click('#undo');
  await tab.waitForFunction((n) => document.querySelector('#said').textContent.startsWith(`${n} 条已撤销`), n - 1);
  assert.equal(await waiting(tab).count(), n - 1);
  assert.equal(await tab.locator('.no[data-why]').count(), 1);
  assert.match(await tab.locator(`[data-id="${id}"] .no`).getAttribute('data-why'), /不能撤销|刚有变化/);
  await shot(tab, 'queue-bulk-undone-zh-360');
  await markWaiting(tab);
  await step(tab, '签收');
  await noneWaits(tab);
  await tab.locator('#rows li[data-status=accepted]').last().locator('.mark').check();
  await step(tab, '已告知');
  await tab.waitForSelector('#rows li[data-status=closed]');
});

for (const [lang, width] of [['zh', 360], ['en', 1280]]) test(`one control marks and unmarks all rows at ${width} px`, async () => {
  await visitor('卫示例');
  await visitor('蒋示例');
  const tab = await openAs(app, { lang, width });
  const n = await rows(tab).count();
  await tab.locator('.mark').first().check();
  await tab.waitForSelector('#bulk:not([hidden])');
  assert.equal(await tab.locator('#all').evaluate((box) => box.indeterminate), true, 'some, not all');
  const { height } = await tab.locator('.every').boundingBox();
  assert.ok(height >= 48, `${height} px to tap`);
  await tab.locator('.every').click();
  assert.equal(await marked(tab), n);
  assert.equal(await tab.textContent('#marked'), String(n));
  assert.equal(await tab.locator('#all').isChecked(), true);
  await inspect(tab, `queue-all-${lang}-${width}`);
  await tab.locator('.every').click();
  assert.equal(await marked(tab), 0);
  assert.equal(await tab.isVisible('#bulk'), false);
  await tab.locator('h1').click();
  await tab.keyboard.press('*');
  assert.equal(await marked(tab), n, 'the key does the same');
  await tab.keyboard.press('*');
  assert.equal(await marked(tab), 0);
  await tab.focus('#search');
  await tab.keyboard.press('*');
  assert.equal(await marked(tab), 0, 'the key does nothing in a field');
});

test('a row that has left the view is not marked', async () => {
  await visitor('沈示例');
  const tab = await openAs(app, { address: '/staff?view=waiting' });
  const n = await rows(tab).count();
  await button(rows(tab).first(), '签收').click();
  await tab.waitForSelector('#rows li.done');
  await tab.keyboard.press('*');
  assert.equal(await marked(tab), n - 1);
});

// Prints how long it takes until all marks are on the screen, one by one and with one key, on a
// processor that is so many times slower.
async function printMarkingTimes(tab, slower) {
  const session = await tab.context().newCDPSession(tab);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
  const times = await tab.evaluate(async () => {
    const drawn = () => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });
    const time = async (act) => {
      await drawn();
      await drawn();
      const began = performance.now();
      act();
      await drawn();
      return performance.now() - began;
    };
    const clear = () => { for (const mark of document.querySelectorAll('.mark:checked')) mark.click(); };
    const oneByOne = await time(() => { for (const mark of document.querySelectorAll('.mark')) mark.click(); });
    await time(clear);
    const oneKey = await time(() => document.dispatchEvent(new KeyboardEvent('keydown', { key: '*', bubbles: true })));
    return { oneByOne, oneKey };
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  for (const [how, ms] of Object.entries(times)) {
    console.log(`${await marked(tab)} rows marked, ${how}, processor ${slower} times slower: ${ms.toFixed(0)} ms; wanted 100 ms`);
  }
}

test('a step with 520 rows gives each row its result', async () => {
  const tab = await openAs(app, { address: '/staff?view=waiting' });
  const before = await rows(tab).count();
  await submitReports(app, many);
  await waitForText(tab, '#fresh', many);
  await tab.click('#pill');
  const all = before + many;
  assert.equal(await rows(tab).count(), all);
  for (const slower of [1, 4]) {
    await printMarkingTimes(tab, slower);
    assert.equal(await marked(tab), all);
    await tab.keyboard.press('*');
  }
  await tab.keyboard.press('*');
  const asked = [];
  tab.on('request', (request) => { if (new URL(request.url()).pathname === '/staff/bulk') asked.push(request.postDataJSON().reports.length); });
  // A waiting report cannot be closed: each row says why.
  await step(tab, '已告知');
  await waitReasons(tab, all);
  assert.deepEqual(asked, [requestMax, all - requestMax]);
  // The second request is lost. Its rows say so and stay marked; the others are accepted.
  await tab.route('**/staff/bulk?*', async (route) => {
    if (asked.length % 2 === 0) await route.abort();
    else await route.continue();
  });
  await step(tab, '签收');
  await tab.waitForFunction((n) => !document.querySelector('#bulk').matches('.busy') && document.querySelector('#marked').textContent === String(n), all - requestMax);
  assert.equal(await tab.locator('#rows li[data-status=accepted]').count(), requestMax);
  assert.equal(await tab.locator('.no[data-why="未能办理"]').count(), all - requestMax);
  assert.match(await tab.textContent('#said'), new RegExp(`${requestMax} 条已处理，${all - requestMax} 条未能处理`));
});

test('a late bulk step names who was faster', async () => {
  await visitor('韩示例');
  await visitor('杨示例');
  const tab = await openAs(app, { address: '/staff?view=waiting' });
  const colleague = await openAs(app, { login: 'duty', address: '/staff?view=waiting' });
  const id = await waiting(tab).first().getAttribute('data-id');
  await tab.route('**/staff/stream?*', (route) => route.abort());
  await tab.reload();
  await markWaiting(tab);
  await button(colleague.locator(`[data-id="${id}"]`), '签收').click();
  await colleague.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
  await step(tab, '签收');
  await waitReasons(tab, 1);
  assert.match(await tab.locator(`[data-id="${id}"] .no`).getAttribute('data-why'), /^已由值班员.*签收，无需重复操作$/);
  assert.match(await tab.textContent('#said'), /1 条未能处理/);
  await tab.click('#undo');
  await tab.waitForFunction(() => document.querySelector('#said').textContent.includes('撤销'));
  for (const mark of await tab.locator('.mark:checked').all()) await mark.uncheck();
  await waiting(tab).first().locator('.mark').check();
  await step(tab, '签收');
  await waitForText(tab, '#said', '1 条已处理');
});

for (const [lang, width, login] of [['zh', 360, 'lead01'], ['en', 360, 'duty'], ['en', 1280, 'lead01']]) test(`the bar of many steps hides no row, ${lang} ${width} px`, async () => {
  for (let nth = 0; nth < 4; nth += 1) await visitor('沈示例');
  const tab = await openAs(app, { lang, width, login, address: `/staff?view=waiting&lang=${lang}` });
  await waiting(tab).first().locator('.mark').check();
  await tab.waitForSelector('#bulk:not([hidden])');
  for (const open of [false, true]) {
    if (open) await tab.click('#bulk-more');
    // The page knows the height of the bar after the next frame.
    await tab.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
    await tab.evaluate(() => scrollTo(0, document.body.scrollHeight));
    const [last, bar] = [await rows(tab).last().boundingBox(), await tab.locator('#bulk').boundingBox()];
    assert.ok(last.y + last.height <= bar.y, `${last.y + last.height} above ${bar.y}`);
    assert.deepEqual([Math.round(bar.x), Math.round(bar.width)], [0, await tab.evaluate(() => document.documentElement.clientWidth)], 'from edge to edge');
    const more = await tab.locator('#bulk-more').boundingBox();
    assert.ok(more.x + more.width <= width, `all steps are reached without a swipe, at ${more.x + more.width} px`);
    await inspect(tab, `queue-bulk-bar${open ? '-open' : ''}-${lang}-${width}`);
  }
});

test('marked rows are assigned, and set aside with a reason', async () => {
  await visitor('钱示例');
  await visitor('孙示例');
  const tab = await openAs(app, { width: 1280, address: '/staff?view=waiting' });
  const [one, two] = [waiting(tab).nth(0), waiting(tab).nth(1)];
  const ids = [await one.getAttribute('data-id'), await two.getAttribute('data-id')];
  for (const id of ids) await tab.locator(`[data-id="${id}"] .mark`).check();
  await tab.click('#bulk-more');
  await step(tab, '指派');
  assert.match(await tab.textContent('#said'), /请先选择或填写：/);
  await tab.locator('#bulk [name=staff]').selectOption({ index: 1 });
  await step(tab, '指派');
  for (const id of ids) await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
  await waitForText(tab, '#said', '2 条已处理');
  for (const id of ids) await tab.locator(`[data-id="${id}"] .mark`).check();
  await tab.fill('#bulk [name=reason]', '试填');
  await step(tab, '作废');
  for (const id of ids) await tab.waitForSelector(`[data-id="${id}"][data-status=invalid]`);
  await tab.click('#undo');
  await waitForText(tab, '#said', '2 条已撤销');
  await tab.goto(`${app.origin}/staff/reports/${ids[0]}`);
  assert.match(await tab.textContent('.history'), /试填/);
});

test('a duty officer transfers marked rows to a community', async () => {
  await visitor('李示例');
  await visitor('周示例');
  const tab = await openAs(app, { login: 'duty', address: '/staff?view=waiting' });
  const id = await waiting(tab).first().getAttribute('data-id');
  const item = tab.locator(`[data-id="${id}"]`);
  const home = await item.locator('[data-f=queue]').textContent();
  await item.locator('.mark').check();
  await tab.click('#bulk-more');
  const names = await tab.locator('#bulk [name=to] option').allTextContents();
  const other = names.slice(1).find((name) => name !== home);
  // To where it lies already: the row says why not.
  await tab.locator('#bulk [name=to]').selectOption({ label: home });
  await step(tab, '转派');
  await waitReasons(tab, 1);
  assert.equal(await item.locator('.no').getAttribute('data-why'), '不能转给所选的社区或人员');
  await tab.locator('#bulk [name=to]').selectOption({ label: other });
  await step(tab, '转派');
  await waitForText(tab, '#said', '1 条已处理');
  await tab.waitForFunction(([id, other]) => document.querySelector(`[data-id="${id}"] [data-f=queue]`).textContent === other, [id, other]);
});
