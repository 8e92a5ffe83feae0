// A case as its people see it: what was done and its undoing, both values where somebody was too
// late, duplicates, and the way back; small and large, in both languages, with and without scripts.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { arrive, arriveByApi, atWork, open, overflows, shot, violations } from './app.mjs';

let house;
let code;
let nth = 0;

before(async () => {
  house = await open({ undo_seconds: 60 });
  ({ code } = house.placards[0]);
});
after(async () => { await house?.close(); });

// A report of a room and a telephone of its own, where nothing else is said.
function visitor(words) {
  nth += 1;
  return arrive(house, code, { phone: `136${String(nth).padStart(8, '0')}`, room: `${1000 + nth}`, ...words });
}

const row = (tab, number) => tab.locator('#rows li', { hasText: number });
const button = (tab, name) => tab.getByRole('button', { name, exact: true });
const said = { zh: { accept: '签收', informed: '已告知', more: '其他处理', merge: '并为重复', still: '仍要办理', undo: '撤销', split: '取消合并' },
  en: { accept: 'Take', informed: 'Informed', more: 'Other steps', merge: 'Merge', still: 'Still do it', undo: 'Undo', split: 'Not a duplicate' } };

async function sound(tab, name) {
  assert.deepEqual(await violations(tab), [], name);
  assert.equal(await overflows(tab), false, `${name} scrolls sideways`);
  await shot(tab, name);
}

for (const [lang, width] of [['zh', 360], ['en', 360], ['zh', 1280], ['en', 1280]]) {
  test(`what was done is said and taken back, and who was too late sees both values, at ${width} px in ${lang}`, async () => {
    const w = said[lang];
    const number = await visitor();
    const options = { lang, width, touch: width < 600 };
    const tab = await atWork(house, { ...options, address: `/staff?view=open&direction=return&lang=${lang}` });
    await row(tab, number).locator('a').click();
    await tab.waitForURL('**/staff/reports/*');
    await button(tab, w.accept).click();
    await tab.waitForSelector('#done button');
    assert.match(await tab.textContent('#done'), new RegExp(number));
    await sound(tab, `case-done-${lang}-${width}`);
    // A colleague's page is as old as this one.
    const colleague = await atWork(house, { ...options, login: 'duty', address: new URL(tab.url()).pathname });
    await button(tab, w.informed).click();
    await tab.waitForURL(/\/staff\?view=open&direction=return/);
    await sound(tab, `queue-done-${lang}-${width}`);
    await button(tab, w.undo).click();
    await tab.waitForURL(/\/staff\?view=open&direction=return/);
    await row(tab, number).waitFor();
    await button(colleague, w.informed).click();
    await colleague.waitForSelector('[role=alert]');
    await sound(colleague, `case-too-late-${lang}-${width}`);
    await colleague.getByRole('button', { name: w.still }).click();
    await colleague.waitForSelector('#done button');
  });

  test(`a duplicate and what it was merged into lead to each other at ${width} px in ${lang}`, async () => {
    const w = said[lang];
    const phone = `1350000${width}${lang === 'zh' ? 1 : 2}`.slice(0, 11).padEnd(11, '0');
    const [kept, twin] = [await visitor({ phone }), await visitor({ phone })];
    const tab = await atWork(house, { lang, width, touch: width < 600, address: `/staff?lang=${lang}` });
    await row(tab, twin).locator('a').click();
    await tab.locator('.twins li', { hasText: kept }).getByRole('button', { name: w.merge }).click();
    await tab.waitForSelector('#done button');
    await tab.goBack();
    await tab.reload();
    await sound(tab, `case-duplicate-${lang}-${width}`);
    await tab.getByRole('link', { name: kept }).click();
    await sound(tab, `case-kept-${lang}-${width}`);
    await button(tab, w.split).click();
    await tab.waitForSelector('#done button');
    assert.equal(await tab.locator('h1').count(), 1);
    assert.ok(tab.url().includes('/staff/reports/'), tab.url());
    assert.equal(await button(tab, w.split).count(), 0);
  });
}

test('without scripts a step is taken back by a button, and language and address lead on', async () => {
  const number = await visitor();
  const tab = await atWork(house, { js: false, address: '/staff?view=waiting' });
  await row(tab, number).getByRole('button', { name: '签收并拨打' }).click();
  assert.match(await tab.textContent('#done'), /已签收/);
  await shot(tab, 'case-called-plain-zh-360');
  await tab.goto(tab.url());
  assert.match(tab.url(), /staff\/reports\/[^/]+$/, 'an address that only takes what is sent leads to the case');
  await button(tab, '撤销').click();
  await tab.waitForSelector('text=已撤销');
  await tab.getByRole('link', { name: /返回队列/ }).click();
  assert.match(tab.url(), /view=waiting/);
  await row(tab, number).waitFor();
});

test('a case leads back to where somebody was on the list, and the next one stands there', async () => {
  await arriveByApi(house, code, 20, { from: 700 });
  const tab = await atWork(house, { touch: true, address: '/staff?view=open&sort=newest' });
  const items = tab.locator('#rows li');
  const number = (item) => item.locator('[data-f=number]').textContent();
  await items.nth(9).evaluate((item) => item.scrollIntoView({ block: 'center' }));
  const [was, next] = [await tab.evaluate(() => scrollY), await number(items.nth(10))];
  assert.ok(was > 500, `${was} px down`);
  await items.nth(9).locator('a').tap();
  await tab.waitForURL('**/staff/reports/*');
  await button(tab, said.zh.accept).tap();
  await tab.waitForSelector('#done button');
  await button(tab, said.zh.informed).tap();
  await tab.waitForURL('**/staff?view=open&sort=newest');
  await tab.waitForFunction((was) => scrollY === was, was);
  assert.equal(await number(items.nth(9)), next);
  // Whoever comes from elsewhere begins at the top.
  await tab.goto(`${house.origin}/staff/digest`);
  await tab.goto(`${house.origin}/staff?view=open&sort=newest`);
  assert.equal(await tab.evaluate(() => scrollY), 0);
});

test('an offer goes when its time is over', async () => {
  const brief = await open({ undo_seconds: 2 });
  try {
    await arrive(brief, brief.placards[0].code, {});
    const tab = await atWork(brief, { address: '/staff' });
    await tab.locator('#rows li[data-status=waiting] a').first().click();
    await button(tab, '签收').click();
    await tab.waitForSelector('.owner');
    await tab.waitForSelector('#done', { state: 'detached' });
  } finally { await brief.close(); }
});
