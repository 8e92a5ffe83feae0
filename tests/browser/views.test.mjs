// Views of the queue: chips with counts that stay true, search, filters; and within a view the live
// queue as it is everywhere.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { arrive, atWork, open, overflows, shot, violations } from './app.mjs';

let house;
let code;
let nth = 0;

before(async () => {
  house = await open();
  ({ code } = house.placards[0]);
});
after(async () => { await house?.close(); });

// A report of somebody who has not reported yet; says the receipt's number.
function visitor(words) {
  nth += 1;
  return arrive(house, code, { phone: `139${String(nth).padStart(8, '0')}`, ...words });
}

const queue = (address, options) => atWork(house, { address, ...options });

const rows = (tab) => tab.locator('#rows li');
const chip = (tab, name) => tab.locator(`[data-chip="${name}"]`);
const count = async (tab, name) => Number(await chip(tab, name).locator('b').textContent());
const waitCount = (tab, name, n) => tab.waitForFunction(
  ([name, n]) => document.querySelector(`[data-chip="${name}"] b`).textContent === String(n), [name, n]);

async function sound(tab, name) {
  assert.deepEqual(await violations(tab), [], name);
  assert.equal(await overflows(tab), false, `${name} scrolls sideways`);
  await shot(tab, name);
}

for (const width of [360, 1280]) {
  test(`a view keeps its rows where they are and its counts true at ${width} px`, async () => {
    for (const name of ['钱示例', '孙示例', '李示例']) await visitor({ name });
    const tab = await queue('/staff?view=waiting', { width });
    const other = await tab.context().newPage();
    await other.goto(`${house.origin}/staff?view=mine`);
    const [waiting, mine] = [await count(tab, 'waiting'), await count(tab, 'mine')];
    assert.equal(await rows(tab).count(), waiting, 'as many rows as the chip says');
    const first = rows(tab).first();
    await first.locator('.mark').check();
    const second = rows(tab).nth(1);
    const places = () => tab.evaluate(() => [...document.querySelectorAll('#rows li')].map((item) => item.offsetTop));
    const before = await places();
    await second.getByRole('button', { name: '签收', exact: true }).click();
    await tab.waitForSelector('#rows li.done[data-status=accepted]');
    assert.deepEqual(await places(), before, 'what leaves the view keeps its place');
    assert.equal(await first.locator('.mark').isChecked(), true);
    await waitCount(tab, 'waiting', waiting - 1);
    await waitCount(tab, 'mine', mine + 1);
    // In the other tab it has come into the view.
    await other.waitForSelector('#pill:not([hidden])');
    assert.equal(await other.textContent('#fresh'), '1');
    await visitor({ name: '周示例' });
    await tab.waitForSelector('#pill:not([hidden])');
    await waitCount(tab, 'waiting', waiting);
    await waitCount(other, 'waiting', waiting);
    assert.equal(await other.textContent('#fresh'), '1', 'nobody has taken the new one');
    await sound(tab, `view-waiting-zh-${width}`);
    await tab.click('#pill');
    assert.equal(await rows(tab).count(), waiting + 1, 'greyed and new rows are both there');
    assert.match(await rows(tab).last().locator('.left').textContent(), /剩/, 'and its time is running');
    await first.getByRole('button', { name: '签收', exact: true }).click();
    await tab.waitForFunction(() => document.querySelectorAll('#rows li.done').length === 2);
    await tab.click('#undo');
    await tab.waitForFunction(() => document.querySelectorAll('#rows li.done').length === 1);
    await waitCount(tab, 'waiting', waiting);
    await tab.reload();
    assert.equal(await rows(tab).count(), waiting, 'what has left the view is gone with the next reading');
  });

  test(`search is one key away and leaves no number in an address at ${width} px`, async () => {
    const number = await visitor({ name: '吴示例', phone: '13700000001' });
    const tab = await queue('/staff', { width });
    await tab.keyboard.press('/');
    assert.equal(await tab.evaluate(() => document.activeElement.id), 'search');
    await tab.keyboard.type(number.toLowerCase().replaceAll('-', ' '));
    await tab.keyboard.press('Enter');
    await tab.waitForURL('**/staff/search');
    assert.equal(await rows(tab).count(), 1);
    await sound(tab, `search-zh-${width}`);
    await tab.fill('#search', '137 0000 0001');
    await tab.keyboard.press('Enter');
    await tab.waitForSelector(`text=${number}`);
    assert.equal(new URL(tab.url()).search, '');
    assert.match(await rows(tab).first().textContent(), /137\*{4}0001/);
    // To the report and back again, without being asked whether to send something twice.
    await rows(tab).first().locator('a').click();
    await tab.waitForURL('**/staff/reports/*');
    await tab.goBack();
    assert.match(await rows(tab).first().textContent(), /137\*{4}0001/);
    // A report that comes in is counted, and is no result.
    const openNow = await count(tab, 'open');
    await visitor({ name: '郑示例' });
    await waitCount(tab, 'open', openNow + 1);
    assert.equal(await tab.isVisible('#pill'), false);
    // What others do is seen here too.
    const id = await rows(tab).first().getAttribute('data-id');
    await tab.evaluate((id) => fetch(`/staff/reports/${id}/accept`, {
      method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: '{"version":1}',
    }), id);
    await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
    await tab.fill('#search', '13600000009');
    await tab.keyboard.press('Enter');
    await tab.waitForSelector('text=没有找到');
    await sound(tab, `search-nothing-zh-${width}`);
  });

  test(`search in English is sound, with a result and without, at ${width} px`, async () => {
    const number = await visitor({ name: '朱示例' });
    const tab = await queue('/staff?lang=en', { lang: 'en', width, touch: width < 600 });
    await tab.fill('#search', number);
    await tab.keyboard.press('Enter');
    await tab.waitForURL('**/staff/search');
    assert.equal(await rows(tab).count(), 1);
    await sound(tab, `search-en-${width}`);
    await rows(tab).first().locator('a').click();
    await tab.getByRole('button', { name: 'Take and call' }).click();
    await tab.waitForSelector('a.call');
    await sound(tab, `case-called-en-${width}`);
    await tab.getByRole('button', { name: 'Informed' }).click();
    await tab.waitForURL('**/staff/search');
    assert.equal(await rows(tab).count(), 1, 'back among the results');
    await tab.fill('#search', 'QZ-0101-2222');
    await tab.keyboard.press('Enter');
    await tab.waitForFunction(() => !document.querySelector('#rows li'));
    await sound(tab, `search-nothing-en-${width}`);
  });
}

