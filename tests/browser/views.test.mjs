// Views of the queue: counts that stay true, search, filters, and the live queue within a view.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReport, useApp } from './app.mjs';
import { inspect, openBeside, overflows, shot, waitForText } from './browser.mjs';
import { button, openAs, rows } from './people.mjs';

const app = useApp();
let nth = 0;

// A report of a resident who has not reported yet; returns the number of the receipt.
function visitor(name, answers) {
  nth += 1;
  return submitReport(app, { name, phone: `139${String(nth).padStart(8, '0')}`, ...answers });
}

const queue = (address, options) => openAs(app, { address, ...options });
const viewTab = (tab, view) => tab.locator(`[data-chip="${view}"]`);
const count = async (tab, view) => Number(await viewTab(tab, view).locator('b').textContent());
const waitForCount = (tab, view, n) => waitForText(tab, `[data-chip="${view}"] b`, n);
const waitForDone = (tab, n) => tab.waitForFunction((n) => document.querySelectorAll('#rows li.done').length === n, n);

async function search(tab, text) {
  await tab.fill('#search', text);
  await tab.keyboard.press('Enter');
}

for (const width of [360, 1280]) {
  test(`a view keeps rows in place and counts true, ${width} px`, async () => {
    for (const name of ['钱示例', '孙示例', '李示例']) await visitor(name);
    const tab = await queue('/staff?view=waiting', { width });
    const other = await openBeside(tab, `${app.origin}/staff?view=mine`);
    const [waiting, mine] = [await count(tab, 'waiting'), await count(tab, 'mine')];
    assert.equal(await rows(tab).count(), waiting, 'as many rows as the tab says');
    const first = rows(tab).first();
    await first.locator('.mark').check();
    const places = () => tab.evaluate(() => [...document.querySelectorAll('#rows li')].map((item) => item.offsetTop));
    const before = await places();
    await button(rows(tab).nth(1), '签收').click();
    await tab.waitForSelector('#rows li.done[data-status=accepted]');
    assert.deepEqual(await places(), before, 'a row that leaves the view keeps its place');
    assert.equal(await first.locator('.mark').isChecked(), true);
    await waitForCount(tab, 'waiting', waiting - 1);
    await waitForCount(tab, 'mine', mine + 1);
    // In the other tab the row has come into the view.
    await other.waitForSelector('#pill:not([hidden])');
    assert.equal(await other.textContent('#fresh'), '1');
    await visitor('周示例');
    await tab.waitForSelector('#pill:not([hidden])');
    await waitForCount(tab, 'waiting', waiting);
    await waitForCount(other, 'waiting', waiting);
    assert.equal(await other.textContent('#fresh'), '1', 'the new report has no owner');
    await inspect(tab, `view-waiting-zh-${width}`);
    await tab.click('#pill');
    assert.equal(await rows(tab).count(), waiting + 1, 'greyed and new rows are both there');
    assert.match(await rows(tab).last().locator('.left').textContent(), /剩/, 'the time of the new row runs');
    await button(first, '签收').click();
    await waitForDone(tab, 2);
    await tab.click('#undo');
    await waitForDone(tab, 1);
    await waitForCount(tab, 'waiting', waiting);
    await tab.reload();
    assert.equal(await rows(tab).count(), waiting, 'a reload removes the rows that have left the view');
  });

  test(`a search puts no telephone number into an address, ${width} px`, async () => {
    const number = await visitor('吴示例', { phone: '13700000001' });
    const tab = await queue('/staff', { width });
    await tab.keyboard.press('/');
    assert.equal(await tab.evaluate(() => document.activeElement.id), 'search');
    await tab.keyboard.type(number.toLowerCase().replaceAll('-', ' '));
    await tab.keyboard.press('Enter');
    await tab.waitForURL('**/staff/search');
    assert.equal(await rows(tab).count(), 1);
    await inspect(tab, `search-zh-${width}`);
    await search(tab, '137 0000 0001');
    await tab.waitForSelector(`text=${number}`);
    assert.equal(new URL(tab.url()).search, '');
    assert.match(await rows(tab).first().textContent(), /137\*{4}0001/);
    // The browser goes back to the result without a question whether to send the form again.
    await rows(tab).first().locator('a').click();
    await tab.waitForURL('**/staff/reports/*');
    await tab.goBack();
    assert.match(await rows(tab).first().textContent(), /137\*{4}0001/);
    // A new report changes the counts and is no result.
    const openNow = await count(tab, 'open');
    await visitor('郑示例');
    await waitForCount(tab, 'open', openNow + 1);
    assert.equal(await tab.isVisible('#pill'), false);
    // A colleague's step updates a result.
    const id = await rows(tab).first().getAttribute('data-id');
    await tab.evaluate((id) => fetch(`/staff/reports/${id}/accept`, {
      method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: '{"version":1}',
    }), id);
    await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
    await search(tab, '13600000009');
    await tab.waitForSelector('text=没有找到');
    await inspect(tab, `search-nothing-zh-${width}`);
  });

  test(`the search in English is accessible, ${width} px`, async () => {
    const number = await visitor('朱示例');
    const tab = await queue('/staff?lang=en', { lang: 'en', width, touch: width < 600 });
    await search(tab, number);
    await tab.waitForURL('**/staff/search');
    assert.equal(await rows(tab).count(), 1);
    await inspect(tab, `search-en-${width}`);
    await rows(tab).first().locator('a').click();
    await tab.getByRole('button', { name: 'Take and call' }).click();
    await tab.waitForSelector('a.call');
    await inspect(tab, `case-called-en-${width}`);
    await tab.getByRole('button', { name: 'Informed' }).click();
    await tab.waitForURL('**/staff/search');
    assert.equal(await rows(tab).count(), 1, 'back among the results');
    await search(tab, 'QZ-0101-2222');
    await tab.waitForFunction(() => !document.querySelector('#rows li'));
    await inspect(tab, `search-nothing-en-${width}`);
  });
}

