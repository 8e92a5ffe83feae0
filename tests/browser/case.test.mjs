// The page of a case: steps and their undoing, a step that comes too late, duplicates, and the way
// back to the list; on small and large screens, in both languages, with and without scripts.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp, submitReport, submitReports, useApp } from './app.mjs';
import { gotoLive, inspect, newPage, shot } from './browser.mjs';
import { proxy } from './network.mjs';
import { button, openAs, rows, signIn } from './people.mjs';

const app = useApp();
let nth = 0;

// A report with a room and a telephone of its own, unless the test names them.
function visitor(answers) {
  nth += 1;
  return submitReport(app, { phone: `136${String(nth).padStart(8, '0')}`, room: `${1000 + nth}`, ...answers });
}

const row = (tab, number) => tab.locator('#rows li', { hasText: number });
const labels = {
  zh: { accept: '签收', informed: '已告知', more: '更多操作', merge: '合并为重复', still: '仍要办理', undo: '撤销', split: '取消合并' },
  en: { accept: 'Take', informed: 'Informed', more: 'Other steps', merge: 'Merge', still: 'Still do it', undo: 'Undo', split: 'Not a duplicate' },
};

for (const [lang, width] of [['zh', 360], ['en', 360], ['zh', 1280], ['en', 1280]]) {
  const words = labels[lang];
  const device = { lang, width, touch: width < 600 };

  test(`undo, and a late step that shows both values, ${lang} ${width} px`, async () => {
    const number = await visitor();
    const tab = await openAs(app, { ...device, address: `/staff?view=open&direction=return&lang=${lang}` });
    await row(tab, number).locator('a').click();
    await tab.waitForURL('**/staff/reports/*');
    await button(tab, words.accept).click();
    await tab.waitForSelector('#done button');
    assert.match(await tab.textContent('#done'), new RegExp(number));
    await inspect(tab, `case-done-${lang}-${width}`);
    // A colleague opens the case now, before it is closed.
    const colleague = await openAs(app, { ...device, login: 'duty', address: new URL(tab.url()).pathname });
    await button(tab, words.informed).click();
    await tab.waitForURL(/\/staff\?view=open&direction=return/);
    await inspect(tab, `queue-done-${lang}-${width}`);
    await button(tab, words.undo).click();
    await tab.waitForURL(/\/staff\?view=open&direction=return/);
    await row(tab, number).waitFor();
    await button(colleague, words.informed).click();
    await colleague.waitForSelector('[role=alert]');
    await inspect(colleague, `case-too-late-${lang}-${width}`);
    await colleague.getByRole('button', { name: words.still }).click();
    await colleague.waitForSelector('#done button');
  });

  test(`a duplicate and its original link to each other, ${lang} ${width} px`, async () => {
    const phone = `1350000${width}${lang === 'zh' ? 1 : 2}`.slice(0, 11).padEnd(11, '0');
    const [kept, duplicate] = [await visitor({ phone }), await visitor({ phone })];
    const tab = await openAs(app, { ...device, address: `/staff?lang=${lang}` });
    await row(tab, duplicate).locator('a').click();
    await tab.locator('.duplicates li', { hasText: kept }).getByRole('button', { name: words.merge }).click();
    await tab.waitForSelector('#done button');
    await tab.goBack();
    await tab.reload();
    await inspect(tab, `case-duplicate-${lang}-${width}`);
    await tab.getByRole('link', { name: kept }).click();
    await tab.locator('article .no', { hasText: kept }).waitFor();
    await inspect(tab, `case-kept-${lang}-${width}`);
    await button(tab, words.split).click();
    await button(tab, words.split).waitFor({ state: 'detached' });
    assert.equal(await tab.locator('h1').count(), 1);
    assert.ok(tab.url().includes('/staff/reports/'), tab.url());
    await tab.waitForSelector('#done button');
  });
}

