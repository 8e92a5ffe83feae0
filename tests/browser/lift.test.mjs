// Lift mode: what was typed outlives a dead link and arrives once, and pages stay small.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { brotliCompressSync } from 'node:zlib';
import { line, open, overflows, page, shot, signIn, violations, wireBytes } from './app.mjs';

let house;
let code;

before(async () => {
  house = await open();
  ({ code } = house.placards[0]);
});
after(async () => { await house?.close(); });

async function type(tab, { name = '王示例', lang = 'zh' } = {}) {
  await tab.click('label:has(input[value=return])');
  await tab.fill('#region', lang === 'zh' ? '上海浦东' : '上海');
  await tab.fill('#room', '1203');
  await tab.fill('#name', name);
  await tab.fill('#phone', '138 0000 0000');
}

const send = (tab) => tab.click('#f button:not([type=button], [name])');
const kept = (tab, name) => tab.evaluate((name) => localStorage.getItem(name), `ms-${name}-${code}`);

async function reports(name) {
  const tab = await page(house);
  await signIn(house, tab, 'lead01');
  await tab.goto(`${house.origin}/staff`);
  const n = await tab.locator('#rows li', { hasText: name }).count();
  await tab.context().close();
  return n;
}

test('a draft outlives a reload and a change of language, and is gone once it has arrived', async () => {
  const tab = await page(house);
  await tab.goto(`${house.origin}/q/${code}`);
  await type(tab);
  await tab.reload();
  assert.equal(await tab.inputValue('#name'), '王示例');
  await tab.getByRole('link', { name: 'English' }).click();
  await tab.waitForURL('**lang=en');
  assert.equal(await tab.evaluate(() => document.documentElement.lang), 'en');
  assert.match(await tab.title(), /report/i);
  assert.equal(await tab.inputValue('#phone'), '138 0000 0000');
  assert.equal(await tab.isChecked('input[value=return]'), true);
  await send(tab);
  await tab.waitForURL('**/s/*');
  assert.deepEqual([await kept(tab, 'draft'), await kept(tab, 'outbox')], [null, null]);
});

test('a network that is cut in the middle, a reload, and the report arrives once', async () => {
  const wire = await line(house);
  const tab = await page(house);
  await tab.goto(`${wire.origin}/q/${code}`);
  await type(tab, { name: '断网示例' });
  wire.cutAnswers(); // the request arrives, its answer does not
  await send(tab);
  await tab.waitForSelector('#amber');
  assert.match(await tab.textContent('#amber'), /还没有送到/);
  assert.deepEqual(await violations(tab), []);
  assert.equal(await overflows(tab), false);
  await shot(tab, 'form-amber-zh-360');
  wire.mend();
  await tab.reload();
  await tab.waitForURL('**/s/*', { timeout: 30_000 });
  assert.equal(await reports('断**例'), 1);
  wire.close();
});

test('a form that nobody looks after sends itself when the signal is back', async () => {
  const wire = await line(house);
  const tab = await page(house);
  await tab.goto(`${wire.origin}/q/${code}`);
  await type(tab, { name: '孤示例' });
  wire.cut();
  await send(tab);
  await tab.waitForSelector('#amber');
  wire.mend();
  await tab.waitForURL('**/s/*', { timeout: 30_000 });
  wire.close();
});

test('two pages of one placard send their report once', async () => {
  const wire = await line(house);
  const tab = await page(house);
  await tab.goto(`${wire.origin}/q/${code}`);
  await type(tab, { name: '双页示例' });
  wire.cut();
  await send(tab);
  await tab.waitForSelector('#amber');
  wire.mend();
  const second = await tab.context().newPage();
  await second.goto(`${wire.origin}/q/${code}`);
  await Promise.race([tab, second].map((one) => one.waitForURL('**/s/*', { timeout: 30_000 })));
  await tab.waitForTimeout(500);
  assert.equal(await reports('双**例'), 1);
  wire.close();
});

test('where storage is forbidden the form works as it is', async () => {
  const tab = await page(house);
  await tab.addInitScript(() => {
    Object.defineProperty(globalThis, 'localStorage', { get() { throw new Error('forbidden'); } });
  });
  await tab.goto(`${house.origin}/q/${code}`);
  await type(tab);
  await send(tab);
  await tab.waitForURL('**/s/*');
});

test('a mistake is told by the server, with the focus on it and every word kept', async () => {
  const tab = await page(house);
  await tab.goto(`${house.origin}/q/${code}`);
  await type(tab);
  await tab.fill('#phone', '12345');
  await send(tab);
  await tab.waitForSelector('#mistakes');
  assert.equal(await tab.evaluate(() => document.activeElement.id), 'mistakes');
  assert.equal(await tab.inputValue('#name'), '王示例');
  await tab.fill('#phone', '13800000000');
  await send(tab);
  await tab.waitForURL('**/s/*');
});

