// Escalation while pages are open: nothing is reloaded, and nothing moves.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReport, useApp } from './app.mjs';
import { inspect, openBeside, waitForText } from './browser.mjs';
import { button, openAs } from './people.mjs';

// The shortest deadline that there is: the test waits for it.
const app = useApp({ first_contact_minutes: 1, escalate_grace_minutes: 0 });

const count = (tab, view) => tab.textContent(`[data-chip="${view}"] b`);
const waitForCount = (tab, view, n) => waitForText(tab, `[data-chip="${view}"] b`, n);

test('an overdue report goes one level up on every page', async () => {
  const lead = await openAs(app);
  const duty = await openAs(app, { login: 'duty', width: 1280 });
  const escalated = await openBeside(duty, `${app.origin}/staff?view=escalated`);
  const centre = await openBeside(duty, `${app.origin}/centre`);
  for (const phone of ['13700000001', '13700000002']) await submitReport(app, { name: '吴示例', phone });
  for (const tab of [lead, duty]) {
    await waitForText(tab, '#fresh', 2);
    await tab.click('#pill');
    assert.equal(await count(tab, 'overdue'), '0');
    assert.equal(await tab.isVisible('[data-chip="escalated"]'), false, 'the view is hidden while it is empty');
  }
  const row = lead.locator('#rows li').first();
  const id = await row.getAttribute('data-id');
  await row.locator('.mark').check();
  const places = () => lead.evaluate(() => [...document.querySelectorAll('#rows li')].map((item) => [item.offsetTop, item.offsetHeight]));
  const [version, before] = [await row.getAttribute('data-version'), await places()];
  assert.equal((await row.locator('[data-f=escalated]').textContent()).trim(), '');

  const up = `[data-id="${id}"][data-escalated=subdistrict]`;
  for (const tab of [lead, duty]) {
    await tab.waitForSelector(up);
    assert.match(await tab.locator(`${up} [data-f=escalated]`).textContent(), /街道/);
    await waitForCount(tab, 'overdue', 2);
    await waitForCount(tab, 'escalated', 2);
    assert.equal(await tab.isVisible('[data-chip="escalated"]'), true);
    await tab.waitForSelector(`${up}.late`);
    assert.match(await tab.locator(`${up} .left`).textContent(), /超时/);
    assert.equal(await tab.isVisible('#pill'), false, 'it is no new report');
  }
  assert.equal(await row.getAttribute('data-version'), version, 'an escalation makes no step stale');
  assert.equal(await row.locator('.mark').isChecked(), true);
  assert.deepEqual(await places(), before, 'no row has moved');
  await waitForText(escalated, '#fresh', 2);
  await escalated.click('#pill');
  assert.equal(await escalated.locator('#rows li.late').count(), 2, 'both have come into the view');
  await waitForText(centre, '[data-escalated=subdistrict]', 2);
  for (const [tab, name] of [[lead, 'queue-escalated-zh-360'], [duty, 'queue-escalated-zh-1280'], [centre, 'centre-escalated-zh-1280']]) {
    await inspect(tab, name);
  }

  await button(row, '签收').click();
  for (const tab of [lead, duty, escalated]) await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
  for (const tab of [lead, duty]) await waitForCount(tab, 'overdue', 1);
});
