// Several tabs of one browser, two people at one desk, and pages that poll without a stream.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { importCsv, submitReport, submitReports, useApp } from './app.mjs';
import { openBeside, waitForText } from './browser.mjs';
import { button, openAs, rows, signInByPage } from './people.mjs';
import { fakeAudio, tones } from './sound.mjs';

const app = useApp({}, (app) => importCsv(app, 'red-rules', 'name,direction,region_prefix,active\n示例：从上海返程,return,31,yes\n'));

const isStream = (url) => url.pathname === '/staff/stream';
const isPoll = (answer) => new URL(answer.url()).pathname === '/staff' && answer.request().resourceType() === 'fetch';
const refuse = (route) => route.fulfill({ status: 503, body: '' });
// Gives every page of this profile the stand-in for audio, from its next load on.
const listenIn = (tab) => tab.context().addInitScript(fakeAudio);
const beside = (tab, address) => openBeside(tab, `${app.origin}${address}`);

test('two centre tabs show every figure, and one rings', async () => {
  const tab = await openAs(app, { login: 'duty', width: 1280 });
  await listenIn(tab);
  await tab.goto(`${app.origin}/centre`);
  await tab.check('[data-pref=red-sound]');
  const other = await beside(tab, '/centre');
  const figures = (centre) => centre.evaluate(() => ['#red', '#reports', 'b[data-stage=waiting]', 'b[data-direction=return]']
    .map((name) => Number(document.querySelector(name).textContent)));
  const [figuresBefore, rung] = [await figures(other), [await tones(tab), await tones(other)]];
  await submitReport(app, { name: '赵示例' });
  for (const centre of [tab, other]) {
    await waitForText(centre, '#red', figuresBefore[0] + 1);
    assert.deepEqual(await figures(centre), figuresBefore.map((n) => n + 1));
  }
  assert.deepEqual([await tones(tab), await tones(other)], [rung[0] + 1, rung[1]]);
});

test('the centre adds a queue and hours without a reload', async () => {
  const tab = await openAs(app, { login: 'duty', address: '/centre', width: 1280 });
  await tab.waitForFunction(() => document.querySelectorAll('#hours li').length > 0);
  const queue = await tab.evaluate(() => {
    globalThis.same = true;
    const row = document.querySelector('#queues tr');
    for (const item of [...document.querySelectorAll('#hours li')].slice(1)) item.remove();
    row.remove();
    return { name: row.querySelector('th').textContent, id: row.dataset.queue };
  });
  await submitReport(app, { name: '钱示例' });
  await tab.waitForSelector(`#queues tr:first-child[data-queue="${queue.id}"]`);
  assert.equal(await tab.locator('#queues tr').first().locator('th').textContent(), queue.name);
  const hours = await tab.locator('#hours li span').allTextContents();
  assert.deepEqual(hours, hours.map((_, hour) => String(hour)));
  assert.equal(await tab.evaluate(() => globalThis.same), true, 'the same page');
});

test('without a stream a red report rings once', async () => {
  const tab = await openAs(app, { login: 'duty' });
  await listenIn(tab);
  await tab.route(isStream, refuse);
  await tab.reload();
  await tab.click('#help summary');
  await tab.check('[data-pref=sound]');
  const rung = await tones(tab);
  await tab.waitForSelector('#lost:not([hidden])');
  await submitReport(app, { name: '孙示例' });
  await tab.waitForFunction((n) => globalThis.tones > n, rung);
  await tab.unrouteAll();
  await tab.waitForSelector('#lost', { state: 'hidden' });
  await submitReport(app, { name: '李示例' });
  await tab.waitForFunction((n) => globalThis.tones === n, rung + 2);
});

