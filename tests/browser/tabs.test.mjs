// Several tabs of one browser, two people at one desk, and pages that hear of things by asking.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { arrive, arriveByApi, atWork, importText, open, signIn } from './app.mjs';

let house;
let codes;

before(async () => {
  house = await open({ undo_seconds: 10 });
  // Of two communities.
  codes = [house.placards[0].code, house.placards.at(-1).code];
  await importText(house, 'red-rules', 'name,direction,region_prefix,active\n示例：从上海返程,return,31,yes\n');
});
after(async () => { await house?.close(); });

const rows = (tab) => tab.locator('#rows li');
const button = (tab, name) => tab.getByRole('button', { name, exact: true });
const waiting = (tab, n) => tab.waitForFunction((n) => document.querySelector('#fresh').textContent === n, String(n));
const beside = async (tab, address) => {
  const other = await tab.context().newPage();
  await listenIn(other);
  await other.goto(`${house.origin}${address}`);
  return other;
};

// Counts the tones, on every page from now on.
const listenIn = (tab) => tab.addInitScript(() => {
  globalThis.rung = 0;
  globalThis.AudioContext = class {
    currentTime = 0;
    state = 'running';
    destination = null;
    addEventListener() {}
    createOscillator() { globalThis.rung += 1; return { frequency: {}, connect: (to) => to, start() {}, stop() {} }; }
    createGain() { return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (to) => to }; }
  };
});
const rung = (tab) => tab.evaluate(() => globalThis.rung);

test('two walls in one browser show every figure, and one of them rings', async () => {
  const tab = await atWork(house, { login: 'duty', address: '/staff', width: 1280 });
  await listenIn(tab);
  await tab.goto(`${house.origin}/centre`);
  await tab.check('[data-pref=red-sound]');
  const other = await beside(tab, '/centre');
  const figures = (wall) => wall.evaluate(() => ['#red', '#reports', 'b[data-stage=waiting]', 'b[data-direction=return]'].map((name) => Number(document.querySelector(name).textContent)));
  const [before, tones] = [await figures(other), [await rung(tab), await rung(other)]];
  await arrive(house, codes[0], { name: '赵示例' });
  for (const wall of [tab, other]) {
    await wall.waitForFunction((n) => document.querySelector('#red').textContent === n, String(before[0] + 1));
    assert.deepEqual(await figures(wall), before.map((n) => n + 1));
  }
  assert.deepEqual([await rung(tab), await rung(other)], [tones[0] + 1, tones[1]]);
  await tab.context().close();
});

test('a wall takes in a queue and an hour that it has not had, and goes on without being read again', async () => {
  const tab = await atWork(house, { login: 'duty', address: '/centre', width: 1280 });
  await tab.waitForFunction(() => document.querySelectorAll('#hours li').length > 0);
  const queue = await tab.evaluate(() => {
    globalThis.same = true;
    const row = document.querySelector('#queues tr');
    for (const item of [...document.querySelectorAll('#hours li')].slice(1)) item.remove();
    row.remove();
    return { name: row.querySelector('th').textContent, id: row.dataset.queue };
  });
  await arrive(house, codes[0], { name: '钱示例' });
  await tab.waitForSelector(`#queues tr:first-child[data-queue="${queue.id}"]`);
  assert.equal(await tab.locator('#queues tr').first().locator('th').textContent(), queue.name);
  const hours = await tab.locator('#hours li span').allTextContents();
  assert.deepEqual(hours, hours.map((_, hour) => String(hour)));
  assert.equal(await tab.evaluate(() => globalThis.same), true, 'the same page');
  await tab.context().close();
});

test('what is red is heard also where no stream gets through, and once', async () => {
  const tab = await atWork(house, { login: 'duty' });
  await listenIn(tab);
  await tab.route((url) => url.pathname === '/staff/stream', (route) => route.fulfill({ status: 503, body: '' }));
  await tab.reload();
  await tab.click('#help summary');
  await tab.check('[data-pref=sound]');
  const tones = await rung(tab);
  await tab.waitForSelector('#lost:not([hidden])');
  await arrive(house, codes[0], { name: '孙示例' });
  await tab.waitForFunction((n) => globalThis.rung > n, tones, { timeout: 30_000 });
  await tab.unrouteAll();
  await tab.waitForSelector('#lost', { state: 'hidden', timeout: 30_000 });
  await arrive(house, codes[0], { name: '李示例' });
  await tab.waitForFunction((n) => globalThis.rung === n, tones + 2);
  await tab.context().close();
});

