// The live queue as its people use it: while others work, while the line drops, by keyboard alone.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { arrive, atWork, line, open, overflows, page, shot, signIn, violations } from './app.mjs';

let house;
let code;

before(async () => {
  house = await open();
  ({ code } = house.placards[0]);
});
after(async () => { await house?.close(); });

const visitor = (name) => arrive(house, code, { name });
const queue = (options) => atWork(house, options);

async function beside(tab) {
  const other = await tab.context().newPage();
  await other.goto(`${house.origin}/staff`);
  return other;
}

// As somebody without a mouse gets there.
async function tabTo(tab, name) {
  const there = () => tab.evaluate(() => (document.activeElement.matches('button, a') ? document.activeElement.textContent : ''));
  for (let tries = 0; tries < 40 && !(await there()).includes(name); tries += 1) await tab.keyboard.press('Tab');
  assert.ok((await there()).includes(name), `${name} is reached`);
}

const rows = (tab) => tab.locator('#rows li');
const waitRows = (tab, n) => tab.waitForFunction((n) => document.querySelectorAll('#rows li').length === n, n);

for (const width of [360, 1280]) test(`what somebody has begun survives what others do at ${width} px`, async () => {
  await visitor('钱示例');
  await visitor('孙示例');
  await visitor('许示例');
  const tab = await queue({ width });
  await tab.click('#help summary');
  await tab.check('[data-pref=title]');
  const other = await beside(tab);
  const first = rows(tab).first();
  await first.locator('.mark').check();
  const third = rows(tab).last();
  const at = async () => [(await first.boundingBox()).y, (await third.boundingBox()).y];
  const places = await at();
  await visitor('李示例');
  await tab.waitForSelector('#pill:not([hidden])');
  assert.match(await tab.title(), /^\(1\) /);
  const id = await tab.locator('#rows li[data-status=waiting]').nth(1).getAttribute('data-id');
  await other.locator(`[data-id="${id}"]`).getByRole('button', { name: '签收', exact: true }).click();
  await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
  assert.equal(await first.locator('.mark').isChecked(), true, 'the mark stays');
  assert.deepEqual(await at(), places, 'no row has moved');
  const before = await rows(tab).count();
  await tab.click('#pill');
  await waitRows(tab, before + 1);
  assert.equal(await first.locator('.mark').isChecked(), true);
  assert.equal(await tab.title().then((title) => title.startsWith('(')), false);
  assert.deepEqual(await violations(tab), []);
  await shot(tab, `queue-zh-${width}`);
});

test('two who take the same report at once are one who has it and one who is told', async () => {
  await visitor('周示例');
  const desks = [await queue({ width: 1280 }), await queue({ login: 'duty', touch: true })];
  const id = await rows(desks[0]).last().getAttribute('data-id');
  // Each has asked before either is answered.
  let asked = 0;
  let both;
  const together = new Promise((resolve) => { both = resolve; });
  const answers = desks.map((tab) => tab.waitForResponse((answer) => new URL(answer.url()).pathname.endsWith(`${id}/accept`)));
  for (const tab of desks) {
    await tab.route(`**/${id}/accept?*`, async (route) => {
      asked += 1;
      if (asked === desks.length) both();
      await together;
      await route.continue();
    });
  }
  const row = (tab) => tab.locator(`[data-id="${id}"]`);
  await Promise.all(desks.map((tab) => row(tab).getByRole('button', { name: '签收', exact: true }).click()));
  const statuses = await Promise.all(answers.map(async (answer) => (await answer).status()));
  assert.deepEqual([...statuses].sort(), [200, 409]);
  const [winner, loser] = [statuses.indexOf(200), statuses.indexOf(409)].map((at) => desks[at]);
  await winner.waitForSelector('#undo:not([hidden])');
  assert.equal(await row(winner).locator('.owner').textContent(), '我');
  await loser.waitForFunction(() => /别人.*您刚才要做的是：签收。现在：处置中 · /.test(document.querySelector('#said').textContent));
  const name = await row(loser).locator('.owner').textContent();
  assert.ok(name && name !== '我', name);
  await shot(loser, 'queue-too-late-zh');
});

test('a line that drops is said, and what was missed is there afterwards', async () => {
  const wire = await line(house);
  const tab = await page(house);
  await signIn({ ...house, origin: wire.origin }, tab, 'lead01');
  await tab.goto(`${wire.origin}/staff`);
  const before = await rows(tab).count();
  await tab.waitForTimeout(300);
  wire.cut();
  await tab.waitForSelector('#lost:not([hidden])', { timeout: 30_000 });
  await shot(tab, 'queue-lost-zh-360');
  await visitor('吴示例');
  wire.mend();
  await tab.waitForSelector('#pill:not([hidden])', { timeout: 30_000 });
  await tab.waitForSelector('#lost', { state: 'hidden', timeout: 30_000 });
  await tab.click('#pill');
  await waitRows(tab, before + 1);
  wire.close();
});

