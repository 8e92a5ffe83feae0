// The desk: staff write a report down for a resident without a telephone, and print the paper form.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { useApp } from './app.mjs';
import { inspect, newPage, shot } from './browser.mjs';
import { fillForm, openAs, signInByPage } from './people.mjs';

const app = useApp();

for (const [lang, width, js] of [['zh', 360, true], ['en', 360, false], ['zh', 1280, true]]) {
  test(`staff write a report down, ${lang} ${width} px${js ? '' : ', without scripts'}`, async () => {
    const tab = await newPage({ lang, width, js });
    const look = (name) => (js ? inspect(tab, name) : shot(tab, name));
    await signInByPage(app, tab, 'lead01');
    await tab.goto(`${app.origin}/staff?lang=${lang}`);
    await tab.click('a[href="/staff/desk"]');
    await tab.waitForURL('**/staff/desk**');
    await look(`desk-${lang}-${width}`);
    const offered = await tab.locator('.spots a').count();
    await tab.fill('#find', await tab.locator('h2').first().textContent());
    await tab.click('main form button');
    assert.ok(await tab.locator('.spots a').count() <= offered);
    await tab.locator('.spots a').first().click();
    const place = await tab.textContent('.where .big');
    await fillForm(tab, { room: '301', name: '周示例', phone: '12345' });
    await tab.click('main form p button');
    await tab.waitForSelector('#mistakes');
    assert.equal(await tab.inputValue('#name'), '周示例');
    await look(`desk-mistakes-${lang}-${width}`);
    await tab.fill('#phone', '13800000002');
    await tab.click('main form p button');
    await tab.waitForSelector('.loud');
    assert.match(await tab.textContent('.loud'), /^QZ-\d{4}-[2-9A-HJ-NP-Z]{4}$/);
    assert.ok((await tab.textContent('.slip')).includes(place));
    assert.equal(await tab.locator('#print').isVisible(), js);
    await look(`desk-done-${lang}-${width}`);
    const receipt = await newPage({ lang });
    await receipt.goto((await tab.textContent('figcaption small')).trim());
    assert.equal(await receipt.textContent('.no'), await tab.textContent('.loud'));
    await tab.click('main a.btn:not(.alt)');
    assert.equal(await tab.textContent('.where .big'), place);
    assert.equal(await tab.inputValue('#name'), '', 'the answers of the last resident are gone');
  });
}

for (const js of [true, false]) test(`a telephone number is enough at the desk${js ? '' : ' without scripts'}`, async () => {
  const tab = await openAs(app, { js, address: '/staff/desk' });
  await tab.locator('.spots a').first().click();
  const only = tab.getByRole('button', { name: '只留电话，请社区打给居民' });
  await only.click();
  await tab.waitForSelector('#mistakes');
  assert.equal(await tab.locator('#mistakes li').count(), 1, 'the telephone alone is missing');
  if (js) await inspect(tab, 'desk-only-phone-zh-360');
  await tab.fill('#phone', js ? '13800000031' : '13800000032');
  await only.click();
  await tab.waitForSelector('.loud');
  const number = await tab.textContent('.loud');
  await tab.goto(`${app.origin}/staff`);
  assert.match(await tab.locator('#rows li', { hasText: number }).textContent(), /只留了电话/);
});

test('the paper form is one page of A4', async () => {
  const tab = await openAs(app, { width: 1280, address: '/staff/desk' });
  await tab.locator('.spots a').first().click();
  await tab.goto(`${tab.url()}/paper`);
  await inspect(tab, 'paper-1280');
  const pdf = (await tab.pdf({ preferCSSPageSize: true })).toString('latin1');
  assert.equal(pdf.match(/\/Type\s*\/Page\b/g).length, 1);
  await tab.setViewportSize({ width: 360, height: 800 });
  await inspect(tab, 'paper-360');
});
