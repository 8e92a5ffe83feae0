// What is overdue goes one level up while its pages are open: nothing is reloaded, nothing moves.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { arrive, atNoon, atWork, open, overflows, shot, violations } from './app.mjs';

const toldMs = 100_000;

let house;
let code;

before(async () => {
  house = await open({ first_contact_minutes: 1, time_zone: atNoon() });
  ({ code } = house.placards[0]);
});
after(async () => { await house?.close(); });

const staff = (login, address, options) => atWork(house, { login, address, ...options });

const count = (tab, name) => tab.textContent(`[data-chip="${name}"] b`);
const waitCount = (tab, name, n) => tab.waitForFunction(
  ([name, n]) => document.querySelector(`[data-chip="${name}"] b`).textContent === n, [name, String(n)]);

test('a report that nobody took is told one level up on every open page', { timeout: 240_000 }, async () => {
  const lead = await staff('lead01', '/staff');
  const duty = await staff('duty', '/staff', { width: 1280 });
  const told = await duty.context().newPage();
  await told.goto(`${house.origin}/staff?view=escalated`);
  const centre = await duty.context().newPage();
  await centre.goto(`${house.origin}/centre`);
  for (const name of ['吴示例', '郑示例']) {
    await arrive(house, code, { name, phone: name === '吴示例' ? '13700000001' : '13700000002' });
  }
  for (const tab of [lead, duty]) {
    await tab.waitForFunction(() => document.querySelector('#fresh').textContent === '2');
    await tab.click('#pill');
    assert.equal(await count(tab, 'overdue'), '0');
    assert.equal(await tab.isVisible('[data-chip="escalated"]'), false, 'offered only where there is one');
  }
  const row = lead.locator('#rows li').first();
  const id = await row.getAttribute('data-id');
  await row.locator('.mark').check();
  const places = () => lead.evaluate(() => [...document.querySelectorAll('#rows li')].map((item) => [item.offsetTop, item.offsetHeight]));
  const [version, before] = [await row.getAttribute('data-version'), await places()];
  assert.equal((await row.locator('[data-f=escalated]').textContent()).trim(), '');

  const up = `[data-id="${id}"][data-escalated=subdistrict]`;
  for (const tab of [lead, duty]) {
    await tab.waitForSelector(up, { timeout: toldMs });
    assert.match(await tab.locator(`${up} [data-f=escalated]`).textContent(), /街道/);
    await waitCount(tab, 'overdue', 2);
    await waitCount(tab, 'escalated', 2);
    assert.equal(await tab.isVisible('[data-chip="escalated"]'), true);
    await tab.waitForSelector(`${up}.late`);
    assert.match(await tab.locator(`${up} .left`).textContent(), /超时/);
    assert.equal(await tab.isVisible('#pill'), false, 'it is no new report');
  }
  assert.equal(await row.getAttribute('data-version'), version, 'nobody has to begin anew because it is late');
  assert.equal(await row.locator('.mark').isChecked(), true);
  assert.deepEqual(await places(), before, 'no row has moved');
  await told.waitForFunction(() => document.querySelector('#fresh').textContent === '2');
  await told.click('#pill');
  assert.equal(await told.locator('#rows li.late').count(), 2, 'it has come into the view of what was told');
  await centre.waitForFunction(() => document.querySelector('[data-escalated=subdistrict]').textContent === '2');
  for (const [tab, name] of [[lead, 'queue-escalated-zh-360'], [duty, 'queue-escalated-zh-1280'], [centre, 'centre-escalated-zh-1280']]) {
    assert.deepEqual(await violations(tab), [], name);
    assert.equal(await overflows(tab), false, `${name} scrolls sideways`);
    await shot(tab, name);
  }

  await row.getByRole('button', { name: '签收', exact: true }).click();
  for (const tab of [lead, duty, told]) await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
  for (const tab of [lead, duty]) await waitCount(tab, 'overdue', 1);
});