for (const js of [true, false]) test(`a note goes along with whichever step is pressed, scripts ${js ? 'on' : 'off'}`, async () => {
  const number = await visitor();
  const tab = await openAs(app, { js, width: 1280, address: '/staff?view=waiting' });
  await row(tab, number).locator('a').click();
  await tab.waitForURL('**/staff/reports/*');
  const address = tab.url();
  await tab.fill('#reason', '周三下午三点到家，独居');
  await tab.getByRole('button', { name: '签收并拨打' }).click();
  await tab.waitForSelector('a.call');
  await tab.fill('#reason', '已在家，说一切都好');
  await button(tab, labels.zh.informed).click();
  await tab.waitForURL((url) => url.pathname === '/staff');
  await tab.goto(address);
  const history = await tab.textContent('.history');
  assert.match(history, /周三下午三点到家，独居/);
  assert.match(history, /已在家，说一切都好/);
  assert.equal(await tab.inputValue('#reason'), '', 'what is stored is not offered again');
});

test('a step without its reason leads to the field', async () => {
  const number = await visitor();
  const tab = await openAs(app, { address: '/staff?view=waiting' });
  await row(tab, number).locator('a').click();
  await tab.waitForURL('**/staff/reports/*');
  await tab.locator('details summary').click();
  await button(tab, '退回').click();
  await tab.waitForSelector('[role=alert]');
  assert.equal(await tab.evaluate(() => document.activeElement?.id), 'reason');
  assert.equal(await tab.locator('details').evaluate((fold) => fold.open), true, 'the button stays in sight');
  await inspect(tab, 'case-reason-owed-zh-360');
});

test('without scripts a button undoes a step', async () => {
  const number = await visitor();
  const tab = await openAs(app, { js: false, address: '/staff?view=waiting' });
  await row(tab, number).getByRole('button', { name: '签收并拨打' }).click();
  assert.match(await tab.textContent('#done'), /已签收/);
  await shot(tab, 'case-called-plain-zh-360');
  await tab.goto(tab.url());
  assert.match(tab.url(), /staff\/reports\/[^/]+$/, 'GET on the address of a step redirects to the case');
  await button(tab, '撤销').click();
  await tab.waitForSelector('text=已撤销');
  await tab.getByRole('link', { name: /返回队列/ }).click();
  assert.match(tab.url(), /view=waiting/);
  await row(tab, number).waitFor();
});

test('a case leads back to its place on the list', async () => {
  await submitReports(app, 20, { from: 700 });
  const tab = await openAs(app, { touch: true, address: '/staff?view=open&sort=newest' });
  const number = (item) => item.locator('[data-f=number]').textContent();
  await rows(tab).nth(9).evaluate((item) => item.scrollIntoView({ block: 'center' }));
  const [was, next] = [await tab.evaluate(() => scrollY), await number(rows(tab).nth(10))];
  assert.ok(was > 500, `${was} px down`);
  await rows(tab).nth(9).locator('a').tap();
  await tab.waitForURL('**/staff/reports/*');
  await button(tab, labels.zh.accept).tap();
  await tab.waitForSelector('#done button');
  await button(tab, labels.zh.informed).tap();
  await tab.waitForURL('**/staff?view=open&sort=newest');
  await tab.waitForFunction((was) => scrollY === was, was);
  assert.equal(await number(rows(tab).nth(9)), next);
  // From another page the list starts at the top.
  await tab.goto(`${app.origin}/staff/digest`);
  await tab.goto(`${app.origin}/staff?view=open&sort=newest`);
  assert.equal(await tab.evaluate(() => scrollY), 0);
});

test('the offer to undo goes when its time is over', async () => {
  const brief = await startApp({ undo_seconds: 60 });
  try {
    await submitReport(brief);
    const tab = await newPage();
    await tab.clock.install();
    await signIn(brief, tab, 'lead01');
    await tab.goto(`${brief.origin}/staff`);
    await tab.locator('#rows li[data-status=waiting] a').first().click();
    await button(tab, '签收').click();
    await tab.waitForSelector('.owner');
    await tab.waitForSelector('#done');
    await tab.clock.runFor(61_000);
    await tab.waitForSelector('#done', { state: 'detached' });
  } finally { await brief.stop(); }
});

