// Many rows at once: all of them by one control, how long that takes, and a result for each.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { arrive, arriveByApi, atWork, open, overflows, shot, violations } from './app.mjs';

// More than one request takes.
const many = 520;
const wantedMs = 100;

let house;
let code;

before(async () => {
  // Longer than a colleague in this test takes.
  house = await open({ undo_seconds: 60 });
  ({ code } = house.placards[0]);
});
after(async () => { await house?.close(); });

const visitor = (name) => arrive(house, code, { name });
const queue = (options) => atWork(house, options);

const marked = (tab) => tab.locator('.mark:checked').count();

test('many marked rows are taken at once', async () => {
  await visitor('陈示例');
  await visitor('褚示例');
  const tab = await queue();
  const waiting = tab.locator('#rows li[data-status=waiting]');
  const n = await waiting.count();
  for (const mark of await waiting.locator('.mark').all()) await mark.check();
  await tab.waitForFunction((n) => document.querySelector('#marked').textContent === String(n), n);
  await shot(tab, 'queue-bulk-zh-360');
  // Waiting reports cannot be closed: each says why, and keeps its mark for another try.
  await tab.locator('#bulk').getByRole('button', { name: '已告知' }).click();
  await tab.waitForFunction((n) => document.querySelectorAll('.no[data-why]').length === n, n);
  assert.equal(await tab.locator('.no[data-why]').first().getAttribute('data-why'), '现在不能这样办');
  await shot(tab, 'queue-bulk-refused-zh-360');
  await tab.locator('#bulk').getByRole('button', { name: '签收' }).click();
  await tab.waitForFunction(() => !document.querySelector('#rows li[data-status=waiting]'));
  await tab.waitForSelector('#bulk', { state: 'hidden' });
  assert.equal(await tab.locator('.mark:checked, .no[data-why]').count(), 0);
  // All of it back with one tap, each row by itself: one that a colleague has gone on with says so.
  const gone = tab.locator('#rows li[data-status=accepted]').first();
  const id = await gone.getAttribute('data-id');
  const colleague = await queue({ login: 'duty' });
  await colleague.goto(`${house.origin}/staff/reports/${id}`);
  await colleague.getByRole('button', { name: '已告知' }).click();
  await tab.waitForSelector(`[data-id="${id}"][data-status=closed]`);
  await tab.click('#undo');
  await tab.waitForFunction((n) => document.querySelector('#said').textContent.startsWith(`${n} 条已撤销`), n - 1);
  assert.equal(await tab.locator('#rows li[data-status=waiting]').count(), n - 1);
  assert.equal(await tab.locator('.no[data-why]').count(), 1);
  assert.match(await tab.locator(`[data-id="${id}"] .no`).getAttribute('data-why'), /不能撤销|刚有变化/);
  await shot(tab, 'queue-bulk-undone-zh-360');
  for (const mark of await waiting.locator('.mark').all()) await mark.check();
  await tab.locator('#bulk').getByRole('button', { name: '签收' }).click();
  await tab.waitForFunction(() => !document.querySelector('#rows li[data-status=waiting]'));
  const taken = tab.locator('#rows li[data-status=accepted]').last();
  await taken.locator('.mark').check();
  await tab.locator('#bulk').getByRole('button', { name: '已告知' }).click();
  await tab.waitForSelector('#rows li[data-status=closed]');
});

for (const [lang, width] of [['zh', 360], ['en', 1280]]) test(`one control marks all rows and unmarks them at ${width} px`, async () => {
  await visitor('卫示例');
  await visitor('蒋示例');
  const tab = await queue({ lang, width });
  const n = await tab.locator('#rows li').count();
  await tab.locator('.mark').first().check();
  await tab.waitForSelector('#bulk:not([hidden])');
  assert.equal(await tab.locator('#all').evaluate((box) => box.indeterminate), true, 'some, not all');
  const { height } = await tab.locator('.every').boundingBox();
  assert.ok(height >= 48, `${height} px to tap`);
  await tab.locator('.every').click();
  assert.equal(await marked(tab), n);
  assert.equal(await tab.textContent('#marked'), String(n));
  assert.equal(await tab.locator('#all').isChecked(), true);
  assert.deepEqual(await violations(tab), []);
  assert.equal(await overflows(tab), false);
  await shot(tab, `queue-all-${lang}-${width}`);
  await tab.locator('.every').click();
  assert.equal(await marked(tab), 0);
  assert.equal(await tab.isVisible('#bulk'), false);
  await tab.locator('h1').click();
  await tab.keyboard.press('*');
  assert.equal(await marked(tab), n, 'by keyboard as well');
  await tab.keyboard.press('*');
  assert.equal(await marked(tab), 0);
  await tab.focus('#search');
  await tab.keyboard.press('*');
  assert.equal(await marked(tab), 0, 'silent while somebody writes');
});

