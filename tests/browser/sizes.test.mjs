// Pages of residents in both languages and all sizes of text: accessible, and large enough to touch.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { useApp } from './app.mjs';
import { inDark, newPage, overflows, shot, violations } from './browser.mjs';
import { fillForm, pressSend } from './people.mjs';

const app = useApp();

// What a finger touches and is less than 60 px high.
const tooSmall = (tab) => tab.evaluate(() => [...document.querySelectorAll('a.btn, button, input:not([type=hidden],[type=radio],[type=checkbox]), select, textarea, .tile, summary, header a')]
  .filter((target) => target.checkVisibility() && target.getBoundingClientRect().height < 59.5)
  .map((target) => `${target.outerHTML.slice(0, 60)} ${target.getBoundingClientRect().height}`));

for (const size of ['s0', 's1', 's2']) {
  for (const lang of ['zh', 'en']) {
    test(`resident pages are accessible, ${lang}, size ${size}`, async () => {
      const tab = await newPage({ lang, width: 320 });
      await tab.goto(`${app.origin}/q/${app.code}?lang=${lang}&size=${size}`);
      await fillForm(tab, { region: lang === 'zh' ? '上海浦东' : '上海' });
      await pressSend(tab);
      await tab.waitForURL('**/s/*');
      const receipt = new URL(tab.url()).pathname;
      const pages = [`/q/${app.code}`, `/q/${app.code}/sites`, '/', '/q/22223', '/status', receipt, `${receipt}/correct`, `${receipt}/another`];
      for (const [n, address] of pages.entries()) {
        await tab.goto(`${app.origin}${address}`);
        assert.equal(await tab.evaluate(() => document.documentElement.className), size, 'the choice is kept');
        for (const width of [320, 360, 1280]) {
          await tab.setViewportSize({ width, height: 800 });
          assert.deepEqual(await violations(tab, { enhanced: true }), [], address);
          assert.equal(await overflows(tab), false, `${address} at ${width} px scrolls sideways`);
          assert.deepEqual(await tooSmall(tab), [], address);
        }
        await inDark(tab, async () => assert.deepEqual(await violations(tab, { enhanced: true }), [], `${address}, dark`));
        await tab.setViewportSize({ width: 360, height: 800 });
        await shot(tab, `page${n}-${lang}-${size}`);
      }
      await tab.goto(`${app.origin}/q/${app.code}`);
      await pressSend(tab);
      await tab.waitForSelector('#mistakes');
      for (const width of [320, 1280]) {
        await tab.setViewportSize({ width, height: 800 });
        assert.deepEqual(await violations(tab, { enhanced: true }), [], 'mistakes');
        assert.equal(await overflows(tab), false, `mistakes at ${width} px scroll sideways`);
      }
      await shot(tab, `mistakes-${lang}-${size}`);
    });
  }
}
