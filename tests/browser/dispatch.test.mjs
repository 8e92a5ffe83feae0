// The bin of reports that no community has: one touch sends each of them on.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReport, useApp } from './app.mjs';
import { inspect } from './browser.mjs';
import { button, openAs, rows } from './people.mjs';

const app = useApp();
const row = (tab, number) => rows(tab).filter({ hasText: number });

// A member of staff opens the report and presses the button of a step, with this reason.
async function step(login, number, name, { reason, to } = {}) {
  const tab = await openAs(app, { login, width: 1280, address: '/staff?view=open' });
  await row(tab, number).locator('a').click();
  await tab.waitForURL('**/staff/reports/*');
  if (!(await tab.locator('details').evaluate((fold) => fold.open))) await tab.locator('details summary').click();
  if (reason) await tab.fill('#reason', reason);
  if (to) await tab.selectOption('#to', { label: to });
  await button(tab, name).click();
  await tab.waitForSelector('#done button');
}

test('the right community is one touch away', async () => {
  const number = await submitReport(app, { name: '钱示例', phone: '13600000001' });
  const duty = await openAs(app, { login: 'duty', address: '/staff?view=open' });
  const home = await row(duty, number).locator('.queue').textContent();
  await row(duty, number).locator('a').click();
  const other = await duty.locator('#to option').nth(1).textContent();
  await step('duty', number, '转派', { to: other });
  await step('lead02', number, '退回', { reason: '住在桥那边' });
  for (const width of [360, 1280]) {
    const tab = await openAs(app, { login: 'duty', width, address: '/staff?view=unrouted' });
    const dispatch = row(tab, number).locator('.dispatch');
    assert.match(await dispatch.locator('p').textContent(), new RegExp(`${other} 退回\\s*住在桥那边`));
    assert.equal(await dispatch.locator('option').last().textContent(), other, 'the refuser stands last');
    await inspect(tab, `bin-zh-${width}`);
  }
  const tab = await openAs(app, { login: 'duty', address: '/staff?view=unrouted' });
  await button(row(tab, number), `分拨到 ${home}`).click();
  await tab.waitForSelector('#rows li.done');
  assert.match(await tab.textContent('#said'), /已转派/);
  const lead = await openAs(app, { login: 'lead01', address: '/staff?view=open' });
  await row(lead, number).waitFor();
});

for (const js of [true, false]) test(`after a refusal the refuser is not suggested, scripts ${js ? 'on' : 'off'}`, async () => {
  const number = await submitReport(app, { name: '孙示例', phone: `1360000000${js ? 2 : 3}` });
  await step('lead01', number, '退回', { reason: '不住这里' });
  const tab = await openAs(app, { login: 'duty', js, address: '/staff?view=unrouted' });
  const dispatch = row(tab, number).locator('.dispatch');
  assert.equal(await button(dispatch, '转派').count(), 1);
  assert.equal(await dispatch.locator('button').count(), 1, 'no community is suggested');
  const names = await dispatch.locator('option').allTextContents();
  assert.match(await dispatch.textContent(), new RegExp(`${names.at(-1)} 退回`));
  assert.equal(await dispatch.locator('option').first().textContent(), '请选择社区', 'nothing is chosen for the person');
  if (js) {
    await button(dispatch, '转派').click();
    assert.match(await tab.textContent('#said'), /请先选择或填写：.*社区/);
  }
  await dispatch.locator('select').selectOption({ index: 1 });
  await button(dispatch, '转派').click();
  if (js) await tab.waitForSelector('#rows li.done');
  else assert.equal(await row(tab, number).count(), 0);
  const history = await openAs(app, { login: 'duty', address: '/staff?view=open' });
  await row(history, number).locator('a').click();
  assert.match(await history.textContent('.history'), /退回指挥中心，待分拨/);
});

test('a report new in the bin can be sent on', async () => {
  const number = await submitReport(app, { name: '周示例', phone: '13600000009' });
  const tab = await openAs(app, { login: 'duty', width: 1280, address: '/staff?view=unrouted' });
  await step('lead01', number, '退回', { reason: '不住这里' });
  await tab.waitForSelector('#pill:not([hidden])');
  await tab.click('#pill');
  const dispatch = row(tab, number).locator('.dispatch');
  await dispatch.locator('select').selectOption({ index: 1 });
  await button(dispatch, '转派').click();
  await tab.waitForSelector('#rows li.done');
  assert.match(await tab.textContent('#said'), /已转派/);
});