test('what has left the view is not marked with all', async () => {
  await visitor('沈示例');
  const tab = await queue();
  await tab.goto(`${house.origin}/staff?view=waiting`);
  const n = await tab.locator('#rows li').count();
  await tab.locator('#rows li').first().getByRole('button', { name: '签收', exact: true }).click();
  await tab.waitForSelector('#rows li.done');
  await tab.keyboard.press('*');
  assert.equal(await marked(tab), n - 1);
});

test('five hundred rows are marked within a blink, and each of more has a result', { timeout: 240_000 }, async () => {
  const tab = await queue();
  await tab.goto(`${house.origin}/staff?view=waiting`);
  const before = await tab.locator('#rows li').count();
  await arriveByApi(house, code, many);
  await tab.waitForFunction((n) => Number(document.querySelector('#fresh').textContent) === n, many, { timeout: 60_000 });
  await tab.click('#pill');
  const all = before + many;
  assert.equal(await tab.locator('#rows li').count(), all);
  const feel = async (throttle) => {
    const session = await tab.context().newCDPSession(tab);
    await session.send('Emulation.setCPUThrottlingRate', { rate: throttle });
    const took = await tab.evaluate(async () => {
      // Until what was asked for is on the screen.
      const drawn = () => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });
      const took = async (act) => {
        await drawn();
        await drawn();
        const began = performance.now();
        act();
        await drawn();
        return performance.now() - began;
      };
      const clear = () => { for (const mark of document.querySelectorAll('.mark:checked')) mark.click(); };
      const oneByOne = await took(() => { for (const mark of document.querySelectorAll('.mark')) mark.click(); });
      await took(clear);
      const allAtOnce = await took(() => document.dispatchEvent(new KeyboardEvent('keydown', { key: '*', bubbles: true })));
      return { oneByOne, allAtOnce };
    });
    await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    assert.equal(await marked(tab), all);
    for (const [how, ms] of Object.entries(took)) {
      console.log(`${all} rows marked, ${how}, processor ${throttle} times slower: ${ms.toFixed(0)} ms; wanted ${wantedMs} ms`);
    }
    await tab.keyboard.press('*');
  };
  await feel(1);
  await feel(4);
  await tab.keyboard.press('*');
  const asked = [];
  tab.on('request', (request) => { if (new URL(request.url()).pathname === '/staff/bulk') asked.push(request.postDataJSON().reports.length); });
  // Waiting reports cannot be closed: each says why.
  await tab.locator('#bulk').getByRole('button', { name: '已告知' }).click();
  await tab.waitForFunction((n) => document.querySelectorAll('.no[data-why]').length === n, all, { timeout: 60_000 });
  assert.deepEqual(asked, [500, all - 500]);
  // One of the requests is lost: its rows say so and stay marked, the others are done.
  await tab.route('**/staff/bulk?*', async (route) => {
    if (asked.length % 2 === 0) await route.abort();
    else await route.continue();
  });
  await tab.locator('#bulk').getByRole('button', { name: '签收' }).click();
  await tab.waitForFunction((n) => !document.querySelector('#bulk').matches('.busy') && document.querySelector('#marked').textContent === String(n), all - 500, { timeout: 120_000 });
  assert.equal(await tab.locator('#rows li[data-status=accepted]').count(), 500);
  assert.equal(await tab.locator('.no[data-why="没有办成"]').count(), all - 500);
  assert.match(await tab.textContent('#said'), new RegExp(`500 条已处理，${all - 500} 条未能处理`));
});
