// A flood: many reports of one telephone stand as one line of the queue, and end by one step.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { submitReport, useApp } from './app.mjs';
import { inspect, newPage, waitForText } from './browser.mjs';
import { button, openAs, rows, signIn } from './people.mjs';

const app = useApp({ fold_reports: 5 });
let room = 100;

// So many reports of this telephone, each of a room of its own.
async function flood(phone, n) {
  for (let nth = 0; nth < n; nth += 1) {
    room += 1;
    await submitReport(app, { phone, room: String(room) });
  }
}

const line = (tab) => tab.locator('#rows li.flood');

for (const [lang, width, phone] of [['zh', 360, '13500000001'], ['en', 1280, '13500000002']]) test(`a flood is one line and merged at once, ${lang} ${width} px`, async () => {
  await flood(phone, 7);
  const tab = await openAs(app, { lang, width, address: `/staff?view=waiting&sort=newest&lang=${lang}` });
  assert.equal(await line(tab).count(), 1);
  assert.match(await line(tab).textContent(), lang === 'zh' ? /此号码今日已报 7 条/ : /7 reports of this number today/);
  assert.equal(await line(tab).locator('.mark').isVisible(), false, 'a line is no single report to mark');
  await inspect(tab, `flood-line-${lang}-${width}`);
  await line(tab).locator('a').click();
  await tab.waitForSelector('#merge-all');
  assert.equal(await rows(tab).count(), 7);
  assert.doesNotMatch(tab.url(), new RegExp(phone));
  await inspect(tab, `flood-list-${lang}-${width}`);
  await tab.click('#merge-all');
  await tab.waitForFunction(() => document.querySelectorAll('#rows li[data-status=duplicate]').length === 6);
  await tab.waitForFunction((words) => document.querySelector('#said').textContent.startsWith(words), lang === 'zh' ? '6 条已合并到 QZ-' : '6 merged into QZ-');
  await inspect(tab, `flood-merged-${lang}-${width}`);
  await tab.click('#undo');
  await waitForText(tab, '#said', lang === 'zh' ? '6 条已撤销' : '6 undone');
  await tab.click('#merge-all');
  await tab.waitForFunction(() => document.querySelectorAll('#rows li[data-status=duplicate]').length === 6);
  await tab.reload();
  assert.equal(await rows(tab).count(), 1);
});

test('the line counts on while reports come in', async () => {
  await flood('13500000003', 5);
  const tab = await openAs(app, { address: '/staff?view=waiting&sort=newest' });
  const said = line(tab).locator('[data-f=flood_words]');
  assert.match(await said.textContent(), /5 条/);
  await flood('13500000003', 2);
  await tab.waitForFunction(() => /7 条/.test(document.querySelector('#rows .flood [data-f=flood_words]').textContent));
  assert.equal(await tab.isVisible('#pill'), false, 'they belong to the line');
  // A flood that begins behind the pill becomes a line when it is brought in.
  await flood('13500000004', 6);
  await waitForText(tab, '#fresh', 6);
  await tab.click('#pill');
  await tab.waitForFunction(() => document.querySelectorAll('#rows li.flood').length === 2);
});

test('without scripts a line leads to its list', async () => {
  await flood('13500000005', 5);
  const tab = await newPage({ js: false });
  await signIn(app, tab, 'lead01');
  await tab.goto(`${app.origin}/staff?view=waiting&sort=newest`);
  await line(tab).first().locator('a').click();
  assert.equal(await rows(tab).count(), 5);
  assert.equal(await tab.isVisible('#merge-all'), false);
  await rows(tab).first().locator('a').click();
  await tab.getByRole('link', { name: '查看此号码的全部报备' }).click();
  assert.equal(await rows(tab).count(), 5);
  await tab.getByRole('link', { name: '清除筛选' }).click();
  assert.equal(await line(tab).first().isVisible(), true);
  assert.equal(await button(tab, '合并为一条').count(), 0);
});
