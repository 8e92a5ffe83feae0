// The main pages on small and large screens, in both languages, with and without scripts.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReport, useApp } from './app.mjs';
import { inspect, newPage, shot, waitForText } from './browser.mjs';
import { fillForm, openAs, pressSend, report, rows, waiting } from './people.mjs';

const app = useApp();

for (const lang of ['zh', 'en']) {
  for (const width of [320, 360, 1280]) {
    test(`resident pages are accessible, ${lang} ${width} px`, async () => {
      const tab = await newPage({ lang, width });
      for (const [name, address] of [
        ['form', `/q/${app.code}`], ['sites', `/q/${app.code}/sites`], ['home', '/'], ['mistyped', '/q/22223'],
        ['missing', '/nothing-here'], ['status-empty', '/status'], ['sign-in', '/staff/sign-in'],
      ]) {
        await tab.goto(`${app.origin}${address}?lang=${lang}`);
        await inspect(tab, `${name}-${lang}-${width}`);
      }
      await report(app, tab, { lang });
      await inspect(tab, `receipt-${lang}-${width}`);
      await tab.emulateMedia({ media: 'print' });
      await shot(tab, `receipt-print-${lang}-${width}`);
    });
  }
}

test('the form needs one request', async () => {
  const tab = await newPage();
  const asked = [];
  tab.on('request', (request) => asked.push(request.url()));
  await tab.goto(`${app.origin}/q/${app.code}`);
  assert.deepEqual(asked.filter((url) => !url.endsWith('/static/icon.svg')), [`${app.origin}/q/${app.code}`]);
});

test('without scripts a mistake keeps the answers', async () => {
  const tab = await newPage({ js: false });
  await tab.goto(`${app.origin}/q/${app.code}`);
  await fillForm(tab, { direction: 'leave', region: '北京朝阳', room: '9', name: '李示例', phone: '12345' });
  await pressSend(tab);
  assert.match(await tab.textContent('#mistakes'), /电话号码格式不正确/);
  assert.equal(await tab.inputValue('#name'), '李示例');
  await shot(tab, 'mistakes-zh-360');
  await tab.fill('#phone', '13800000001');
  await pressSend(tab);
  assert.match(await tab.textContent('.no'), /^QZ-\d{4}-[2-9A-HJ-NP-Z]{4}$/);
});

test('a grid worker accepts and closes a report by touch', async () => {
  const staff = await openAs(app, { touch: true });
  const before = await rows(staff).count();
  const resident = await newPage();
  await report(app, resident, { name: '赵示例' });
  const number = (await resident.textContent('.no')).trim();
  await staff.waitForSelector('#pill:not([hidden])');
  assert.equal(await rows(staff).count(), before, 'rows do not move by themselves');
  await staff.tap('#pill');
  await staff.waitForFunction((n) => document.querySelectorAll('#rows li').length === n + 1, before);
  await inspect(staff, 'queue-zh-360');
  // Three taps a case: accept and call, dial, outcome.
  await waiting(staff).last().getByRole('button', { name: '签收并拨打' }).tap();
  await staff.waitForSelector('a.call[href^="tel:"]');
  await inspect(staff, 'case-zh-360');
  await staff.getByRole('button', { name: '已核实登记' }).tap();
  await staff.waitForURL('**/staff?view=open');
  await inspect(staff, 'queue-done-zh-360');
  // The thumb has slipped: undo, then the outcome that was meant.
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

test('the centre shows a new report without a reload', async () => {
  const centre = await openAs(app, { login: 'duty', width: 1280, address: '/centre' });
  const before = Number(await centre.textContent('#reports'));
  await submitReport(app);
  await waitForText(centre, '#reports', before + 1);
  const row = centre.locator('#queues tr', { hasText: app.placards[0].queue });
  assert.ok(Number(await row.locator('td').last().textContent()) > 0);
  await inspect(centre, 'centre-zh-1280');
  const small = await openAs(app, { login: 'duty', lang: 'en', address: '/centre?lang=en' });
  await inspect(small, 'centre-en-360');
  await small.goto(`${app.origin}/staff?lang=en`);
  await inspect(small, 'queue-en-360');
});

test('the viewer of the API works without the internet', async () => {
  const tab = await newPage({ width: 1280 });
  await tab.goto(`${app.origin}/api/docs/`);
  await tab.waitForSelector('.opblock');
});
