// The queue on a phone's first screen and on paper, and messages that cover no button.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReports, useApp } from './app.mjs';
import { overflows, shot } from './browser.mjs';
import { button, openAs, rows, waiting } from './people.mjs';

const app = useApp({}, (started) => submitReports(started, 12));

for (const [lang, login] of [['zh', 'lead01'], ['zh', 'duty'], ['en', 'lead01'], ['en', 'duty']]) test(`cards stand on the first screen of a phone, ${lang} ${login}`, async () => {
  const tab = await openAs(app, { lang, login, height: 740, address: `/staff?view=waiting&lang=${lang}` });
  await shot(tab, `queue-first-${lang}-${login}`);
  const head = (await tab.locator('#rows').boundingBox()).y;
  assert.ok(head < 180, `${head} px above the rows`);
  // English names of places take a line more.
  const nth = lang === 'zh' ? 2 : 1;
  const last = await rows(tab).nth(nth).boundingBox();
  assert.ok(last.y + last.height <= 740, `card ${nth + 1} ends at ${last.y + last.height}`);
  assert.equal(await tab.locator('.chips a').first().getAttribute('data-chip'), 'overdue');
  assert.equal(await overflows(tab), false);
});

test('rows with equal content have equal heights at a desk', async () => {
  const tab = await openAs(app, { width: 1280, address: '/staff?view=waiting' });
  await shot(tab, 'queue-desk-zh-1280');
  const heights = await rows(tab).evaluateAll((items) => [...new Set(items.map((item) => Math.round(item.getBoundingClientRect().height)))]);
  assert.equal(heights.length, 1, String(heights));
  const lines = await tab.locator('#rows [data-f=day]').evaluateAll((days) => days.map((day) => day.getBoundingClientRect().height).filter((height) => height > 30));
  assert.deepEqual(lines, [], 'a day stands on one line');
});

for (const [lang, width] of [['zh', 360], ['en', 360], ['zh', 1280]]) test(`a message covers no outcome, ${lang} ${width} px`, async () => {
  const tab = await openAs(app, { lang, width, height: 740, address: `/staff?view=waiting&lang=${lang}` });
  await waiting(tab).first().locator('[data-go=call] button').click();
  await tab.waitForSelector('#done button');
  const toast = await tab.locator('#done').boundingBox();
  for (const outcome of await tab.locator('#close button').all()) {
    const box = await outcome.boundingBox();
    assert.ok(box.y >= toast.y + toast.height || box.y + box.height <= toast.y, await outcome.textContent());
  }
  await shot(tab, `case-toast-${lang}-${width}`);
  // A second message takes the place of the first.
  await tab.route('**/staff/reports/**', (route) => route.abort());
  await tab.locator('#close button').first().click();
  await tab.waitForSelector('#said:not([hidden])');
  assert.equal(await tab.locator('#done').count(), 0);
});

for (const lang of ['zh', 'en']) test(`the queue prints as a table, ${lang}`, async () => {
  const tab = await openAs(app, { lang, width: 1280, address: `/staff?view=open&lang=${lang}` });
  await waiting(tab).first().locator('.mark').check();
  await tab.emulateMedia({ media: 'print' });
  for (const part of ['.chips', '.tools', '.dock', '#help', 'button:visible', 'input:visible', 'select:visible', 'header']) {
    assert.equal(await tab.locator(part).first().isVisible(), false, part);
  }
  assert.equal(await tab.locator('.paper').first().isVisible(), true);
  const columns = await rows(tab).evaluateAll((items) => [...new Set(items.map((item) => Math.round(item.querySelector('[data-f=place]').getBoundingClientRect().left)))]);
  assert.equal(columns.length, 1, 'places stand below each other');
  assert.equal(await overflows(tab), false);
  await shot(tab, `queue-paper-${lang}`);
  if (process.env.GALLERY) await tab.pdf({ path: `${process.env.GALLERY}/queue-paper-${lang}.pdf`, preferCSSPageSize: true });
  await tab.emulateMedia({ media: 'screen' });
  assert.equal(await button(tab, lang === 'zh' ? '签收' : 'Take').first().isVisible(), true);
});