test('polls of long lists put new reports behind the pill', async () => {
  await submitReports(app, 110, { code: app.otherCode, from: 3_000 });
  const tab = await openAs(app, { login: 'duty' });
  await tab.route(isStream, refuse);
  const polled = tab.waitForResponse(isPoll);
  await tab.reload();
  await polled;
  // No red rule matches this report: it stands last, behind the hundred rows that a poll lists.
  await submitReport(app, { name: '周示例', direction: 'leave' });
  await tab.waitForResponse(isPoll);
  await tab.unrouteAll();
  await waitForText(tab, '#fresh', 1);
});

test('a preference of one tab holds in the others', async () => {
  const tab = await openAs(app);
  const other = await beside(tab, '/staff');
  await other.click('#help summary');
  await other.check('[data-pref=sound]');
  await tab.waitForFunction(() => document.querySelector('[data-pref=sound]').checked);
  await other.uncheck('[data-pref=sound]');
  await tab.waitForFunction(() => !document.querySelector('[data-pref=sound]').checked);
});

test('a page makes no step for the next signed-in person', async () => {
  const tab = await openAs(app);
  const [id, count] = [await rows(tab).first().getAttribute('data-id'), await rows(tab).count()];
  const other = await beside(tab, '/staff');
  await other.locator('header button').click();
  await signInByPage(app, other, 'duty');
  await tab.waitForSelector('#signed-out:not([hidden])');
  await button(tab.locator(`[data-id="${id}"]`), '签收').click();
  await tab.waitForFunction(() => document.querySelector('#said').textContent.includes('未成功'));
  assert.equal(await rows(tab).count(), count);
  await other.goto(`${app.origin}/staff/reports/${id}`);
  assert.equal(await button(other, '签收').count(), 1, 'the report still waits');
});

test('two tabs keep their own languages', async () => {
  await submitReport(app, { name: '吴示例' });
  const tab = await openAs(app, { address: '/staff?lang=zh' });
  const other = await beside(tab, '/staff?lang=en');
  const id = await tab.locator('#rows li[data-status=waiting]').first().getAttribute('data-id');
  await button(tab.locator(`[data-id="${id}"]`), '签收').click();
  const status = (page) => page.locator(`[data-id="${id}"][data-status=accepted] .status`);
  assert.equal(await status(tab).textContent(), '处置中');
  await tab.waitForFunction(() => document.querySelector('#said').textContent.includes('已签收'));
  assert.equal(await status(other).textContent(), 'In hand');
});

test('no row moves when another leaves or returns', async () => {
  await submitReports(app, 4, { from: 5_000 });
  const tab = await openAs(app, { touch: true, address: '/staff?view=open&sort=newest' });
  const boss = await openAs(app, { login: 'duty', address: '/staff?view=open&sort=newest' });
  const tops = () => tab.evaluate(() => [...document.querySelectorAll('#rows li')].map((item) => Math.round(item.getBoundingClientRect().top)));
  const [first, second] = [await rows(tab).nth(0).getAttribute('data-id'), await rows(tab).nth(1).getAttribute('data-id')];
  const step = (id, name, answers) => boss.evaluate(async ([id, name, answers]) => {
    const { row } = await (await fetch(`/staff/reports/${id}`, { headers: { accept: 'application/json' } })).json();
    const answer = await fetch(`/staff/reports/${id}/${name}`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ version: row.version, ...answers }),
    });
    return answer.status;
  }, [id, name, answers]);
  assert.equal(await step(second, 'accept', {}), 200);
  await tab.reload();
  const places = await tops();
  const to = Number(await boss.locator('#queue option').last().getAttribute('value'));
  assert.equal(await step(first, 'transfer', { to, reason: '住在那边' }), 200);
  await tab.waitForSelector(`[data-id="${first}"][data-status=moved]`);
  assert.deepEqual(await tops(), places, 'after one has left');
  assert.equal(await step(second, 'undo', {}), 200);
  await tab.waitForSelector(`[data-id="${second}"][data-status=waiting]`);
  assert.deepEqual(await tops(), places, 'after one has come back');
});
