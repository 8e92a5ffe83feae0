// The first night: 131 reports over real HTTP. Every third one is sent twice, three codes are wrong,
// a stream is open in each community, and SIGKILL ends the server in the middle. Prints a table; the
// exit status is 1 if a report was lost, doubled, in the wrong queue or out of order.
//
//   node tests/first-night.mjs [--control]     with target/debug/mashang, or MASHANG_BIN
//
// --control removes one expected report: the check must then fail, and the exit status is 0 if it
// does. Acts only on the server that it has started itself, and ends it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, start, stop } from './demo-server.mjs';

const reportsOfTheNight = 131;
const badCodes = ['22223', 'ZZZZZ', 'QQQQ'];
const killAfter = 65;
const sendEveryMs = 30;
const retryMs = 50;
const nightMaxMs = 15 * 60_000;
const binary = process.env.MASHANG_BIN ?? path.resolve(import.meta.dirname, '../target/debug/mashang');
const control = process.argv.includes('--control');
const json = { accept: 'application/json', 'content-type': 'application/json' };

async function signIn(origin, account) {
  const first = await post(`${origin}/staff/sign-in`, { login: account.login, password: account.password });
  const chosen = await post(`${origin}/staff/password`,
    { old: account.password, new: 'a-night-without-sleep' }, first.body.token);
  return chosen.body.token;
}

async function post(url, body, token) {
  const headers = token ? { ...json, authorization: `Bearer ${token}` } : json;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

// Follows a queue through each disconnect, from the last event that it has received.
async function follow(world, community) {
  while (!world.over) {
    try {
      const headers = { authorization: `Bearer ${community.token}` };
      if (community.last) headers['last-event-id'] = community.last;
      const response = await fetch(`${world.origin}/staff/stream`, { headers, signal: world.end.signal });
      let text = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
          takeFrame(community, text.slice(0, at));
          text = text.slice(at + 2);
        }
      }
    } catch { /* The server is down, or the night is over. */ }
    if (!world.over) await sleep(retryMs);
  }
}

function takeFrame(community, frame) {
  community.following = true;
  const line = (name) => frame.split('\n').find((words) => words.startsWith(name))?.slice(name.length);
  if (line('id: ') !== undefined) community.last = line('id: ');
  if (line('event: ') === 'entry') community.entries.push(JSON.parse(line('data: ')));
}

// Sends the form until the server acknowledges it.
async function insist(url, form) {
  for (;;) {
    try {
      const answer = await post(url(), form);
      if (answer.status === 201 || answer.status === 200) return answer.body;
      if (answer.status !== 503) throw new Error(`refused with ${answer.status}`);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // fetch throws a TypeError if there is no answer.
    }
    await sleep(retryMs);
  }
}

// Waits until the probe returns something true.
async function until(probe) {
  while (!(await probe())) await sleep(retryMs);
}

// Whether the community's stream has brought its whole journal: the queue's cursor names the end.
async function hasAll(world, community) {
  const headers = { ...json, authorization: `Bearer ${community.token}` };
  const { cursor } = await (await fetch(`${world.origin}/staff`, { headers })).json();
  const end = cursor.split(',').reduce((sum, part) => sum + Number(part.split('.')[1] ?? 0), 0);
  return community.entries.length >= end;
}

async function aReport(world, nth) {
  const placard = world.placards[(nth * 7) % world.placards.length];
  const url = () => `${world.origin}/q/${placard.code}`;
  let blank;
  await until(async () => {
    blank = await fetch(url(), { headers: json }).then((answer) => answer.json()).catch(() => null);
    return blank;
  });
  const form = {
    key: blank.key, lang: 'zh', direction: nth % 3 ? 'return' : 'leave', region: '上海浦东',
    day: blank.days.find((day) => day.chosen).value, room: String(100 + nth), name: '示例居民',
    phone: `1380000${String(1000 + nth)}`, companions: String(nth % 4),
  };
  const receipt = await insist(url, form);
  world.receipts.push({ ...receipt, queue: placard.queue });
  if (nth % 3 === 0) {
    const again = await insist(url, form);
    if (again.number !== receipt.number) throw new Error(`${receipt.number} became ${again.number}`);
    world.doubled += 1;
  }
}

