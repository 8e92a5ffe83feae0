// What the phone keeps of a form: not longer than promised, and without harm to the next report.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { useApp } from './app.mjs';
import { newPage } from './browser.mjs';
import { fillForm, pressSend } from './people.mjs';

const app = useApp();

async function openForm(options) {
  const tab = await newPage(options);
  await tab.goto(`${app.origin}/q/${app.code}`);
  return tab;
}
const kept = (tab) => tab.evaluate(() => decodeURIComponent(Object.values(localStorage).join()));

test('with a full storage the browser sends the form', async () => {
  const tab = await openForm();
  await tab.evaluate(() => {
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  });
  await fillForm(tab);
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
});

test('a used page that sends other answers gets a warning', async () => {
  const tab = await openForm();
  const key = await tab.inputValue('[name=key]');
  await fillForm(tab);
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
  const first = await tab.textContent('.no');
  await tab.goto(`${app.origin}/q/${app.code}`);
  await tab.evaluate((used) => { document.querySelector('[name=key]').value = used; }, key);
  await fillForm(tab, { name: '李示例' });
  await pressSend(tab);
  await tab.waitForSelector('.amber[role=alert]');
  assert.equal(await tab.inputValue('#name'), '李示例');
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
  assert.notEqual(await tab.textContent('.no'), first);
});

test('after sending the phone keeps the receipt alone', async () => {
  const tab = await openForm();
  await fillForm(tab);
  assert.match(await kept(tab), /王示例/);
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
  const last = await tab.evaluate(() => Object.entries(localStorage));
  assert.deepEqual(last.map(([name]) => name), ['ms-last']);
  assert.deepEqual(Object.keys(JSON.parse(last[0][1])).sort(), ['at', 'link', 'number']);
});

test('a draft of more than two days is gone', async () => {
  const tab = await openForm();
  await fillForm(tab);
  await tab.evaluate(() => {
    for (const [name, text] of Object.entries(localStorage)) {
      localStorage.setItem(name, JSON.stringify({ ...JSON.parse(text), at: Date.now() - 49 * 36e5 }));
    }
  });
  await tab.reload();
  assert.equal(await tab.inputValue('#name'), '');
  assert.doesNotMatch(await kept(tab), /王示例/);
});

test('without scripts two taps on one link enlarge the text', async () => {
  const tab = await openForm({ js: false });
  const cookies = () => tab.context().cookies();
  assert.deepEqual(await cookies(), [], 'no cookie before the first tap');
  const px = () => tab.locator('body').evaluate((body) => getComputedStyle(body).fontSize);
  const sizes = [await px()];
  for (let tap = 0; tap < 3; tap += 1) {
    await tab.locator('header a').first().click();
    sizes.push(await px());
  }
  assert.deepEqual(sizes, ['18px', '24px', '30px', '18px']);
  assert.ok((await cookies()).some((cookie) => cookie.name === 'size'), 'the choice is kept');
});

test('not my phone clears draft, outbox and what is remembered', async () => {
  for (const [lang, words] of [['zh', '不是我的手机'], ['en', 'Not my phone']]) {
    const tab = await newPage({ viewport: { width: 360, height: 640 } });
    const address = `${app.origin}/q/${app.code}?lang=${lang}`;
    await tab.goto(address);
    await fillForm(tab);
    await tab.evaluate(() => localStorage.setItem('ms-me', JSON.stringify({ name: '王示例', phone: '13800000000', room: '1' })));
    await tab.route('**/q/*', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
    await pressSend(tab);
    await tab.waitForSelector('#amber');
    assert.match(await kept(tab), /王示例/);
    await tab.locator('#amber').getByRole('button', { name: words }).click();
    await tab.waitForFunction(() => !Object.keys(localStorage).length);
    await tab.waitForSelector('#amber', { state: 'detached' });
    assert.equal(await tab.inputValue('#name'), '');
  }
});