for (const width of [360, 1280]) test(`a dead line keeps the page and says so, ${width} px`, async () => {
  const number = await visitor();
  const network = await proxy(app);
  const tab = await newPage({ width });
  await signIn(network.app, tab, 'lead01');
  await tab.goto(`${network.app.origin}/staff?view=waiting&sort=newest`);
  const list = tab.url();
  const press = (place, name) => place.getByRole('button', { name }).click();
  const said = (words) => tab.waitForFunction((words) => document.querySelector('#said').textContent.includes(words), words);
  network.cut();
  await press(row(tab, number), '签收并拨打');
  await said(`${number} 未成功，请再试一次`);
  assert.equal(tab.url(), list);
  await tab.fill('#search', number);
  await press(tab, '搜索');
  await said('搜索 未成功');
  assert.equal(tab.url(), list);
  network.restore();
  await press(row(tab, number), '签收并拨打');
  await tab.waitForSelector('a.call');
  assert.match(await tab.textContent('#done'), /已签收/);
  const looks = () => tab.locator('.history li', { hasText: '查看了联系方式' }).count();
  assert.equal(await looks(), 1, 'the page that follows is no second look');
  await tab.reload();
  assert.equal(await looks(), 1);
  const address = tab.url();
  await tab.fill('#reason', '没有人接');
  network.cut();
  await press(tab, '已告知');
  await said('已告知 未成功，请再试一次');
  assert.equal(tab.url(), address);
  assert.equal(await tab.inputValue('#reason'), '没有人接');
  await inspect(tab, `case-dead-line-zh-${width}`);
  network.restore();
  await press(tab, '已告知');
  await tab.waitForURL((url) => url.pathname === '/staff');
});

test('links keep the page while the line is dead', async () => {
  const number = await visitor();
  const network = await proxy(app);
  const tab = await openAs(network.app, { address: '/staff?view=waiting&sort=newest' });
  const list = tab.url();
  const said = (words) => tab.waitForFunction((words) => document.querySelector('#said').textContent.includes(words), words);
  network.cut();
  await row(tab, number).locator('a').click();
  await said(`${number} 未成功，请再试一次`);
  await tab.locator('[data-chip=open]').click();
  await said('全部待办');
  assert.equal(tab.url(), list);
  network.restore();
  await row(tab, number).locator('a').click();
  await tab.waitForURL('**/staff/reports/*');
  const address = tab.url();
  await tab.context().setOffline(true);
  await tab.getByRole('link', { name: /返回队列/ }).click();
  await said('返回队列 未成功');
  assert.equal(tab.url(), address);
  await tab.context().setOffline(false);
  await tab.getByRole('link', { name: /返回队列/ }).click();
  await tab.waitForURL(list);
});

for (const [lang, width] of [['zh', 360], ['en', 1280]]) test(`the page says what a colleague did, ${lang} ${width} px`, async () => {
  const number = await visitor();
  const list = await openAs(app, { lang, width, address: `/staff?view=open&lang=${lang}` });
  const address = await row(list, number).locator('a').getAttribute('href');
  const tab = await openAs(app, { lang, width, address: `/staff?lang=${lang}` });
  await gotoLive(tab, `${app.origin}${address}`);
  await tab.fill('#reason', '写到一半');
  const colleague = await openAs(app, { login: 'duty', address });
  await button(colleague, '签收').click();
  await tab.waitForSelector('#news:not([hidden])');
  assert.match(await tab.textContent('#news'), lang === 'zh' ? /刚有变化：处置中 · \S/ : /changed: In hand · \S/);
  assert.equal(await tab.inputValue('#reason'), '写到一半', 'nothing else has changed');
  assert.equal(await tab.getAttribute('article .status', 'data-status'), 'waiting');
  await inspect(tab, `case-news-${lang}-${width}`);
  await tab.click('#news a');
  await tab.waitForSelector('article .status[data-status=accepted]');
  assert.equal(await tab.inputValue('#reason'), '写到一半');
  assert.equal(await tab.isHidden('#news'), true);
  // A step of one's own is no news.
  await button(tab, labels[lang].informed).click();
  await tab.waitForURL((url) => url.pathname === '/staff');
});
