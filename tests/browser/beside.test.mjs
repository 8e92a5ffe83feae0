// On a wide screen a case opens beside its list, which is never left.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReports, useApp } from './app.mjs';
import { inspect } from './browser.mjs';
import { proxy } from './network.mjs';
import { button, openAs, rows, waiting } from './people.mjs';

const app = useApp({}, (started) => submitReports(started, 24));

const open = (options) => openAs(app, { width: 1280, beside: true, address: '/staff?view=open', ...options });
const shown = (tab, id) => tab.waitForSelector(`#pane [data-case="${id}"]`);
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
