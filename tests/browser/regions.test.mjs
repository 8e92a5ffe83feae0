// Names of places while a resident types, a report that is only a telephone number, and test sites.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { useApp } from './app.mjs';
import { inspect, newPage, shot, violations } from './browser.mjs';
import { proxy } from './network.mjs';
import { fillForm, pressSend } from './people.mjs';

const app = useApp();

const names = (tab) => tab.locator('.places button').allTextContents();

async function openForm({ lang = 'zh', js = true } = {}) {
  const tab = await newPage({ lang, js });
  await tab.goto(`${app.origin}/q/${app.code}?lang=${lang}`);
  return tab;
}

async function suggestionsFor(tab, text) {
  await tab.fill('#region', text);
  return names(tab);
}

test('the form suggests places by characters, pinyin and initials', async () => {
  const tab = await newPage();
  const asked = [];
  tab.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await tab.goto(`${app.origin}/q/${app.code}`);
  assert.equal(asked.some((address) => address.startsWith('/regions/')), false, 'names are not loaded before the focus');
  await tab.focus('#region');
  await tab.waitForSelector('.places', { state: 'attached' });
  for (const [text, place] of [
    ['南通', '江苏省南通市'], ['nantong', '江苏省南通市'], ['nant', '江苏省南通市'], ['nts', '江苏省南通市'],
    ['江苏南通', '江苏省南通市'], ['yueqing', '浙江省温州市乐清市'], ['leqing', '浙江省温州市乐清市'],
    ['luohe', '河南省漯河市'], ['panyu', '广东省广州市番禺区'], ['dabu', '广东省梅州市大埔县'],
    ['donge', '山东省聊城市东阿县'], ['yanshan', '江西省上饶市铅山县'], ['zongyang', '安徽省铜陵市枞阳县'],
    ['zhaoyang', null], ['chaoyang', '辽宁省朝阳市'], ["xi'an", '陕西省西安市'], ['lvliang', '山西省吕梁市'],
    ['香港大埔', '香港特别行政区大埔区'], ['台北', '台湾省台北市'], ['riben', '日本'], ['Japan', '日本'],
    ['浦东', '上海市浦东新区'], ['chongqing', '重庆市'], ['shanxi', '山西省'], ['hlj', '黑龙江省'],
  ]) {
    const found = await suggestionsFor(tab, text);
    assert.ok(place === null || found.includes(place), `${text}: ${found}`);
    assert.ok(found.length <= 6, text);
  }
  assert.deepEqual(await suggestionsFor(tab, '亚特兰蒂斯'), []);
  assert.equal(asked.filter((address) => address.startsWith('/regions/')).length, 1);
});

test('a place chosen by keyboard reaches the server', async () => {
  const tab = await openForm();
  await tab.focus('#region');
  await tab.keyboard.type('chongchuan');
  await tab.waitForSelector('.places button');
  const dayTop = async () => (await tab.locator('#day').boundingBox()).y;
  const pushed = await dayTop();
  await inspect(tab, 'places-zh-360');
  await tab.keyboard.press('Tab');
  await tab.keyboard.press('Enter');
  assert.equal(await tab.inputValue('#region'), '江苏省南通市崇川区');
  assert.equal(await tab.evaluate(() => document.activeElement.name), 'day', 'the next field has the focus');
  assert.ok(await dayTop() < pushed, 'the buttons stood in the flow of the page and are gone');
  await fillForm(tab, { region: await tab.inputValue('#region') });
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
  assert.match(await tab.textContent('body'), /江苏省南通市崇川区/);
});

test('in English places have Latin names', async () => {
  const tab = await openForm({ lang: 'en' });
  await tab.focus('#region');
  await tab.keyboard.type('nanto');
  await tab.waitForSelector('.places button');
  assert.deepEqual((await names(tab)).slice(0, 1), ['Nantong 江苏省南通市']);
  await shot(tab, 'places-en-360');
  assert.deepEqual(await suggestionsFor(tab, 'united k'), ['United Kingdom 英国']);
});

for (const js of [true, false]) {
  test(`a telephone number is enough, ${js ? 'with' : 'without'} scripts`, async () => {
    const tab = await openForm({ js });
    await tab.getByRole('link', { name: '不会填？只留电话' }).click();
    const only = tab.getByRole('button', { name: '请社区打给我', exact: true });
    await only.click();
    await tab.waitForSelector('#mistakes');
    assert.equal(await tab.locator('#mistakes li').count(), 1, 'the telephone alone is missing');
    assert.equal(await tab.getAttribute('#mistakes a', 'href'), '#call');
    assert.ok(await only.isVisible(), 'the fold is open');
    await shot(tab, `phone-only-mistake-${js ? 'js' : 'plain'}`);
    await tab.fill('#call', '13800000009');
    await only.click();
    await tab.waitForURL('**/s/*');
    assert.match(await tab.textContent('body'), /138 0000 0009/);
    await shot(tab, `phone-only-${js ? 'js' : 'plain'}`);
  });
}

test('test sites are sorted by distance from the phone', async () => {
  const tab = await newPage();
  await tab.context().grantPermissions(['geolocation'], { origin: app.origin });
  await tab.context().setGeolocation({ longitude: 120.87, latitude: 32.02 });
  await tab.goto(`${app.origin}/q/${app.code}/sites`);
  const before = await tab.locator('article h2').allTextContents();
  await tab.getByRole('button', { name: '按当前位置排序' }).click();
  await tab.getByText('位置仅用这一次').waitFor();
  assert.equal(tab.url(), `${app.origin}/q/${app.code}/sites`, 'no position in the address');
  assert.notDeepEqual(await tab.locator('article h2').allTextContents(), before);
  assert.deepEqual(await violations(tab), []);
  await shot(tab, 'sites-here-zh-360');
});

test('the form works on a slow line and slow phone', async () => {
  const network = await proxy(app, { roundTripMs: 600, bytesPerS: 20_000 });
  const tab = await newPage();
  const session = await tab.context().newCDPSession(tab);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  const began = Date.now();
  await tab.goto(`${network.app.origin}/q/${app.code}`, { waitUntil: 'commit' });
  await tab.locator('#region').fill('南通');
  console.log(`field filled after ${Date.now() - began} ms at 600 ms a round trip, 20 kB/s, 6 times slower; wanted 2500 ms`);
  assert.equal(await tab.inputValue('#region'), '南通');
});
