// The desk: a report written down for somebody without a telephone, and the form on paper.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { open, overflows, page, shot, signIn, violations } from './app.mjs';

let house;

before(async () => { house = await open(); });
after(async () => { await house?.close(); });

async function inspect(tab, name) {
  assert.deepEqual(await violations(tab), [], name);
  assert.equal(await overflows(tab), false, `${name} scrolls sideways`);
  await shot(tab, name);
}

for (const [lang, width, js] of [['zh', 360, true], ['en', 360, false], ['zh', 1280, true]]) {
  test(`a report is written down at the desk at ${width} px in ${lang}${js ? '' : ' without scripts'}`, async () => {
    const tab = await page(house, { lang, width, js });
    const inspects = async (name) => { if (js) await inspect(tab, name); else await shot(tab, name); };
    await signIn(house, tab, 'lead01');
    await tab.goto(`${house.origin}/staff?lang=${lang}`);
    await tab.click('a[href="/staff/desk"]');
    await inspects(`desk-${lang}-${width}`);
    const offered = await tab.locator('.spots a').count();
    await tab.fill('#find', await tab.locator('h2').first().textContent());
    await tab.click('main form button');
    assert.ok(await tab.locator('.spots a').count() <= offered);
    await tab.locator('.spots a').first().click();
    const place = await tab.textContent('.where .big');
    await tab.click('label:has(input[value=return])');
    await tab.fill('#region', '上海浦东');
    await tab.fill('#room', '301');
    await tab.fill('#name', '周示例');
    await tab.fill('#phone', '12345');
    await tab.click('main form p button');
    await tab.waitForSelector('#mistakes');
    assert.equal(await tab.inputValue('#name'), '周示例');
    await inspects(`desk-mistakes-${lang}-${width}`);
    await tab.fill('#phone', '13800000002');
    await tab.click('main form p button');
    await tab.waitForSelector('.loud');
    assert.match(await tab.textContent('.loud'), /^QZ-\d{4}-[2-9A-HJ-NP-Z]{4}$/);
    assert.ok((await tab.textContent('.slip')).includes(place));
    assert.equal(await tab.locator('#print').isVisible(), js);
    await inspects(`desk-done-${lang}-${width}`);
    const receipt = await page(house, { lang });
    await receipt.goto((await tab.textContent('figcaption small')).trim());
    assert.equal(await receipt.textContent('.no'), await tab.textContent('.loud'));
    await receipt.context().close();
    await tab.click('main a.btn:not(.alt)');
    assert.equal(await tab.textContent('.where .big'), place);
    assert.equal(await tab.inputValue('#name'), '', 'nothing of the last person stays');
    await tab.context().close();
  });
}

for (const js of [true, false]) test(`at the desk a telephone is enough${js ? '' : ' without scripts'}`, async () => {
  const tab = await page(house, { js });
  await signIn(house, tab, 'lead01');
  await tab.goto(`${house.origin}/staff/desk`);
  await tab.locator('.spots a').first().click();
  const only = tab.getByRole('button', { name: '只留电话，请社区打给居民' });
  await only.click();
  await tab.waitForSelector('#mistakes');
  assert.equal(await tab.locator('#mistakes li').count(), 2, 'which way, and the telephone');
  if (js) await inspect(tab, 'desk-only-phone-zh-360');
  await tab.click('label:has(input[value=leave])');
  await tab.fill('#phone', js ? '13800000031' : '13800000032');
  await only.click();
  await tab.waitForSelector('.loud');
  const number = await tab.textContent('.loud');
  await tab.goto(`${house.origin}/staff`);
  assert.match(await tab.locator('#rows li', { hasText: number }).textContent(), /只留了电话/);
});

test('the paper form is one page of A4', async () => {
  const tab = await page(house, { width: 1280 });
  await signIn(house, tab, 'lead01');
  await tab.goto(`${house.origin}/staff/desk`);
  await tab.locator('.spots a').first().click();
  await tab.goto(`${tab.url()}/paper`);
  await inspect(tab, 'paper-1280');
  const pdf = (await tab.pdf({ preferCSSPageSize: true })).toString('latin1');
  assert.equal(pdf.match(/\/Type\s*\/Page\b/g).length, 1);
  await tab.setViewportSize({ width: 360, height: 800 });
  await inspect(tab, 'paper-360');
});
