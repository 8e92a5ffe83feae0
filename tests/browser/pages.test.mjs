// The pages as people meet them: small and large, in both languages, with and without scripts.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { atWork, open, overflows, page, report, shot, signIn, violations } from './app.mjs';

let house;
let code;
let queue;

before(async () => {
  house = await open();
  ({ code, queue } = house.placards[0]);
});
after(async () => { await house?.close(); });

const sizes = [320, 360, 1280];
const languages = ['zh', 'en'];

async function inspect(tab, name) {
  assert.deepEqual(await violations(tab), [], name);
  assert.equal(await overflows(tab), false, `${name} scrolls sideways`);
  await shot(tab, name);
}

for (const lang of languages) {
  for (const width of sizes) {
    test(`resident pages are sound at ${width} px in ${lang}`, async () => {
      const tab = await page(house, { lang, width });
      for (const [name, address] of [
        ['form', `/q/${code}`], ['sites', `/q/${code}/sites`], ['home', '/'], ['mistyped', '/q/22223'],
      ]) {
        await tab.goto(`${house.origin}${address}?lang=${lang}`);
        await inspect(tab, `${name}-${lang}-${width}`);
      }
      await report(house, tab, code, { lang });
      await inspect(tab, `receipt-${lang}-${width}`);
      await tab.emulateMedia({ media: 'print' });
      await shot(tab, `receipt-print-${lang}-${width}`);
      await tab.context().close();
    });
  }
}

test('the first view is one request', async () => {
  const tab = await page(house);
  const asked = [];
  tab.on('request', (request) => asked.push(request.url()));
  await tab.goto(`${house.origin}/q/${code}`);
  assert.deepEqual(asked.filter((url) => !url.endsWith('/favicon.ico')), [`${house.origin}/q/${code}`]);
});

test('without scripts a mistake keeps the words and a right form leads to the receipt', async () => {
  const tab = await page(house, { js: false });
  await tab.goto(`${house.origin}/q/${code}`);
  await tab.click('label:has(input[value=leave])');
  await tab.fill('#region', '北京朝阳');
  await tab.fill('#room', '9');
  await tab.fill('#name', '李示例');
  await tab.fill('#phone', '12345');
  await tab.click('#f button:not([type=button], [name])');
  assert.match(await tab.textContent('#mistakes'), /这个号码打不通/);
  assert.equal(await tab.inputValue('#name'), '李示例');
  await shot(tab, 'mistakes-zh-360');
  await tab.fill('#phone', '13800000001');
  await tab.click('#f button:not([type=button], [name])');
  assert.match(await tab.textContent('.no'), /^QZ-\d{4}-[2-9A-HJ-NP-Z]{4}$/);
});

test('a grid worker sees a report arrive and takes it to its end by touch', async () => {
  const staff = await atWork(house, { touch: true });
  const before = await staff.locator('#rows li').count();
  const resident = await page(house);
  await report(house, resident, code, { name: '赵示例' });
  const number = (await resident.textContent('.no')).trim();
  await staff.waitForSelector('#pill:not([hidden])');
  assert.equal(await staff.locator('#rows li').count(), before, 'rows do not move by themselves');
  await staff.tap('#pill');
  await staff.waitForFunction((n) => document.querySelectorAll('#rows li').length === n + 1, before);
  await inspect(staff, 'queue-zh-360');
  // Three taps a case: take and call, dial, outcome.
  await staff.locator('#rows li').last().getByRole('button', { name: '签收并拨打' }).tap();
  await staff.waitForSelector('a.call[href^="tel:"]');
  await inspect(staff, 'case-zh-360');
  await staff.getByRole('button', { name: '已核实登记' }).tap();
  await staff.waitForURL('**/staff?view=open');
  await inspect(staff, 'queue-done-zh-360');
  // A slip of the thumb: taken back, and ended as it was meant.
  assert.match(await staff.textContent('#done'), /已办结/);
  await staff.tap('#done button');
  await staff.waitForSelector('text=已撤销');
  await staff.locator('#rows li', { hasText: number }).locator('a').tap();
  await staff.getByRole('button', { name: '已告知' }).tap();
  await staff.waitForURL('**/staff?view=open');
  await resident.reload();
  assert.match(await resident.textContent('main'), /查看了您的联系方式/);
  await shot(resident, 'receipt-history-zh-360');
});

test('the wall shows a report of this moment without a reload', async () => {
  const wall = await page(house, { width: 1280 });
  await signIn(house, wall, 'duty');
  await wall.goto(`${house.origin}/centre`);
  const before = Number(await wall.textContent('#reports'));
  const resident = await page(house);
  await report(house, resident, code);
  await wall.waitForFunction((n) => Number(document.querySelector('#reports').textContent) === n + 1, before);
  const row = wall.locator('#queues tr', { hasText: queue });
  assert.ok(Number(await row.locator('td').last().textContent()) > 0);
  await inspect(wall, 'centre-zh-1280');
  const small = await page(house, { lang: 'en', width: 360 });
  await signIn(house, small, 'duty');
  await small.goto(`${house.origin}/centre?lang=en`);
  await inspect(small, 'centre-en-360');
  await small.goto(`${house.origin}/staff?lang=en`);
  await inspect(small, 'queue-en-360');
});

test('the viewer of the API draws its page without the internet', async () => {
  const tab = await page(house, { width: 1280 });
  await tab.goto(`${house.origin}/api/docs/`);
  await tab.waitForSelector('.opblock');
});
