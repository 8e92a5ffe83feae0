// What the form does for the person in front of it: says what is missing, follows the choice, and
// remembers the last receipt.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { useApp } from './app.mjs';
import { inDark, inspect, newPage, shot, violations } from './browser.mjs';
import { fillForm, openAs, pressSend, report } from './people.mjs';

const app = useApp();

async function openForm(options) {
  const tab = await newPage(options);
  await tab.goto(`${app.origin}/q/${app.code}`);
  return tab;
}

const mistakes = (tab) => tab.locator('#mistakes a').allTextContents();

for (const js of [true, false]) {
  test(`an empty form names what is missing, ${js ? 'with' : 'without'} scripts`, async () => {
    // The browser speaks English, the page Chinese.
    const tab = await newPage({ lang: 'en', js });
    await tab.goto(`${app.origin}/q/${app.code}?lang=zh`);
    await pressSend(tab);
    await tab.waitForSelector('#mistakes');
    assert.equal((await mistakes(tab)).length, 5);
    assert.match(await tab.textContent('#mistakes b'), /请(修改|填写)以下 5/);
    if (js) {
      assert.equal(await tab.evaluate(() => document.activeElement.id), 'mistakes');
      await inspect(tab, 'form-empty-zh-360');
    }
    await fillForm(tab, { name: js ? '补示例' : '续示例' });
    await pressSend(tab);
    await tab.waitForURL('**/s/*');
  });
}

test('an incomplete form is not kept for sending', async () => {
  const tab = await openForm();
  await fillForm(tab, { room: ' ' });
  await tab.context().setOffline(true);
  await pressSend(tab);
  assert.deepEqual(await mistakes(tab), ['房号']);
  assert.equal(await tab.locator('#amber').count(), 0);
  await tab.fill('#room', '1203');
  await pressSend(tab);
  await tab.waitForSelector('#amber');
  assert.equal(await tab.locator('#mistakes').count(), 0);
});