async function rowsOf(world, token) {
  const rows = [];
  for (let next = '/staff'; next;) {
    const response = await fetch(world.origin + next, { headers: { ...json, authorization: `Bearer ${token}` } });
    const page = await response.json();
    rows.push(...page.rows);
    next = page.next;
  }
  return rows;
}

async function check(world) {
  const wrong = [];
  const hold = (right, words) => { if (!right) wrong.push(words); };
  const numbers = new Set(world.receipts.map((receipt) => receipt.number));
  hold(world.receipts.length === reportsOfTheNight, `${world.receipts.length} acknowledged`);
  hold(numbers.size === reportsOfTheNight, `${numbers.size} receipt numbers`);
  const table = [];
  let inCommunities = 0;
  for (const community of world.communities) {
    const expected = world.receipts.filter((receipt) => receipt.queue === community.area).map((r) => r.number).sort();
    const rows = (await rowsOf(world, community.token)).map((row) => row.number).sort();
    const streamed = community.entries.map((entry) => entry.seq);
    hold(JSON.stringify(rows) === JSON.stringify(expected), `${community.area}: the queue is not what was acknowledged`);
    hold(streamed.every((seq, at) => seq === at + 1), `${community.area}: the stream has ${streamed}`);
    hold(streamed.length === expected.length, `${community.area}: ${streamed.length} stream entries`);
    inCommunities += rows.length;
    table.push({ community: community.area, acknowledged: expected.length, queue: rows.length, stream: streamed.length });
  }
  const headers = { ...json, authorization: `Bearer ${world.duty}` };
  const totals = await (await fetch(`${world.origin}/centre`, { headers })).json();
  const sum = totals.queues.reduce((all, queue) => all + queue.reports, 0);
  hold(totals.reports === reportsOfTheNight, `the centre counts ${totals.reports}`);
  hold(sum === totals.reports, `the queues add up to ${sum}`);
  hold(inCommunities + totals.unrouted === totals.reports, `${inCommunities} + ${totals.unrouted} unrouted`);
  console.table(table);
  console.log(`centre ${totals.reports} = communities ${inCommunities} + unrouted ${totals.unrouted}; `
    + `${world.doubled} sent twice, ${world.refused} bad codes refused, ${world.kills} kill -9`);
  return wrong;
}

async function night(folder) {
  const port = await freePort();
  let server = await start(binary, folder, port, true);
  const world = {
    origin: server.origin, placards: server.placards, receipts: [], doubled: 0, refused: 0, kills: 0,
    over: false, end: new AbortController(), communities: [],
  };
  try {
    for (const account of server.staff.filter((person) => person.role === 'community_lead')) {
      world.communities.push({ ...account, token: await signIn(server.origin, account), entries: [], last: '' });
    }
    world.duty = await signIn(server.origin, server.staff.find((person) => person.login === 'duty'));
    const streams = world.communities.map((community) => follow(world, community));
    await until(() => world.communities.every((community) => community.following));
    const sending = [];
    for (let nth = 0; nth < reportsOfTheNight; nth += 1) {
      sending.push(aReport(world, nth));
      if (nth === killAfter) {
        await stop(server, 'SIGKILL');
        world.kills += 1;
        server = await start(binary, folder, port, false);
      }
      await sleep(sendEveryMs);
    }
    for (const code of badCodes) {
      const response = await fetch(`${world.origin}/q/${code}`, { headers: json });
      if (response.status === 404) world.refused += 1;
    }
    await Promise.all(sending);
    for (const community of world.communities) await until(() => hasAll(world, community));
    if (control) world.receipts.pop();
    const wrong = await check(world);
    world.over = true;
    world.end.abort();
    await Promise.all(streams);
    return wrong;
  } finally {
    world.over = true;
    world.end.abort();
    await stop(server, 'SIGTERM');
  }
}

// A report or an entry that never comes would make the night endless.
setTimeout(() => { throw new Error('the night does not end'); }, nightMaxMs).unref();
const folder = await mkdtemp(path.join(tmpdir(), 'mashang-night-'));
try {
  const wrong = await night(folder);
  for (const words of wrong) console.error(`WRONG  ${words}`);
  const passed = control ? wrong.length > 0 : wrong.length === 0;
  console.log(`${control ? 'control' : 'first night'}: ${passed ? 'passed' : 'FAILED'}`);
  process.exitCode = passed ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
