// The night on the pages: what is red, the second deadline, the morning digest.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { arrive, atWork, importText, open, overflows, shot, violations } from './app.mjs';

let house;
let code;

before(async () => {
  house = await open();
  ({ code } = house.placards[0]);
});
after(async () => { await house?.close(); });

const visitor = (words) => arrive(house, code, words);
const staff = (login, address, options) => atWork(house, { login, address, ...options });

async function inspect(tab, name) {
  assert.deepEqual(await violations(tab), [], name);
  assert.equal(await overflows(tab), false, `${name} scrolls sideways`);
  await shot(tab, name);
}

// A page's hours, so that the test is the same at any hour of the machine.
const nightNow = (tab) => tab.evaluate(() => {
  const { dataset } = document.getElementById('rows');
  [dataset.dayStarts, dataset.dayEnds] = ['23:59', '23:59'];
  globalThis.rung = 0;
  globalThis.AudioContext = class {
    currentTime = 0;
    state = 'running';
    addEventListener() {}
    destination = null;
    createOscillator() { globalThis.rung += 1; return { frequency: {}, connect: (to) => to, start() {}, stop() {} }; }
    createGain() { return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (to) => to }; }
  };
});

test('what is red is on top, marked, and rings by night on duty only', async () => {
  await visitor({ name: '周示例' });
  const duty = await staff('duty', '/staff');
  const lead = await staff('lead01', '/staff');
  const centre = await staff('duty', '/centre', { width: 1280 });
  for (const tab of [duty, lead]) {
    await nightNow(tab);
    await tab.click('#help summary');
    await tab.check('[data-pref=sound]');
  }
  const rung = (tab) => tab.evaluate(() => globalThis.rung);
  const [tried, triedLead] = [await rung(duty), await rung(lead)];
  await visitor({ name: '吴示例' });
  await duty.waitForSelector('#pill:not([hidden])');
  assert.equal(await rung(duty), tried, 'silent at night');
  await importText(house, 'red-rules', 'name,direction,region_prefix,active\n示例：从上海返程,return,31,yes\n');
  // The running house reads the rule when it looks out next.
  await new Promise((resolve) => { setTimeout(resolve, 1_000); });
  await visitor({ name: '郑示例' });
  await duty.waitForFunction((n) => globalThis.rung > n, tried);
  await lead.waitForFunction(() => document.getElementById('fresh').textContent === '2');
  assert.equal(await rung(lead), triedLead, 'a community is not woken');
  await centre.waitForFunction(() => document.getElementById('red').textContent === '1');
  await inspect(centre, 'centre-red-zh-1280');
  await duty.click('#pill');
  assert.match(await duty.locator('#rows li').first().textContent(), /红色 · 示例：从上海返程/);
  await inspect(duty, 'queue-red-zh-360');
  await duty.reload();
  assert.match(await duty.locator('#rows li').first().textContent(), /红色 · 示例：从上海返程/);
  await duty.locator('#rows li a').first().click();
  await duty.waitForSelector('[data-case]');
  await inspect(duty, 'case-red-zh-360');
});

test('once somebody has it, a row counts down to its end', async () => {
  await visitor({ name: '冯示例' });
  const tab = await staff('lead01', '/staff');
  const row = tab.locator('#rows li[data-status=waiting]').last();
  const id = await row.getAttribute('data-id');
  assert.match(await row.textContent(), /首次联系时限/);
  await row.getByRole('button', { name: '签收', exact: true }).click();
  const taken = tab.locator(`[data-id="${id}"][data-status=accepted]`);
  await taken.waitFor();
  assert.match(await taken.textContent(), /办结时限/);
  assert.match(await taken.locator('.left').textContent(), /剩 \d+ 小时/);
  assert.equal(await taken.locator('.left').isVisible(), true);
});

for (const [lang, width] of [['zh', 360], ['en', 360], ['zh', 1280]]) {
  test(`the morning digest is sound at ${width} px in ${lang}, also on paper and without scripts`, async () => {
    // Every hour of this very day is night for the office: what was sent before is in the digest.
    await importText(house, 'areas', `code,parent_code,level,name,name_en,short_name,number_prefix,phone,day_starts,night_due,day_ends
320613019000,320613000000,subdistrict,秦灶街道,Qinzao Subdistrict,秦灶,QZ,0513-0000 0101,23:57,23:58,23:59\n`);
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    const tab = await staff('lead01', `/staff?lang=${lang}`, { width, lang });
    await tab.locator('.morning a').click();
    await tab.waitForURL('**/staff/digest');
    await tab.goto(`${house.origin}/staff/digest?lang=${lang}`);
    assert.ok(await tab.locator('.night li').count() > 2);
    assert.match(await tab.locator('.night h3').first().textContent(), /\S/);
    await inspect(tab, `digest-${lang}-${width}`);
    await tab.emulateMedia({ media: 'print' });
    assert.equal(await tab.locator('header').isVisible(), false);
    await shot(tab, `digest-print-${lang}-${width}`);
  });
}