test('a report of the same telephone comes into the view of probable duplicates', async () => {
  // Not of one room as well: that would make the first one a duplicate of others already.
  await visitor({ name: '王甲例', phone: '13500000001', room: '2201' });
  const tab = await queue('/staff?view=duplicates');
  const before = await rows(tab).count();
  await visitor({ name: '王乙例', phone: '13500000001', room: '2202' });
  await tab.waitForSelector('#pill:not([hidden])');
  assert.equal(await tab.textContent('#fresh'), '2', 'the first one is a duplicate now, too');
  await tab.click('#pill');
  assert.equal(await rows(tab).count(), before + 2);
  await waitCount(tab, 'duplicates', before + 2);
});

test('without scripts a view is filtered, sorted and remembered', async () => {
  const away = await visitor({ name: '冯示例', direction: 'leave' });
  const tab = await queue('/staff', { js: false });
  await tab.click('details.filter summary');
  await tab.selectOption('#direction', 'leave');
  await tab.selectOption('#sort', 'newest');
  await tab.click('details.filter button');
  assert.match(await rows(tab).first().textContent(), new RegExp(away));
  assert.equal(await count(tab, 'open'), await rows(tab).count());
  assert.equal(await overflows(tab), false);
  await shot(tab, 'filter-zh-360');
  await chip(tab, 'waiting').click();
  assert.match(tab.url(), /view=waiting.*direction=leave/, 'a filter goes along');
  await tab.goto(`${house.origin}/staff`);
  assert.equal(await chip(tab, 'waiting').getAttribute('aria-current'), 'page');
  assert.equal(await tab.inputValue('#sort'), 'newest');
  assert.equal(await tab.inputValue('#direction'), '', 'a filter is not remembered: it hides reports');
});

test('a filtered view takes in only what it would list', async () => {
  const tab = await queue('/staff?view=open&direction=leave', { lang: 'en', width: 1280 });
  const before = await count(tab, 'open');
  await visitor({ name: '陈示例' });
  await visitor({ name: '褚示例', direction: 'leave' });
  await waitCount(tab, 'open', before + 1);
  await tab.waitForSelector('#pill:not([hidden])');
  assert.equal(await tab.textContent('#fresh'), '1');
  await sound(tab, 'filter-en-1280');
});
