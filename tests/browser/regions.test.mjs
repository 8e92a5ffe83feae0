// Names of places while somebody types, a telephone that is enough, and the slow link.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { line, open, overflows, page, shot, violations } from './app.mjs';

let house;
let code;

before(async () => {
  house = await open();
  ({ code } = house.placards[0]);
});
after(async () => { await house?.close(); });

const names = (tab) => tab.locator('.places button').allTextContents();

async function typed(tab, text) {
  await tab.fill('#region', text);
  await tab.waitForFunction((text) => document.querySelector('.places') && document.getElementById('region').value === text, text);
  return names(tab);
}

test('places are offered by characters, pinyin and initials, and asked for no earlier than needed', async () => {
  const tab = await page(house);
  const asked = [];
  tab.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await tab.goto(`${house.origin}/q/${code}`);
  assert.equal(asked.some((address) => address.startsWith('/regions/')), false, 'before the focus nothing more is loaded');
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
    const found = await typed(tab, text);
    assert.ok(place === null || found.includes(place), `${text}: ${found}`);
    assert.ok(found.length <= 6, text);
  }
  assert.deepEqual(await typed(tab, '亚特兰蒂斯'), []);
  assert.equal(asked.filter((address) => address.startsWith('/regions/')).length, 1);
});

test('a place is chosen by keyboard, stands in the field, and the server knows it', async () => {
  const tab = await page(house);
  await tab.goto(`${house.origin}/q/${code}`);
  await tab.focus('#region');
  await tab.keyboard.type('chongchuan');
  await tab.waitForSelector('.places button');
  const below = async () => (await tab.locator('#day').boundingBox()).y;
  const pushed = await below();
  assert.deepEqual(await violations(tab), []);
  assert.equal(await overflows(tab), false);
  await shot(tab, 'places-zh-360');
  await tab.keyboard.press('Tab');
  await tab.keyboard.press('Enter');
  assert.equal(await tab.inputValue('#region'), '江苏省南通市崇川区');
  assert.equal(await tab.evaluate(() => document.activeElement.id), 'day', 'the next question has the focus');
  assert.ok(await below() < pushed, 'the buttons stood in the flow of the page and are gone');
  await tab.click('label:has(input[value=return])');
  await tab.fill('#room', '1203');
  await tab.fill('#name', '王示例');
  await tab.fill('#phone', '138 0000 0000');
  await tab.click('#f button:not([type=button], [name])');
  await tab.waitForURL('**/s/*');
  assert.match(await tab.textContent('body'), /江苏省南通市崇川区/);
});

test('in English places have their names in Latin letters beside them', async () => {
  const tab = await page(house, { lang: 'en' });
  await tab.goto(`${house.origin}/q/${code}?lang=en`);
  await tab.focus('#region');
  await tab.keyboard.type('nanto');
  await tab.waitForSelector('.places button');
  assert.deepEqual((await names(tab)).slice(0, 1), ['Nantong 江苏省南通市']);
  await shot(tab, 'places-en-360');
  await tab.fill('#region', 'united k');
  assert.deepEqual(await names(tab), ['United Kingdom 英国']);
});

for (const js of [true, false]) {
  test(`a telephone is enough, ${js ? 'with' : 'without'} scripts`, async () => {
    const tab = await page(house, { js });
    await tab.goto(`${house.origin}/q/${code}`);
    const only = tab.getByRole('button', { name: '只留电话，请社区打给我' });
    await only.click();
    await tab.waitForSelector('#mistakes');
    assert.equal(await tab.locator('#mistakes li').count(), 2, 'the direction and the telephone are owed');
    await tab.click('label:has(input[value=leave])');
    await tab.fill('#phone', '13800000009');
    await only.click();
    await tab.waitForURL('**/s/*');
    assert.match(await tab.textContent('body'), /138 0000 0009/);
    await shot(tab, `phone-only-${js ? 'js' : 'plain'}`);
  });
}

test('test sites are sorted from where the phone is, for whoever asks', async () => {
  const tab = await page(house);
  await tab.context().grantPermissions(['geolocation'], { origin: house.origin });
  await tab.context().setGeolocation({ longitude: 120.87, latitude: 32.02 });
  await tab.goto(`${house.origin}/q/${code}/sites`);
  const before = await tab.locator('article h2').allTextContents();
  await tab.getByRole('button', { name: '按我现在的位置排' }).click();
  await tab.getByText('位置只用这一次').waitFor();
  assert.equal(tab.url(), `${house.origin}/q/${code}/sites`, 'no position in the address');
  assert.notDeepEqual(await tab.locator('article h2').allTextContents(), before);
  assert.deepEqual(await violations(tab), []);
  await shot(tab, 'sites-here-zh-360');
});

test('how long the form takes on a slow line and a slow phone', async () => {
  const wire = await line(house, { roundTripMs: 600, bytesPerS: 20_000 });
  const tab = await page(house);
  const session = await tab.context().newCDPSession(tab);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  const began = Date.now();
  await tab.goto(`${wire.origin}/q/${code}`, { waitUntil: 'commit' });
  await tab.locator('#region').fill('南通');
  console.log(`field filled after ${Date.now() - began} ms at 600 ms a round trip, 20 kB/s, 6 times slower; wanted 2500 ms`);
  assert.equal(await tab.inputValue('#region'), '南通');
  await tab.context().close();
  wire.close();
});
