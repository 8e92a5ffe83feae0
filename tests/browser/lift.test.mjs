// Lift mode: the form survives a dead network, the report arrives once, and pages stay small.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { brotliCompressSync } from 'node:zlib';
import { useApp } from './app.mjs';
import { inspect, newPage, openBeside, shot } from './browser.mjs';
import { proxy, wireBytes } from './network.mjs';
import { fillForm, openAs, pressSend, report } from './people.mjs';

const app = useApp();

const kept = (tab, name) => tab.evaluate((name) => localStorage.getItem(name), `ms-${name}-${app.code}`);

async function openForm(server = app) {
  const tab = await newPage();
  await tab.goto(`${server.origin}/q/${app.code}`);
  return tab;
}

async function countReports(maskedName) {
  const tab = await openAs(app);
  return tab.locator('#rows li', { hasText: maskedName }).count();
}

test('a draft survives a reload and a change of language', async () => {
  const tab = await openForm();
  await fillForm(tab);
  await tab.reload();
  assert.equal(await tab.inputValue('#name'), '王示例');
  await tab.getByRole('link', { name: 'English' }).click();
  await tab.waitForURL('**lang=en');
  assert.equal(await tab.evaluate(() => document.documentElement.lang), 'en');
  assert.match(await tab.title(), /report/i);
  assert.equal(await tab.inputValue('#phone'), '138 0000 0000');
  assert.equal(await tab.isChecked('input[value=return]'), true);
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
  assert.deepEqual([await kept(tab, 'draft'), await kept(tab, 'outbox')], [null, null], 'an arrived report leaves nothing behind');
});

test('a report whose answer was lost arrives once', async () => {
  const network = await proxy(app);
  const tab = await openForm(network.app);
  await fillForm(tab, { name: '断网示例' });
  network.cutAnswers();
  await pressSend(tab);
  await tab.waitForSelector('#amber');
  assert.match(await tab.textContent('#amber'), /尚未提交成功/);
  await inspect(tab, 'form-amber-zh-360');
  network.restore();
  await tab.reload();
  await tab.waitForURL('**/s/*');
  assert.equal(await countReports('断**例'), 1);
});

test('the form sends itself when the signal is back', async () => {
  const network = await proxy(app);
  const tab = await openForm(network.app);
  await fillForm(tab, { name: '孤示例' });
  network.cut();
  await pressSend(tab);
  await tab.waitForSelector('#amber');
  network.restore();
  await tab.waitForURL('**/s/*');
});

test('two pages of one placard send their report once', async () => {
  const network = await proxy(app);
  const tab = await openForm(network.app);
  await fillForm(tab, { name: '双页示例' });
  network.cut();
  await pressSend(tab);
  await tab.waitForSelector('#amber');
  network.restore();
  const second = await tab.context().newPage();
  await second.goto(`${network.app.origin}/q/${app.code}`);
  await Promise.any([tab, second].map((one) => one.waitForURL('**/s/*')));
  // A page that opens now would send what the phone still keeps.
  const third = await openBeside(tab, `${network.app.origin}/q/${app.code}`);
  assert.equal(await kept(third, 'outbox'), null);
  assert.equal(await countReports('双**例'), 1);
});

test('without storage the browser sends the form', async () => {
  const tab = await newPage();
  await tab.addInitScript(() => {
    Object.defineProperty(globalThis, 'localStorage', { get() { throw new Error('forbidden'); } });
  });
  await report(app, tab);
});

test('a mistake has the focus, the form keeps its answers', async () => {
  const tab = await openForm();
  await fillForm(tab, { phone: '12345' });
  await pressSend(tab);
  await tab.waitForSelector('#mistakes');
  assert.equal(await tab.evaluate(() => document.activeElement.id), 'mistakes');
  assert.equal(await tab.inputValue('#name'), '王示例');
  await tab.fill('#phone', '13800000000');
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
});

test('the phone remembers a resident only when asked', async () => {
  const tab = await openForm();
  await fillForm(tab, { name: '记示例' });
  assert.equal(await tab.isChecked('.pref input'), false, 'not ticked at first');
  await tab.check('.pref input');
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
  await tab.goto(`${app.origin}/q/${app.code}`);
  const fill = tab.getByRole('button', { name: /填入 记\* 138\*{4}0000/ });
  await shot(tab, 'form-remembered-zh-360');
  await fill.click();
  assert.deepEqual([await tab.inputValue('#name'), await tab.inputValue('#room')], ['记示例', '1203']);
  await tab.evaluate(() => localStorage.removeItem(Object.keys(localStorage).find((name) => name.startsWith('ms-draft'))));
  await tab.reload();
  await tab.getByRole('button', { name: '清除记住的信息' }).click();
  assert.equal(await tab.evaluate(() => localStorage.getItem('ms-me')), null);
});

test('a whole report by keyboard alone', async () => {
  const tab = await openForm();
  const to = async (id) => {
    for (let n = 0; n < 40; n += 1) {
      if (await tab.evaluate((id) => document.activeElement.id === id || document.activeElement.name === id, id)) return;
      await tab.keyboard.press('Tab');
    }
    assert.fail(`${id} cannot be reached`);
  };
  await to('direction');
  await tab.keyboard.press('Space');
  for (const [id, words] of [['region', '上海'], ['room', '1'], ['name', '键示例'], ['phone', '13800000000']]) {
    await to(id);
    await tab.keyboard.type(words);
  }
  await tab.keyboard.press('Enter');
  await tab.waitForURL('**/s/*');
});

test('a screen reader meets the fields in their visible order', async () => {
  const tab = await newPage({ js: false });
  await tab.goto(`${app.origin}/q/${app.code}`);
  const session = await tab.context().newCDPSession(tab);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const walk = (node) => [node, ...(node.childIds ?? []).map((id) => byId.get(id)).filter(Boolean).flatMap(walk)];
  const names = walk(nodes[0]).filter((node) => ['textbox', 'radio', 'combobox', 'button'].includes(node.role?.value))
    .map((node) => node.name.value);
  const wanted = ['返通', '离通', '从哪里', '今天', '房号', '姓名', '电话'];
  const places = wanted.map((word) => names.findIndex((name) => name.includes(word)));
  assert.ok(places.every((at, n) => at >= 0 && (n === 0 || at > places[n - 1])), `${names}`);
});

test('pages are small enough for a lift', async () => {
  const tab = await openForm();
  const script = await tab.evaluate(() => document.querySelector('script:not([src])').textContent);
  await fillForm(tab);
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
  const receipt = new URL(tab.url()).pathname;
  const caps = { wire: 14_000, form: 6_144 };
  for (const [address, most] of [[`/q/${app.code}`, caps.form], [`/q/${app.code}?lang=en`, caps.form], [receipt, 3_072], [`/q/${app.code}/sites`, 3_584]]) {
    const { whole, body } = await wireBytes(`${app.origin}${address}`);
    console.log(`${address.replace(app.code, '…').replace(/\/s\/.*/, '/s/…')}: ${body} B of ${most} B, ${whole} B with headers`);
    assert.ok(body <= most, `${address}: ${body} bytes of Brotli, ${most} at most`);
    assert.ok(whole <= caps.wire, `${address}: ${whole} bytes on the wire`);
  }
  const bytes = brotliCompressSync(script).length;
  console.log(`script: ${bytes} B of 2560 B`);
  assert.ok(bytes <= 2_560, `${bytes} bytes of script`);
});
