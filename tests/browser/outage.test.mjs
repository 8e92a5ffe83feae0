// The connection is gone for a minute. The page keeps what the person has begun, and afterwards
// shows what colleagues did meanwhile, once.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReport, submitReports, until, useApp } from './app.mjs';
import { gotoLive, inspect, newPage, waitForText } from './browser.mjs';
import { proxy } from './network.mjs';
import { button, openAs, rows, signIn } from './people.mjs';

const stepMs = 5_000;

const app = useApp();

// A minute of the pages' own clock passes, in steps.
async function pass(tab, ms) {
  for (let passed = 0; passed < ms; passed += stepMs) await tab.clock.runFor(stepMs);
}

test('the connection is gone for a minute', async () => {
  await submitReports(app, 12);
  const network = await proxy(app);
  const tab = await newPage();
  await tab.clock.install();
  await signIn(network.app, tab, 'lead01');
  const colleague = await openAs(app, { width: 1280 });
  await gotoLive(tab, `${network.app.origin}/staff`);
  const all = await rows(tab).count();

  // The person has begun: a mark, a place on the page, a number to search for, a note.
  const chosen = rows(tab).nth(3);
  const id = await chosen.getAttribute('data-id');
  await chosen.locator('.mark').check();
  await tab.fill('#search', '1390000');
  await tab.evaluate(() => scrollTo(0, 700));
  const state = () => tab.evaluate(() => ({
    scroll: scrollY,
    rows: [...document.querySelectorAll('#rows li')].map((item) => `${item.dataset.id} ${item.getBoundingClientRect().top}`),
    marked: [...document.querySelectorAll('.mark:checked')].map((mark) => mark.closest('li').dataset.id),
    search: document.querySelector('#search').value,
  }));
  const begun = await state();
  assert.deepEqual([begun.scroll, begun.marked], [700, [id]]);
  const other = await rows(tab).nth(5).getAttribute('data-id');
  const note = await tab.context().newPage();
  await note.goto(`${network.app.origin}/staff/reports/${id}`);
  await note.locator('details summary').click();
  await note.fill('#reason', '电话里说周');

  const tried = { polled: 0, reconnected: 0 };
  tab.on('requestfailed', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname === '/staff/stream') tried.reconnected += 1;
    if (pathname === '/staff') tried.polled += 1;
  });
  network.cut();
  await tab.waitForSelector('#lost:not([hidden])');
  const first = await submitReport(app, { name: '吴示例', phone: '13700000001' });
  await button(colleague.locator(`[data-id="${other}"]`), '签收').click();
  await colleague.waitForSelector(`[data-id="${other}"][data-status=accepted]`);
  await pass(tab, 45_000);
  const second = await submitReport(app, { name: '郑示例', phone: '13700000002' });
  await pass(tab, 15_000);
  await until(() => tried.polled >= 3 && tried.reconnected >= 3);
  assert.equal(await tab.isVisible('#lost'), true, 'the page says so all the while');
  assert.deepEqual(await state(), begun, 'nothing has moved or gone');
  await inspect(tab, 'queue-minute-zh-360');

  network.restore();
  await tab.waitForSelector('#pill:not([hidden])');
  await tab.waitForSelector('#lost', { state: 'hidden' });
  await waitForText(tab, '#fresh', 2);
  await tab.waitForSelector(`[data-id="${other}"][data-status=accepted]`);
  assert.deepEqual(await state(), begun, 'mark, place and search are kept');
  await tab.click('#pill');
  const numbers = await tab.locator('#rows [data-f=number]').allTextContents();
  assert.equal(numbers.length, all + 2);
  assert.equal(new Set(numbers).size, all + 2, 'no report is there twice');
  assert.ok(numbers.includes(first) && numbers.includes(second));
  const third = await submitReport(app, { name: '王示例', phone: '13700000003' });
  await tab.waitForSelector('#pill:not([hidden])');
  assert.equal(await tab.textContent('#fresh'), '1', 'the page is live again');
  await tab.click('#pill');
  assert.equal((await tab.locator('#rows [data-f=number]').allTextContents()).filter((number) => number === third).length, 1);
  assert.deepEqual(await tab.locator('.mark:checked').count(), 1);

  assert.equal(await note.inputValue('#reason'), '电话里说周');
  await note.locator('#reason').pressSequentially('三到家');
  await note.getByRole('button', { name: '添加备注' }).click();
  await note.waitForSelector('.history q');
  assert.equal(await note.textContent('.history q'), '电话里说周三到家');
});
