// A lift, a cellar, a minute without the line: what somebody has begun on open pages is still there
// afterwards, and what others did meanwhile as well, once.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { arrive, arriveByApi, line, open, overflows, page, shot, signIn, violations } from './app.mjs';

const cutMs = 62_000;
const there = 12;

let house;
let code;

before(async () => {
  house = await open();
  ({ code } = house.placards[0]);
});
after(async () => { await house?.close(); });

const until = (at) => new Promise((resolve) => { setTimeout(resolve, Math.max(0, at - Date.now())); });

test('the connection drops for a minute', { timeout: 240_000 }, async () => {
  await arriveByApi(house, code, there);
  const wire = await line(house);
  const near = { ...house, origin: wire.origin };
  const tab = await page(near);
  await signIn(near, tab, 'lead01');
  const colleague = await page(house, { width: 1280 });
  await signIn(house, colleague, 'lead01');
  await colleague.goto(`${house.origin}/staff`);
  await tab.goto(`${wire.origin}/staff`);
  const rows = tab.locator('#rows li');
  const all = await rows.count();

  // What somebody has begun: a mark, a place on the page, a number to look for, a note.
  const chosen = rows.nth(3);
  const id = await chosen.getAttribute('data-id');
  await chosen.locator('.mark').check();
  await tab.fill('#search', '1390000');
  await tab.evaluate(() => scrollTo(0, 700));
  const stands = () => tab.evaluate(() => ({
    scroll: scrollY,
    rows: [...document.querySelectorAll('#rows li')].map((item) => `${item.dataset.id} ${item.getBoundingClientRect().top}`),
    marked: [...document.querySelectorAll('.mark:checked')].map((mark) => mark.closest('li').dataset.id),
    search: document.querySelector('#search').value,
  }));
  const begun = await stands();
  assert.deepEqual([begun.scroll, begun.marked], [700, [id]]);
  const other = await rows.nth(5).getAttribute('data-id');
  const note = await tab.context().newPage();
  await note.goto(`${wire.origin}/staff/reports/${id}`);
  await note.locator('details summary').click();
  await note.fill('#reason', '电话里说周');

  const tried = { polled: 0, reconnected: 0 };
  tab.on('requestfailed', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname === '/staff/stream') tried.reconnected += 1;
    if (pathname === '/staff') tried.polled += 1;
  });
  wire.cut();
  const began = Date.now();
  await tab.waitForSelector('#lost:not([hidden])', { timeout: 15_000 });
  console.log(`the banner was there ${((Date.now() - began) / 1e3).toFixed(1)} s after the cut`);
  const first = await arrive(house, code, { name: '吴示例', phone: '13700000001' });
  await colleague.locator(`[data-id="${other}"]`).getByRole('button', { name: '签收', exact: true }).click();
  await until(began + cutMs * 0.8);
  const second = await arrive(house, code, { name: '郑示例', phone: '13700000002' });
  await until(began + cutMs);
  assert.equal(await tab.isVisible('#lost'), true, 'it is said all the while');
  assert.deepEqual(await stands(), begun, 'nothing has moved or gone');
  assert.ok(tried.polled >= 3, `polled ${tried.polled} times`);
  assert.ok(tried.reconnected >= 3, `reconnected ${tried.reconnected} times`);
  assert.deepEqual(await violations(tab), []);
  assert.equal(await overflows(tab), false);
  await shot(tab, 'queue-minute-zh-360');

  wire.mend();
  const mended = Date.now();
  await tab.waitForSelector('#pill:not([hidden])', { timeout: 30_000 });
  console.log(`what was missed was there ${((Date.now() - mended) / 1e3).toFixed(1)} s after the line was back`);
  await tab.waitForSelector('#lost', { state: 'hidden', timeout: 30_000 });
  await tab.waitForFunction(() => document.querySelector('#fresh').textContent === '2');
  await tab.waitForSelector(`[data-id="${other}"][data-status=accepted]`);
  assert.deepEqual(await stands(), begun, 'selection, place and words are kept');
  await tab.click('#pill');
  const numbers = await tab.locator('#rows [data-f=number]').allTextContents();
  assert.equal(numbers.length, all + 2);
  assert.equal(new Set(numbers).size, all + 2, 'nothing is there twice');
  assert.ok(numbers.includes(first) && numbers.includes(second));
  const third = await arrive(house, code, { name: '王示例', phone: '13700000003' });
  await tab.waitForSelector('#pill:not([hidden])');
  assert.equal(await tab.textContent('#fresh'), '1', 'and it is live again');
  await tab.click('#pill');
  assert.equal((await tab.locator('#rows [data-f=number]').allTextContents()).filter((number) => number === third).length, 1);
  assert.deepEqual(await tab.locator('.mark:checked').count(), 1);

  assert.equal(await note.inputValue('#reason'), '电话里说周');
  await note.locator('#reason').pressSequentially('三到家');
  await note.getByRole('button', { name: '记一笔' }).click();
  await note.waitForSelector('.history q');
  assert.equal(await note.textContent('.history q'), '电话里说周三到家');
  wire.close();
});
