// What the phone keeps of a form: never longer than said, never in the way, never twice.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { open, page } from './app.mjs';

let house;
let code;

before(async () => {
  house = await open();
  ({ code } = house.placards[0]);
});
after(async () => { await house?.close(); });

async function type(tab, name = '王示例') {
  await tab.click('label:has(input[value=return])');
  await tab.fill('#region', '上海浦东');
  await tab.fill('#room', '1203');
  await tab.fill('#name', name);
  await tab.fill('#phone', '138 0000 0000');
}

const form = () => `${house.origin}/q/${code}`;
const send = (tab) => tab.click('#f button:not([type=button], [name])');
const kept = (tab) => tab.evaluate(() => decodeURIComponent(Object.values(localStorage).join()));

test('a phone whose storage is full sends the form as browsers always did', async () => {
  const tab = await page(house);
  await tab.goto(form());
  await tab.evaluate(() => {
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  });
  await type(tab);
  await send(tab);
  await tab.waitForURL('**/s/*');
});

test('a used page sent again with other words is answered, not swallowed', async () => {
  const tab = await page(house);
  await tab.goto(form());
  const key = await tab.inputValue('[name=key]');
  await type(tab);
  await send(tab);
  await tab.waitForURL('**/s/*');
  const first = await tab.textContent('.no');
  await tab.goto(form());
  await tab.evaluate((used) => { document.querySelector('[name=key]').value = used; }, key);
  await type(tab, '李示例');
  await send(tab);
  await tab.waitForSelector('.amber[role=alert]');
  assert.equal(await tab.inputValue('#name'), '李示例');
  await send(tab);
  await tab.waitForURL('**/s/*');
  assert.notEqual(await tab.textContent('.no'), first);
});

test('nothing stays on the phone that nobody asked to keep', async () => {
  const tab = await page(house);
  await tab.goto(form());
  await type(tab);
  assert.match(await kept(tab), /王示例/);
  await send(tab);
  await tab.waitForURL('**/s/*');
  assert.equal(await kept(tab), '');
});

test('what was kept for more than two days is gone', async () => {
  const tab = await page(house);
  await tab.goto(form());
  await type(tab);
  await tab.evaluate(() => {
    for (const [name, text] of Object.entries(localStorage)) {
      localStorage.setItem(name, JSON.stringify({ ...JSON.parse(text), at: Date.now() - 49 * 36e5 }));
    }
  });
  await tab.reload();
  assert.equal(await tab.inputValue('#name'), '');
  assert.doesNotMatch(await kept(tab), /王示例/);
});

test('larger text is two taps on one link, without scripts, and no cookie comes before', async () => {
  const tab = await page(house, { js: false });
  const cookies = () => tab.context().cookies();
  await tab.goto(form());
  assert.deepEqual(await cookies(), []);
  const px = () => tab.locator('body').evaluate((body) => getComputedStyle(body).fontSize);
  const sizes = [await px()];
  for (let tap = 0; tap < 3; tap += 1) {
    await tab.locator('header a').first().click();
    sizes.push(await px());
  }
  assert.deepEqual(sizes, ['18px', '24px', '30px', '18px']);
  assert.ok((await cookies()).some((cookie) => cookie.name === 'size'), 'what was chosen is kept');
});
