// A sign-in that ends in the middle of work: nothing that somebody has begun is lost by a new one.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { arrive, atWork, open, shot, signIn } from './app.mjs';

let house;

before(async () => {
  house = await open();
  for (const name of ['钱示例', '孙示例', '许示例', '周示例', '吴示例', '郑示例', '王小例', '冯示例']) {
    await arrive(house, house.placards[0].code, { name });
  }
});
after(async () => { await house?.close(); });

// In another tab of the same browser.
async function signOut(tab) {
  const other = await tab.context().newPage();
  await other.goto(`${house.origin}/staff`);
  await other.evaluate(() => fetch('/staff/sign-out', { method: 'POST', headers: { accept: 'application/json' } }));
  await other.close();
}

async function signInHere(tab) {
  const { login, chosen } = house.staff.find((person) => person.login === 'lead01');
  await tab.fill('#login', login);
  await tab.fill('#password', chosen);
  await tab.click('main button');
}

test('marks, place and what is new are kept while somebody signs in anew', async () => {
  const tab = await atWork(house);
  const marks = tab.locator('#rows .mark');
  await marks.nth(5).check();
  await marks.nth(6).check();
  const place = await tab.evaluate(() => scrollY);
  assert.ok(place > 0, 'far enough down');
  await signOut(tab);
  await tab.waitForSelector('#signed-out:not([hidden])', { timeout: 30_000 });
  await shot(tab, 'queue-signed-out-zh-360');
  await arrive(house, house.placards[0].code, { name: '陈示例', phone: '138 0000 0099' });
  const [door] = await Promise.all([tab.context().waitForEvent('page'), tab.click('#signed-out a')]);
  await signInHere(door);
  await door.waitForURL(`${house.origin}/staff`);
  await door.close();
  await tab.waitForSelector('#signed-out', { state: 'hidden', timeout: 30_000 });
  await tab.waitForFunction(() => document.querySelector('#fresh').textContent === '1', undefined, { timeout: 30_000 });
  assert.equal(await tab.locator('#rows .mark:checked').count(), 2);
  assert.equal(await tab.evaluate(() => scrollY), place);
  await tab.context().close();
});

test('a reason that was sent without a sign-in is there after it, on the case that it was for', async () => {
  const tab = await atWork(house);
  await tab.locator('#rows li a').first().click();
  await tab.waitForURL('**/staff/reports/*');
  const address = tab.url();
  await tab.locator('details summary').click();
  await tab.fill('#reason', '电话里说晚上才到');
  await signOut(tab);
  await tab.getByRole('button', { name: '记一笔' }).click();
  await tab.waitForURL('**/staff/sign-in**');
  await signInHere(tab);
  await tab.waitForURL(address);
  assert.equal(await tab.inputValue('#reason'), '电话里说晚上才到');
  await tab.getByRole('button', { name: '记一笔' }).click();
  await tab.waitForURL((url) => !url.pathname.endsWith('/note'));
  await tab.goto(address);
  assert.equal(await tab.inputValue('#reason').catch(() => ''), '', 'what was taken is not offered again');
  assert.match(await tab.textContent('.history'), /电话里说晚上才到/);
  await tab.context().close();
});

test('on a shared telephone nobody finds the words of another', async () => {
  const tab = await atWork(house);
  await tab.locator('#rows li a').first().click();
  await tab.waitForURL('**/staff/reports/*');
  const address = tab.url();
  await tab.locator('details summary').click();
  await tab.fill('#reason', '只给自己看的');
  await tab.reload();
  assert.equal(await tab.inputValue('#reason'), '只给自己看的');
  await signOut(tab);
  await signIn(house, tab, 'grid01');
  await tab.goto(address);
  assert.equal(await tab.inputValue('#reason'), '');
  await tab.context().close();
});

for (const [why, name] of [['the sign-in has ended', 'signed-out'], ['the connection is gone', 'lost']]) {
  test(`what was dictated at the desk stays on the page when ${why}`, async () => {
    const tab = await atWork(house, { address: '/staff/desk' });
    await tab.locator('.spots a').first().click();
    const dictated = { region: '上海浦东', room: '301', name: '卫示例', phone: '13800000077' };
    await tab.click('label:has(input[value=return])');
    for (const [field, words] of Object.entries(dictated)) await tab.fill(`#${field}`, words);
    if (name === 'lost') await tab.context().setOffline(true);
    else await signOut(tab);
    const send = tab.getByRole('button', { name: '提交代录' });
    await send.click();
    await tab.waitForSelector(`#${name}:not([hidden])`);
    await shot(tab, `desk-${name}-zh-360`);
    for (const [field, words] of Object.entries(dictated)) assert.equal(await tab.inputValue(`#${field}`), words);
    const stored = await tab.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    for (const words of Object.values(dictated)) assert.ok(!stored.includes(words), 'nothing of a person is stored');
    if (name === 'lost') {
      await tab.context().setOffline(false);
    } else {
      const [door] = await Promise.all([tab.context().waitForEvent('page'), tab.click('#signed-out a')]);
      await signInHere(door);
      await door.waitForURL(`${house.origin}/staff`);
      await door.close();
    }
    await send.click();
    await tab.waitForSelector('.loud');
    assert.match(await tab.textContent('.loud'), /^QZ-/);
    await tab.context().close();
  });
}