test('what was taken while the line was down is brought up to date though it has left the view', async () => {
  await visitor('褚示例');
  const wire = await line(house);
  const tab = await page(house);
  await signIn({ ...house, origin: wire.origin }, tab, 'lead01');
  await tab.goto(`${wire.origin}/staff?view=waiting`);
  const other = await queue();
  await tab.waitForTimeout(300);
  const id = await rows(tab).last().getAttribute('data-id');
  wire.cut();
  await tab.waitForSelector('#lost:not([hidden])', { timeout: 30_000 });
  await other.locator(`[data-id="${id}"]`).getByRole('button', { name: '签收', exact: true }).click();
  await other.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
  wire.mend();
  // The telephone comes out of a pocket: the list is read before the stream is back, and the
  // report is not in it.
  const read = tab.waitForResponse((answer) => answer.url().includes('/staff?view=waiting') && answer.ok());
  await tab.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await read;
  await tab.waitForSelector(`[data-id="${id}"][data-status=accepted].done`, { timeout: 30_000 });
  wire.close();
});

test('all tabs share one stream, and when its tab closes another one goes on', async () => {
  const tab = await queue();
  const streams = [];
  tab.context().on('request', (request) => {
    if (request.url().includes('/staff/stream') && request.frame().page() !== tab) streams.push(request.url());
  });
  const second = await beside(tab);
  const third = await beside(tab);
  await visitor('郑示例');
  for (const one of [tab, second, third]) await one.waitForSelector('#pill:not([hidden])');
  assert.equal(streams.length, 0, 'the later tabs open no stream of their own');
  await tab.close();
  await second.waitForFunction(() => true);
  await visitor('王小例');
  await second.waitForFunction(() => document.querySelector('#fresh').textContent === '2', undefined, { timeout: 30_000 });
  await third.waitForFunction(() => document.querySelector('#fresh').textContent === '2', undefined, { timeout: 30_000 });
  assert.equal(streams.length, 1);
});

test('a whole case by keyboard, with undo, and silence while pinyin is composed', async () => {
  await visitor('冯示例');
  const tab = await queue({ width: 1280 });
  await tab.keyboard.press('k');
  const last = rows(tab).last();
  assert.equal(await last.evaluate((item) => item.contains(document.activeElement)), true);
  await tab.evaluate(() => document.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', isComposing: true, bubbles: true })));
  assert.equal(await last.getAttribute('data-status'), 'waiting');
  await tab.keyboard.press('x');
  assert.equal(await last.locator('.mark').isChecked(), true);
  await tab.keyboard.press('x');
  await tab.keyboard.press('a');
  await tab.keyboard.press('z'); // in the same breath
  await tab.waitForFunction(() => document.querySelector('#said').textContent === '已撤销');
  await tab.waitForFunction(() => [...document.querySelectorAll('#rows li')].at(-1).dataset.status === 'waiting');
  await tab.keyboard.press('Enter');
  await tab.waitForURL('**/staff/reports/*');
  await tabTo(tab, '签收并拨打');
  await tab.keyboard.press('Enter');
  await tab.waitForSelector('a.call');
  await tabTo(tab, '已告知');
  await tab.keyboard.press('Enter');
  await tab.waitForURL((url) => url.pathname === '/staff');
});

test('from a row that somebody has to its end by keyboard', async () => {
  await visitor('许示例');
  const tab = await queue({ width: 1280 });
  await tab.keyboard.press('k');
  const id = await rows(tab).last().getAttribute('data-id');
  await tab.keyboard.press('a');
  await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
  await tab.keyboard.press('e');
  await tab.waitForURL(`**/staff/reports/${id}**`);
  await tab.keyboard.press('Tab');
  assert.match(await tab.evaluate(() => document.activeElement.name), /outcome/, 'its end is what comes next');
  await tab.keyboard.press('Enter');
  await tab.waitForURL((url) => url.pathname === '/staff');
});

test('when to call again stands on the row', async () => {
  await visitor('蒋示例');
  const tab = await queue();
  const row = rows(tab).last();
  const id = await row.getAttribute('data-id');
  assert.equal(await row.locator('.retry').textContent(), '');
  const other = await beside(tab);
  await other.goto(`${house.origin}/staff/reports/${id}`);
  await other.getByRole('button', { name: '签收', exact: true }).click();
  await other.getByRole('button', { name: '30 分钟' }).click();
  await tab.waitForSelector(`[data-id="${id}"][data-status=unreachable]`);
  const said = await row.locator('.retry').textContent();
  assert.match(said, /今天|明天|\d+月/);
  await tab.reload();
  assert.equal(await tab.locator(`[data-id="${id}"] .retry`).textContent(), said);
});

test('a half-written reason outlives a reload', async () => {
  const tab = await queue();
  await rows(tab).first().locator('a').click();
  await tab.locator('details summary').click();
  await tab.fill('#reason', '写到一半');
  await tab.reload();
  assert.equal(await tab.inputValue('#reason'), '写到一半');
  assert.deepEqual(await violations(tab), []);
  assert.equal(await overflows(tab), false);
  await shot(tab, 'case-more-zh-360');
});