test('the late chip covers no other on a phone', async () => {
  const tab = await queue('/staff?view=closed_today');
  const late = await viewTab(tab, 'overdue').boundingBox();
  const others = tab.locator('.chips ul + ul');
  for (const end of [0, 90, 1e4]) {
    await others.evaluate((list, end) => { list.scrollLeft = end; }, end);
    assert.deepEqual(await viewTab(tab, 'overdue').boundingBox(), late, 'it stays in sight');
    assert.ok((await others.boundingBox()).x >= late.x + late.width);
  }
  assert.equal(await overflows(tab), false);
  await shot(tab, 'chips-zh-360');
});

test('the view of duplicates shows two reports of one telephone', async () => {
  // Their rooms differ: earlier reports of one room would be duplicates of both.
  await visitor('王甲例', { phone: '13500000001', room: '2201' });
  const tab = await queue('/staff?view=duplicates');
  const before = await rows(tab).count();
  await visitor('王乙例', { phone: '13500000001', room: '2202' });
  await tab.waitForSelector('#pill:not([hidden])');
  assert.equal(await tab.textContent('#fresh'), '2', 'the first report is a duplicate now, too');
  await tab.click('#pill');
  assert.equal(await rows(tab).count(), before + 2);
  await waitForCount(tab, 'duplicates', before + 2);
});

test('without scripts a view is filtered, sorted and remembered', async () => {
  const away = await visitor('冯示例', { direction: 'leave' });
  const tab = await queue('/staff', { js: false });
  await tab.click('details.filter summary');
  await tab.selectOption('#direction', 'leave');
  await tab.selectOption('#sort', 'newest');
  await tab.click('details.filter button');
  assert.match(await rows(tab).first().textContent(), new RegExp(away));
  assert.equal(await count(tab, 'open'), await rows(tab).count());
  assert.equal(await overflows(tab), false);
  await shot(tab, 'filter-zh-360');
  await viewTab(tab, 'waiting').click();
  await tab.waitForURL(/view=waiting/);
  assert.match(tab.url(), /view=waiting.*direction=leave/, 'another view keeps the filter');
  await tab.goto(`${app.origin}/staff`);
  assert.equal(await viewTab(tab, 'waiting').getAttribute('aria-current'), 'page');
  assert.equal(await tab.inputValue('#sort'), 'newest');
  assert.equal(await tab.inputValue('#direction'), '', 'a filter hides reports, so it is not remembered');
});

test('a filtered view takes in only matching reports', async () => {
  const tab = await queue('/staff?view=open&direction=leave', { lang: 'en', width: 1280 });
  const before = await count(tab, 'open');
  await visitor('陈示例');
  await visitor('褚示例', { direction: 'leave' });
  await waitForCount(tab, 'open', before + 1);
  await tab.waitForSelector('#pill:not([hidden])');
  assert.equal(await tab.textContent('#fresh'), '1');
  await inspect(tab, 'filter-en-1280');
});
