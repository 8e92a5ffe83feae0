// On a wide screen a case opens beside its list, which is never left.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReport, submitReports, useApp } from './app.mjs';
import { inspect } from './browser.mjs';
import { proxy } from './network.mjs';
import { button, openAs, rows, waiting } from './people.mjs';

const app = useApp({}, (started) => submitReports(started, 24));

const open = (options) => openAs(app, { width: 1280, beside: true, address: '/staff?view=open', ...options });
const shown = (tab, id) => tab.waitForSelector(`#pane [data-case="${id}"]`);
const isMarked = (tab, id) => tab.waitForFunction((id) => [...document.querySelectorAll('#rows [aria-current]')].map((link) => link.closest('li').dataset.id).join() === id, id);
const named = (tab) => new URL(tab.url()).searchParams.get('case');
const top = (item) => item.evaluate((one) => Math.round(one.getBoundingClientRect().top));

for (const lang of ['zh', 'en']) test(`a case opens beside the list and keeps its place, ${lang}`, async () => {
  const tab = await open({ lang, address: `/staff?view=open&lang=${lang}` });
  const row = rows(tab).nth(12);
  await row.evaluate((item) => item.scrollIntoView({ block: 'center' }));
  const [id, was] = [await row.getAttribute('data-id'), await top(row)];
  await row.locator('a').click();
  await shown(tab, id);
  assert.equal(new URL(tab.url()).pathname, '/staff');
  assert.ok(Math.abs(await top(row) - was) <= 1, 'the row stays where it is');
  await inspect(tab, `beside-${lang}-1280`);
  // The address leads to the same again.
  await tab.reload();
  await shown(tab, id);
  await tab.locator(`[data-id="${id}"] a`).focus();
  const before = await top(row);
  await tab.keyboard.press('Escape');
  await tab.waitForSelector('#pane', { state: 'hidden' });
  assert.ok(Math.abs(await top(row) - before) <= 1);
  assert.equal(await row.evaluate((item) => item.contains(document.activeElement)), true);
  assert.equal(new URL(tab.url()).searchParams.get('case'), null);
});

test('a whole case beside the list by keyboard', async () => {
  const tab = await open({ address: '/staff?view=waiting' });
  const [first, second] = [await waiting(tab).nth(0).getAttribute('data-id'), await waiting(tab).nth(1).getAttribute('data-id')];
  await tab.keyboard.press('j');
  await tab.keyboard.press('Enter');
  await shown(tab, first);
  await tab.keyboard.press('j');
  await shown(tab, second);
  await tab.keyboard.press('k');
  await shown(tab, first);
  await tab.fill('#reason', '没有人接');
  await tab.locator('#pane').getByRole('button', { name: '签收并拨打' }).click();
  await tab.waitForSelector('#pane a.call');
  await tab.waitForSelector(`#rows [data-id="${first}"][data-status=accepted]`);
  await tab.locator('#pane .history li', { hasText: '没有人接' }).waitFor();
  assert.equal(await tab.locator('.toast:visible').count(), 1, 'one message at a time');
  const [toast, pane] = [await tab.locator('.toast:visible').boundingBox(), await tab.locator('#pane').boundingBox()];
  assert.ok(toast.x + toast.width <= pane.x, 'the message covers no step of the case');
  await inspect(tab, 'beside-called-zh-1280');
  await button(tab.locator('#pane'), '已告知').click();
  await tab.waitForSelector(`#rows [data-id="${first}"][data-status=closed]`);
  await tab.waitForSelector('#pane .status[data-status=closed]');
  assert.match(await tab.textContent('#done'), /已办结/);
  await tab.click('#done button');
  await tab.waitForSelector('#pane .status[data-status=accepted]');
  assert.equal(new URL(tab.url()).pathname, '/staff');
});

// Two reports of one telephone, as ids of their rows.
async function pair(tab, phone) {
  const numbers = [await submitReport(app, { phone }), await submitReport(app, { phone, room: '1301' })];
  await tab.reload();
  return Promise.all(numbers.map((number) => rows(tab).filter({ hasText: number }).getAttribute('data-id')));
}

