// A sign-in ends while the person works, and a new one loses nothing that the person has begun.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReport, useApp } from './app.mjs';
import { newPage, shot, waitForText } from './browser.mjs';
import { fillForm, fillSignIn, openAs, rows, signInByPage } from './people.mjs';

const app = useApp({}, async (app) => {
  for (const name of ['钱示例', '孙示例', '许示例', '周示例', '吴示例', '郑示例', '王小例', '冯示例']) await submitReport(app, { name });
});

// Signs out in another tab of the same browser.
async function signOut(tab) {
  const other = await tab.context().newPage();
  await other.goto(`${app.origin}/staff`);
  await other.evaluate(() => fetch('/staff/sign-out', { method: 'POST', headers: { accept: 'application/json' } }));
  await other.close();
}

// Signs in again by the link of the banner, which opens a tab.
async function signInByBanner(tab) {
  const [door] = await Promise.all([tab.context().waitForEvent('page'), tab.click('#signed-out a')]);
  await fillSignIn(app, door, 'lead01');
  await door.waitForURL(`${app.origin}/staff`);
  await door.close();
}

// The reason field of the first case of the queue, open; returns the address of the case.
async function openReason(tab) {
  await rows(tab).locator('a').first().click();
  await tab.waitForURL('**/staff/reports/*');
  await tab.locator('details summary').click();
  return tab.url();
}

test('marks and place survive a new sign-in', async () => {
  const tab = await openAs(app);
  const marks = tab.locator('#rows .mark');
  await marks.nth(5).check();
  await marks.nth(6).check();
  const place = await tab.evaluate(() => scrollY);
  assert.ok(place > 0, 'far enough down');
  await signOut(tab);
  await tab.waitForSelector('#signed-out:not([hidden])');
  await shot(tab, 'queue-signed-out-zh-360');
  await submitReport(app, { name: '陈示例', phone: '138 0000 0099' });
  await signInByBanner(tab);
  await tab.waitForSelector('#signed-out', { state: 'hidden' });
  await waitForText(tab, '#fresh', 1);
  assert.equal(await tab.locator('#rows .mark:checked').count(), 2);
  assert.equal(await tab.evaluate(() => scrollY), place);
});

test('a reason survives a sign-in that has ended', async () => {
  const tab = await openAs(app);
  const address = await openReason(tab);
  await tab.fill('#reason', '电话里说晚上才到');
  await signOut(tab);
  await tab.getByRole('button', { name: '添加备注' }).click();
  await tab.waitForURL('**/staff/sign-in**');
  await fillSignIn(app, tab, 'lead01');
  await tab.waitForURL(address);
  assert.equal(await tab.inputValue('#reason'), '电话里说晚上才到');
  await tab.getByRole('button', { name: '添加备注' }).click();
  await tab.waitForSelector('.history q');
  await tab.goto(address);
  assert.equal(await tab.locator('#reason').inputValue(), '', 'a stored reason is not offered again');
  assert.match(await tab.textContent('.history'), /电话里说晚上才到/);
});

test('on a shared telephone drafts stay with their author', async () => {
  const tab = await openAs(app);
  const address = await openReason(tab);
  await tab.fill('#reason', '只给自己看的');
  await tab.reload();
  assert.equal(await tab.inputValue('#reason'), '只给自己看的');
  await signOut(tab);
  await signInByPage(app, tab, 'grid01');
  await tab.goto(address);
  assert.equal(await tab.inputValue('#reason'), '');
});

for (const [why, banner] of [['the sign-in has ended', 'signed-out'], ['the connection is gone', 'lost']]) {
  test(`a dictated report stays on the page when ${why}`, async () => {
    const tab = await openAs(app, { address: '/staff/desk' });
    await tab.locator('.spots a').first().click();
    const dictated = { region: '上海浦东', room: '301', name: '卫示例', phone: '13800000077' };
    await fillForm(tab, dictated);
    if (banner === 'lost') await tab.context().setOffline(true);
    else await signOut(tab);
    const send = tab.getByRole('button', { name: '提交代录' });
    await send.click();
    await tab.waitForSelector(`#${banner}:not([hidden])`);
    await shot(tab, `desk-${banner}-zh-360`);
    for (const [field, text] of Object.entries(dictated)) assert.equal(await tab.inputValue(`#${field}`), text);
    const stored = await tab.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    for (const text of Object.values(dictated)) assert.ok(!stored.includes(text), 'the device stores nothing of a resident');
    if (banner === 'lost') await tab.context().setOffline(false);
    else await signInByBanner(tab);
    await send.click();
    await tab.waitForSelector('.loud');
    assert.match(await tab.textContent('.loud'), /^QZ-/);
  });
}

// No password stays in the address, and no server sees one.
test('a link fills in account and first password', async () => {
  const tab = await newPage();
  const asked = [];
  tab.on('request', (request) => asked.push(request.url()));
  for (const login of ['lead02', 'lead03']) {
    const { password } = app.staff.find((person) => person.login === login);
    // The second link is opened where the page is open already: the browser loads nothing then.
    await tab.goto(`${app.origin}/staff/sign-in#as=${login}&once=${password}`);
    await tab.waitForURL(`${app.origin}/staff/sign-in`);
    assert.equal(await tab.inputValue('#login'), login);
    assert.equal(await tab.inputValue('#password'), password);
    assert.ok(asked.every((url) => !url.split('#')[0].includes(password)), 'no server sees the password');
  }
  await tab.click('main button');
  await tab.waitForURL('**/staff/password');
});