test('remembered is only what somebody asked for, shown masked, filled and forgotten by a tap', async () => {
  const tab = await page(house);
  await tab.goto(`${house.origin}/q/${code}`);
  await type(tab, { name: '记示例' });
  assert.equal(await tab.isChecked('.pref input'), false, 'unticked');
  await tab.check('.pref input');
  await send(tab);
  await tab.waitForURL('**/s/*');
  await tab.goto(`${house.origin}/q/${code}`);
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
  const tab = await page(house);
  await tab.goto(`${house.origin}/q/${code}`);
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

test('labels and errors are read in the order in which they stand', async () => {
  const tab = await page(house, { js: false });
  await tab.goto(`${house.origin}/q/${code}`);
  const session = await tab.context().newCDPSession(tab);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const walk = (node) => [node, ...(node.childIds ?? []).map((id) => byId.get(id)).filter(Boolean).flatMap(walk)];
  const names = walk(nodes[0]).filter((node) => ['textbox', 'radio', 'combobox', 'button'].includes(node.role?.value))
    .map((node) => node.name.value);
  const wanted = ['回来', '离开', '从哪里', '哪一天', '门牌号', '姓名', '电话'];
  const places = wanted.map((word) => names.findIndex((name) => name.includes(word)));
  assert.ok(places.every((at, n) => at >= 0 && (n === 0 || at > places[n - 1])), `${names}`);
});

for (const size of ['s0', 's1', 's2']) {
  for (const lang of ['zh', 'en']) {
    test(`resident pages in ${lang} at size ${size} are sound, and nothing is too small to touch`, async () => {
      const tab = await page(house, { lang, width: 320 });
      await tab.goto(`${house.origin}/q/${code}?lang=${lang}&size=${size}`);
      const pages = [`/q/${code}`, `/q/${code}/sites`, '/', '/q/22223', '/status'];
      await type(tab, { lang });
      await send(tab);
      await tab.waitForURL('**/s/*');
      const receipt = new URL(tab.url()).pathname;
      pages.push(receipt, `${receipt}/correct`, `${receipt}/another`);
      for (const [n, address] of pages.entries()) {
        for (const width of [320, 360, 1280]) {
          await tab.setViewportSize({ width, height: 800 });
          await tab.goto(`${house.origin}${address}`);
          assert.equal(await tab.evaluate(() => document.documentElement.className), size, 'the choice is kept');
          assert.deepEqual(await violations(tab, { enhanced: true }), [], address);
          assert.equal(await overflows(tab), false, `${address} at ${width} px scrolls sideways`);
          const small = await tab.evaluate(() => [...document.querySelectorAll('a.btn, button, input:not([type=hidden],[type=radio],[type=checkbox]), select, textarea, .tile, summary, header a')]
            .filter((target) => target.checkVisibility() && target.getBoundingClientRect().height < 59.5)
            .map((target) => `${target.outerHTML.slice(0, 60)} ${target.getBoundingClientRect().height}`));
          assert.deepEqual(small, [], address);
        }
        await tab.setViewportSize({ width: 360, height: 800 });
        await shot(tab, `page${n}-${lang}-${size}`);
      }
      for (const width of [320, 1280]) {
        await tab.setViewportSize({ width, height: 800 });
        await tab.goto(`${house.origin}/q/${code}`);
        await tab.click('#f button[name=only]');
        await tab.waitForSelector('#mistakes');
        assert.deepEqual(await violations(tab, { enhanced: true }), [], 'mistakes');
        assert.equal(await overflows(tab), false, `mistakes at ${width} px scroll sideways`);
      }
      await shot(tab, `mistakes-${lang}-${size}`);
      await tab.context().close();
    });
  }
}

test('pages stay as small as a lift needs them', async () => {
  const tab = await page(house);
  await tab.goto(`${house.origin}/q/${code}`);
  await type(tab);
  const form = await tab.evaluate(() => document.querySelector('script:not([src])').textContent);
  await send(tab);
  await tab.waitForURL('**/s/*');
  const receipt = new URL(tab.url()).pathname;
  for (const [address, most] of [[`/q/${code}`, 6_144], [`/q/${code}?lang=en`, 6_144], [receipt, 3_072], [`/q/${code}/sites`, 4_096]]) {
    const bytes = await wireBytes(`${house.origin}${address}`);
    console.log(`${address.replace(code, '…').replace(/\/s\/.*/, '/s/…')}: ${bytes} B of ${most} B, headers included`);
    assert.ok(bytes <= most, `${address}: ${bytes} bytes on the wire, ${most} at most`);
  }
  const script = brotliCompressSync(form).length;
  console.log(`script: ${script} B of 2048 B`);
  assert.ok(script <= 2_048, `${script} bytes of script`);
});