test('mark, address and keys follow the case that is shown', async () => {
  const tab = await open();
  const [first, second] = await pair(tab, '13700000001');
  await tab.locator(`[data-id="${first}"] a`).click();
  await shown(tab, first);
  await isMarked(tab, first);
  await tab.click(`#pane .duplicates a[href*="${second}"]`);
  await shown(tab, second);
  await isMarked(tab, second);
  assert.equal(named(tab), second);
  await tab.keyboard.press('a');
  await tab.waitForSelector(`#rows [data-id="${second}"][data-status=accepted]`);
  await tab.waitForSelector(`#pane [data-case="${second}"] .status[data-status=accepted]`);
  assert.equal(await tab.getAttribute(`#rows [data-id="${first}"]`, 'data-status'), 'waiting');
  await button(tab.locator('#pane'), '已告知').click();
  await tab.waitForSelector('#done button');
  await tab.waitForSelector(`#pane [data-case="${second}"] .status[data-status=closed]`);
  await isMarked(tab, second);
  assert.equal(named(tab), second);
});

test('a case without a row takes the keys itself', async () => {
  const tab = await open({ address: '/staff?view=waiting' });
  const [first, second] = await pair(tab, '13700000002');
  const colleague = await openAs(app, { login: 'duty', address: `/staff/reports/${second}` });
  await button(colleague, '签收').click();
  await colleague.waitForSelector('#done button');
  await tab.reload();
  assert.equal(await rows(tab).filter({ has: tab.locator(`#no-${second}`) }).count(), 0);
  await tab.locator(`[data-id="${first}"] a`).click();
  await shown(tab, first);
  await tab.click(`#pane .duplicates a[href*="${second}"]`);
  await shown(tab, second);
  await isMarked(tab, '');
  await tab.keyboard.press('e');
  assert.match(await tab.evaluate(() => document.activeElement.name), /outcome/);
  await tab.reload();
  await shown(tab, second);
});

test('back closes the case and forward opens it', async () => {
  const tab = await open();
  const ids = await Promise.all([10, 11].map((nth) => rows(tab).nth(nth).getAttribute('data-id')));
  const steps = () => tab.evaluate(() => history.length);
  const before = await steps();
  for (const id of ids) {
    await tab.locator(`[data-id="${id}"] a`).click();
    await shown(tab, id);
  }
  assert.equal(await steps(), before + 1, 'from case to case is no step of the history');
  const row = tab.locator(`#rows [data-id="${ids[1]}"]`);
  const was = await top(row);
  await tab.evaluate(() => history.back());
  await tab.waitForSelector('#pane', { state: 'hidden' });
  await tab.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
  assert.equal(named(tab), null);
  assert.ok(Math.abs(await top(row) - was) <= 1, 'the row stays where it is');
  await tab.evaluate(() => history.forward());
  await shown(tab, ids[1]);
});

for (const [lang, name] of [['zh', '关闭详情'], ['en', 'Close the report pane']]) test(`a button closes the case, ${lang}`, async () => {
  const tab = await open({ lang, address: `/staff?view=open&lang=${lang}` });
  await rows(tab).first().locator('a').click();
  await tab.waitForSelector('#pane [data-case]');
  await button(tab, name).click();
  await tab.waitForSelector('#pane', { state: 'hidden' });
  await tab.waitForURL((url) => !url.searchParams.has('case'));
});

test('the case beside the list is live', async () => {
  const tab = await open({ address: '/staff?view=waiting' });
  const id = await waiting(tab).nth(2).getAttribute('data-id');
  await waiting(tab).nth(2).locator('a').click();
  await shown(tab, id);
  const colleague = await openAs(app, { login: 'duty', address: `/staff/reports/${id}` });
  await button(colleague, '签收').click();
  await tab.waitForSelector('#news:not([hidden])');
  assert.match(await tab.textContent('#news'), /刚有变化：处置中/);
  await tab.click('#news a');
  await tab.waitForSelector('#pane .status[data-status=accepted]');
  assert.equal(await tab.isHidden('#news'), true);
});

test('a dead line keeps the list and says so', async () => {
  const network = await proxy(app);
  const tab = await openAs(network.app, { width: 1280, beside: true, address: '/staff?view=waiting' });
  network.cut();
  await waiting(tab).first().locator('a').click();
  await tab.waitForFunction(() => /未成功，请再试一次/.test(document.querySelector('#said').textContent));
  assert.equal(await tab.isHidden('#pane'), true);
  network.restore();
});

test('where it is unwanted a case has its own page', async () => {
  const tab = await open();
  await tab.click('#help summary');
  await tab.uncheck('#beside');
  await rows(tab).first().locator('a').click();
  await tab.waitForURL('**/staff/reports/*');
  for (const other of [{ width: 1279, beside: true }, { width: 1280, js: false }]) {
    const plain = await open(other);
    await rows(plain).first().locator('a').click();
    await plain.waitForURL('**/staff/reports/*');
  }
});