test('what came while a long list was only asked for is behind the pill once the line is back', async () => {
  await arriveByApi(house, codes[1], 110, { from: 3_000 });
  const tab = await atWork(house, { login: 'duty' });
  await tab.route((url) => url.pathname === '/staff/stream', (route) => route.fulfill({ status: 503, body: '' }));
  const asked = tab.waitForResponse((answer) => new URL(answer.url()).pathname === '/staff' && answer.request().resourceType() === 'fetch');
  await tab.reload();
  await asked;
  // Of no red rule: it stands last, behind the hundred that are asked for.
  await arrive(house, codes[0], { name: '周示例', direction: 'leave' });
  await tab.waitForResponse((answer) => new URL(answer.url()).pathname === '/staff' && answer.request().resourceType() === 'fetch', { timeout: 30_000 });
  await tab.unrouteAll();
  await waiting(tab, 1);
  await tab.context().close();
});

test('what is wished in one tab holds in the others', async () => {
  const tab = await atWork(house);
  const other = await beside(tab, '/staff');
  await other.click('#help summary');
  await other.check('[data-pref=sound]');
  await tab.waitForFunction(() => document.querySelector('[data-pref=sound]').checked);
  await other.uncheck('[data-pref=sound]');
  await tab.waitForFunction(() => !document.querySelector('[data-pref=sound]').checked);
  await tab.context().close();
});

test('a page does nothing and shows nothing in the name of who has signed in since', async () => {
  const tab = await atWork(house);
  const [id, before] = [await rows(tab).first().getAttribute('data-id'), await rows(tab).count()];
  const other = await tab.context().newPage();
  await other.goto(`${house.origin}/staff`);
  await other.locator('header button').click();
  await signIn(house, other, 'duty');
  await tab.waitForSelector('#signed-out:not([hidden])', { timeout: 20_000 });
  await tab.locator(`[data-id="${id}"]`).getByRole('button', { name: '签收', exact: true }).click();
  await tab.waitForFunction(() => document.querySelector('#said').textContent.includes('没有成功'));
  assert.equal(await rows(tab).count(), before);
  await other.goto(`${house.origin}/staff/reports/${id}`);
  assert.equal(await button(other, '签收').count(), 1, 'nobody has taken it');
  await tab.context().close();
});

test('two tabs in two languages each go on in their own', async () => {
  await arrive(house, codes[0], { name: '吴示例' });
  const tab = await atWork(house, { address: '/staff?lang=zh' });
  const other = await beside(tab, '/staff?lang=en');
  const id = await tab.locator('#rows li[data-status=waiting]').first().getAttribute('data-id');
  await tab.locator(`[data-id="${id}"]`).getByRole('button', { name: '签收', exact: true }).click();
  const status = (page) => page.locator(`[data-id="${id}"][data-status=accepted] .status`);
  assert.equal(await status(tab).textContent(), '处置中');
  assert.match(await tab.textContent('#said'), /已签收/);
  assert.equal(await status(other).textContent(), 'In hand');
  await tab.context().close();
});

test('no row moves when another one leaves or comes back', async () => {
  await arriveByApi(house, codes[0], 4, { from: 5_000 });
  const tab = await atWork(house, { touch: true, address: '/staff?view=open&sort=newest' });
  const boss = await atWork(house, { login: 'duty', address: '/staff?view=open&sort=newest' });
  const tops = () => tab.evaluate(() => [...document.querySelectorAll('#rows li')].map((item) => Math.round(item.getBoundingClientRect().top)));
  const [first, second] = [await rows(tab).nth(0).getAttribute('data-id'), await rows(tab).nth(1).getAttribute('data-id')];
  const step = (id, name, words) => boss.evaluate(async ([id, name, words]) => {
    const { row } = await (await fetch(`/staff/reports/${id}`, { headers: { accept: 'application/json' } })).json();
    const answer = await fetch(`/staff/reports/${id}/${name}`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ version: row.version, ...words }),
    });
    return answer.status;
  }, [id, name, words]);
  assert.equal(await step(second, 'accept', {}), 200);
  await tab.reload();
  const before = await tops();
  const to = Number(await boss.locator('#queue option').last().getAttribute('value'));
  assert.equal(await step(first, 'transfer', { to, reason: '住在那边' }), 200);
  await tab.waitForSelector(`[data-id="${first}"][data-status=moved]`);
  assert.deepEqual(await tops(), before, 'after one has left');
  assert.equal(await step(second, 'undo', {}), 200);
  await tab.waitForSelector(`[data-id="${second}"][data-status=waiting]`);
  assert.deepEqual(await tops(), before, 'after one has come back');
  for (const page of [tab, boss]) await page.context().close();
});