test('labels follow the direction', async () => {
  const tab = await openForm();
  const labels = async () => (await tab.locator('label[for=region], #day').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
  assert.deepEqual(await labels(), ['从哪里来？ / 去哪里？', '返回日期 / 离开日期']);
  await tab.click('label:has(input[value=leave])');
  assert.deepEqual(await labels(), ['去哪里？', '离开日期']);
  await tab.click('label:has(input[value=return])');
  assert.deepEqual(await labels(), ['从哪里来？', '返回日期']);
});

for (const js of [true, false]) {
  test(`a day is chosen from the list, ${js ? 'with' : 'without'} scripts`, async () => {
    const tab = await openForm({ js });
    await fillForm(tab, { name: '日示例' });
    assert.equal(await tab.locator('select.other').isVisible(), false);
    await tab.click('label:has(#other)');
    const day = await tab.locator('select.other option').last().textContent();
    await tab.selectOption('select.other', { label: day });
    await pressSend(tab);
    await tab.waitForURL('**/s/*');
    assert.ok((await tab.textContent('dl')).includes(day));
  });
}

test('the phone offers its last receipt until told to forget', async () => {
  const tab = await newPage();
  await report(app, tab, { name: '记示例' });
  const number = await tab.textContent('.no');
  const receipt = tab.url();
  await tab.goto(`${app.origin}/q/${app.otherCode}`);
  await tab.waitForSelector('.last');
  assert.ok((await tab.textContent('.last')).includes(number));
  await inspect(tab, 'form-last-zh-360');
  await tab.getByRole('link', { name: '再报备一人' }).click();
  await tab.waitForURL('**/another');
  assert.equal(await tab.inputValue('#room'), '1203');
  await tab.goto(`${app.origin}/q/${app.code}`);
  await tab.getByRole('link', { name: '查看回执' }).click();
  await tab.waitForURL(receipt);
  await tab.goto(`${app.origin}/q/${app.code}`);
  await tab.getByRole('button', { name: '隐藏' }).click();
  assert.equal(await tab.locator('.last').count(), 0);
  await tab.reload();
  assert.equal(await tab.evaluate(() => localStorage.getItem('ms-last')), null);
});

test('a rare character is masked whole', async () => {
  const tab = await openForm();
  await fillForm(tab, { name: '𬎆示例' });
  await tab.check('.pref input');
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
  await tab.goto(`${app.origin}/q/${app.code}`);
  assert.equal(await tab.getByRole('button', { name: /^填入/ }).textContent(), '填入 𬎆* 138****0000');
});

test('a household is one report, counted by taps', async () => {
  const tab = await openForm();
  await fillForm(tab, { name: '户示例' });
  await tab.click('.fold summary');
  const more = tab.getByRole('button', { name: '增加一人' });
  for (let n = 0; n < 4; n += 1) await more.click();
  await tab.getByRole('button', { name: '减少一人' }).click();
  const names = tab.getByRole('textbox', { name: '同行人姓名' });
  assert.equal(await names.count(), 3, 'a field for each companion');
  for (const [n, name] of ['赵示例', '钱示例', '孙示例'].entries()) await names.nth(n).fill(name);
  await inspect(tab, 'form-fold-zh-360');
  // A person who is taken away by mistake comes back with the name.
  await tab.getByRole('button', { name: '减少一人' }).click();
  assert.equal(await names.count(), 2);
  await more.click();
  assert.equal(await names.last().inputValue(), '孙示例');
  await tab.reload();
  await names.last().waitFor();
  assert.deepEqual(await Promise.all([0, 1, 2].map((n) => names.nth(n).inputValue())), ['赵示例', '钱示例', '孙示例'], 'the draft has them');
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
  assert.match(await tab.textContent('body'), /共 4 人/);
  assert.match(await tab.textContent('body'), /赵示例、钱示例、孙示例/);
});

test('without scripts one field takes all names of a household', async () => {
  const tab = await openForm({ js: false });
  await fillForm(tab, { name: '户示例' });
  await tab.click('.fold summary');
  const names = tab.locator('#companion_names');
  assert.equal(await names.isVisible(), false, 'there is no companion yet');
  await tab.selectOption('#companions', '1');
  await names.fill('赵示例，钱示例');
  await pressSend(tab);
  assert.match(await tab.textContent('#mistakes'), /同行人姓名比同行人数多/);
  assert.equal(await names.inputValue(), '赵示例，钱示例');
  await shot(tab, 'mistakes-names-zh-360');
  await tab.selectOption('#companions', '2');
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
  assert.match(await tab.textContent('body'), /赵示例、钱示例/);
});

test('suggestions are announced and reached by arrow keys', async () => {
  const tab = await openForm();
  await tab.focus('#region');
  await tab.keyboard.type('gl');
  await tab.waitForSelector('.places button');
  const count = await tab.locator('.places button').count();
  const live = tab.locator('[aria-live=polite]');
  assert.equal(await live.textContent(), `${count} 个地名，请选择`);
  assert.deepEqual(await violations(tab), []);
  await tab.keyboard.press('ArrowDown');
  await tab.keyboard.press('ArrowDown');
  const second = await tab.locator('.places button').nth(1).textContent();
  assert.equal(await tab.evaluate(() => document.activeElement.textContent), second);
  await tab.keyboard.press('ArrowUp');
  await tab.keyboard.press('ArrowUp');
  assert.equal(await tab.evaluate(() => document.activeElement.id), 'region');
  await tab.keyboard.press('ArrowDown');
  await tab.keyboard.press('Enter');
  assert.equal(await live.textContent(), '');
});

// Makes these steps with the newest report, as a member of staff.
const steps = (staff, names) => staff.evaluate(async (names) => {
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const { rows: [row] } = await (await fetch('/staff?view=open&sort=newest', { headers })).json();
  let { version } = row;
  for (const [name, words] of names) {
    const answer = await fetch(`/staff/reports/${row.id}/${name}`, { method: 'POST', headers, body: JSON.stringify({ version, ...words }) });
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    ({ row: { version } } = await answer.json());
  }
}, names);

const states = {
  waiting: [[], '待社区受理', 'Waiting for the community'],
  accepted: [[['accept', {}]], '办理中', 'In hand'],
  unreachable: [[['accept', {}], ['unreachable', { retry_minutes: 30 }]], '未接通', 'No answer'],
  closed: [[['accept', {}], ['close', { outcome: 'informed' }]], '已办结', 'Closed'],
  invalid: [[['accept', {}], ['invalidate', { reason: '试扫' }]], '无需办理', 'Nothing to do'],
};

for (const lang of ['zh', 'en']) {
  for (const width of [360, 1280]) {
    test(`a receipt in each of its states, ${lang} ${width} px`, async () => {
      const tab = await newPage({ lang, width });
      const staff = await openAs(app, { address: '/staff' });
      for (const [state, [made, zh, en]] of Object.entries(states)) {
        await report(app, tab, { lang, name: '态示例' });
        await steps(staff, made);
        await tab.reload();
        assert.match(await tab.textContent('.card'), new RegExp(lang === 'zh' ? zh : en));
        await inspect(tab, `receipt-${state}-${lang}-${width}`);
      }
      await report(app, tab, { lang, name: '态示例' });
      const receipt = tab.url();
      await tab.goto(`${receipt}/correct`);
      await inspect(tab, `correct-${lang}-${width}`);
      await tab.goto(receipt);
      await tab.click('details summary');
      await tab.click('details button');
      await tab.waitForSelector('.aside');
      await inspect(tab, `receipt-withdrawn-${lang}-${width}`);
      await tab.goto(`${app.origin}/status`);
      await tab.fill('#number', await tab.evaluate(() => JSON.parse(localStorage.getItem('ms-last')).number));
      await tab.fill('#digits', '0000');
      await tab.click('main form button');
      await tab.waitForSelector('.no');
      await inspect(tab, `status-${lang}-${width}`);
    });
  }
}

test('a password can be shown', async () => {
  for (const [lang, width] of [['zh', 360], ['en', 1280]]) {
    const tab = await newPage({ lang, width });
    await tab.goto(`${app.origin}/staff/sign-in`);
    await tab.fill('#password', 'not-the-one');
    await tab.check('.pref input');
    assert.equal(await tab.getAttribute('#password', 'type'), 'text');
    await inspect(tab, `sign-in-${lang}-${width}`);
    await tab.fill('#password', '');
    await tab.click('main form button');
    await tab.waitForSelector('.err');
    await shot(tab, `sign-in-owed-${lang}-${width}`);
    const login = lang === 'zh' ? 'auditor' : 'admin';
    await tab.fill('#login', login);
    await tab.fill('#password', app.staff.find((person) => person.login === login).password);
    await tab.click('main form button');
    await tab.waitForURL('**/staff/password');
    await tab.click('main form button');
    await tab.waitForSelector('.err');
    await inspect(tab, `password-${lang}-${width}`);
  }
});

test('pages are dark where the phone is dark', async () => {
  const tab = await openForm();
  const brightness = () => tab.evaluate(() => Math.max(...getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).map(Number)));
  for (const address of [`/q/${app.code}`, `/q/${app.code}/sites`, '/', '/status', '/staff/sign-in']) {
    await tab.goto(`${app.origin}${address}`);
    assert.ok(await brightness() > 200, address);
    await inDark(tab, async () => assert.ok(await brightness() < 60, `${address}, dark`));
  }
});
