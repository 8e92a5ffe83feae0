// Red reports, the deadline to end a case, and the morning digest.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { importCsv, submitReport, useApp } from './app.mjs';
import { inspect, shot, waitForText } from './browser.mjs';
import { button, openAs, rows } from './people.mjs';
import { fakeAudio, tones } from './sound.mjs';

const app = useApp();

const visitor = (name) => submitReport(app, { name });
const staff = (login, address, options) => openAs(app, { login, address, ...options });

// Makes every hour a quiet hour of this page.
const setNight = (tab) => tab.evaluate(() => {
  const { dataset } = document.getElementById('rows');
  [dataset.dayStarts, dataset.dayEnds] = ['23:59', '23:59'];
});

async function switchSoundOn(tab) {
  await tab.evaluate(fakeAudio);
  await tab.click('#help summary');
  await tab.check('[data-pref=sound]');
}

test('a new report rings by day, and not at night', async () => {
  const tab = await staff('lead01', '/staff');
  await switchSoundOn(tab);
  const rung = await tones(tab);
  await visitor('孙示例');
  await tab.waitForFunction((n) => globalThis.tones === n, rung + 1);
  await setNight(tab);
  await visitor('李示例');
  await waitForText(tab, '#fresh', 2);
  assert.equal(await tones(tab), rung + 1);
  // A day until midnight: its end is written as the beginning of the next.
  await tab.evaluate(() => {
    const { dataset } = document.getElementById('rows');
    [dataset.dayStarts, dataset.dayEnds] = ['00:00', '00:00'];
  });
  await visitor('何示例');
  await tab.waitForFunction((n) => globalThis.tones === n, rung + 2);
});

test('red reports come first and ring at night on duty', async () => {
  await visitor('周示例');
  const duty = await staff('duty', '/staff');
  const lead = await staff('lead01', '/staff');
  const centre = await staff('duty', '/centre', { width: 1280 });
  for (const tab of [duty, lead]) {
    await setNight(tab);
    await switchSoundOn(tab);
  }
  const [onDuty, inCommunity] = [await tones(duty), await tones(lead)];
  await visitor('吴示例');
  await duty.waitForSelector('#pill:not([hidden])');
  assert.equal(await tones(duty), onDuty, 'silent at night');
  await importCsv(app, 'red-rules', 'name,direction,region_prefix,active\n示例：从上海返程,return,31,yes\n');
  await visitor('郑示例');
  await duty.waitForFunction((n) => globalThis.tones > n, onDuty);
  await waitForText(lead, '#fresh', 2);
  assert.equal(await tones(lead), inCommunity, 'silent in the community');
  await waitForText(centre, '#red', 1);
  await inspect(centre, 'centre-red-zh-1280');
  await duty.click('#pill');
  assert.match(await rows(duty).first().textContent(), /红色 · 示例：从上海返程/);
  await inspect(duty, 'queue-red-zh-360');
  await duty.reload();
  assert.match(await rows(duty).first().textContent(), /红色 · 示例：从上海返程/);
  await rows(duty).locator('a').first().click();
  await duty.waitForSelector('[data-case]');
  await inspect(duty, 'case-red-zh-360');
});

test('an accepted row counts down to its end', async () => {
  await visitor('冯示例');
  const tab = await staff('lead01', '/staff');
  const row = tab.locator('#rows li[data-status=waiting]').last();
  const id = await row.getAttribute('data-id');
  assert.match(await row.textContent(), /首次联系时限/);
  await button(row, '签收').click();
  const taken = tab.locator(`[data-id="${id}"][data-status=accepted]`);
  await taken.waitFor();
  assert.match(await taken.textContent(), /办结时限/);
  assert.match(await taken.locator('.left').textContent(), /剩 \d+ 小时/);
  assert.equal(await taken.locator('.left').isVisible(), true);
});

for (const [lang, width] of [['zh', 360], ['en', 360], ['zh', 1280]]) {
  test(`the morning digest is accessible, ${lang} ${width} px`, async () => {
    // Every hour of this day is a quiet hour, so the reports of the other tests are in the digest.
    await importCsv(app, 'areas', `code,parent_code,level,name,name_en,short_name,number_prefix,phone,day_starts,night_due,day_ends
320613019000,320613000000,subdistrict,秦灶街道,Qinzao Subdistrict,秦灶,QZ,0513-0000 0101,23:57,23:58,23:59\n`);
    const tab = await staff('lead01', `/staff?lang=${lang}`, { width, lang });
    await tab.locator('.morning a').click();
    await tab.waitForURL('**/staff/digest');
    await tab.goto(`${app.origin}/staff/digest?lang=${lang}`);
    assert.ok(await tab.locator('.night li').count() > 2);
    assert.match(await tab.locator('.night h3').first().textContent(), /\S/);
    await inspect(tab, `digest-${lang}-${width}`);
    await tab.emulateMedia({ media: 'print' });
    assert.equal(await tab.locator('header').isVisible(), false);
    await shot(tab, `digest-print-${lang}-${width}`);
  });
}
