// The live queue: what arrives waits behind a pill, what others changed is updated where it
// stands, and nothing that somebody has begun is lost meanwhile.
import { Bulk } from './queue-bulk.js';
import { Countdown, draw, isQuiet } from './queue-clock.js';
import { current, go, listen } from './queue-keys.js';
import { Notices } from './queue-notice.js';
import { OwnRows } from './queue-own-rows.js';
import { restoreScroll } from './scroll-restore.js';
import { follow } from './queue-stream.js';
import { Undo } from './queue-undo.js';
import { Views } from './queue-views.js';

const countdownMs = 10_000;
const pollMs = 15_000;
const patienceMs = 30_000;
const saidMs = 6_000;
const announceMs = 10_000;
const heardMax = 1_000;

const $ = (id) => document.getElementById(id);
const list = $('rows');
const words = JSON.parse($('words').textContent);
const countdown = new Countdown(Number(list.dataset.now), words);
const views = new Views(list, countdown, () => (views.needsRows ? poll() : recount()));
const rows = new OwnRows(list, {
  pill: $('pill'), count: $('fresh'), template: $('row'), holds: (row) => views.holds(row),
});
const notices = new Notices({ name: 'queue', words, quiet: () => isQuiet(countdown.now(), list.dataset) });
rows.onChange = (n) => { notices.count(n); announce(); };
rows.onBrought = (items) => draw(items, countdown);

// However many rows change at once, their times are drawn once.
let drawing = 0;
function drawTimes() {
  drawing ||= requestAnimationFrame(() => { drawing = 0; draw(rows.all(), countdown); });
}
setInterval(drawTimes, countdownMs);
draw(rows.all(), countdown);
restoreScroll(views.isSearch ? '/staff/search' : list.dataset.here);

// What is said stays long enough to be read; what has to be answered, until something else is said.
let unsaying = 0;
function say(text, { stays = false } = {}) {
  clearTimeout(unsaying);
  $('said').textContent = text;
  $('said').hidden = !text;
  if (text && !stays) unsaying = setTimeout(() => say(''), Math.max(saidMs, Number(list.dataset.undo)));
}

// Whoever does not see the pill is told of it, and not of each report by itself.
let announcing = 0;
function announce() {
  announcing ||= setTimeout(() => {
    announcing = 0;
    const n = rows.arrived.size;
    $('announcement').textContent = n ? `${n} ${words.fresh}` : '';
  }, announceMs);
}

// ---- what others do

function take(news) {
  views.soon();
  if (!news.row) {
    if (news.version > rows.version(news.report)) rows.leave(news.report, words.moved);
    return;
  }
  const wasRed = rows.find(news.row.id)?.classList.contains('alert') ?? false;
  rows.take(news.row, { isNew: views.isTold && views.isNews(news.row, news.event) });
  ring(news, wasRed);
  drawTimes();
}

// Whatever view is shown: a report that has come in is news, by day for everybody; what is red at
// any hour and what was told up, on duty only.
// Each is heard once, whichever way it came: while the line is lost it is a poll that brings it.
const heard = new Set();
function ring({ event, row }, wasRed = false) {
  const onDuty = list.dataset.onDuty === 'true';
  const red = onDuty && Boolean(row.red);
  const came = row.received_ms >= views.drawnMs;
  const rings = { submitted: came, corrected: red && !wasRed, escalated: onDuty, arrived: !onDuty || row.unrouted };
  const what = event === 'submitted' ? row.id : `${row.id} ${event} ${row.version}`;
  if (!rings[event] || heard.has(what)) return;
  heard.add(what);
  if (heard.size > heardMax) heard.delete(heard.values().next().value);
  notices.arrived({ red });
}

// Every request says for whom and in which language this page was drawn: another tab may have
// chosen another one since, and somebody else may have signed in.
const lang = document.documentElement.lang.slice(0, 2);
const drawnFor = { accept: 'application/json', 'x-drawn-for': list.dataset.person };
const inOurs = (path) => `${path}${path.includes('?') ? '&' : '?'}lang=${lang}`;

const get = (path) => fetch(inOurs(path), { headers: drawnFor, signal: AbortSignal.timeout?.(patienceMs) }).catch(() => null);

async function recount() {
  const answer = await get(`/staff/counts${new URL(list.dataset.here, location.href).search}`);
  if (answer?.ok) views.draw((await answer.json()).views);
}

// Reads the whole view again. A telephone that was searched for stays out of the address.
async function poll() {
  const { status, json: view } = views.isSearch
    ? await send('/staff/search', { q: $('search').defaultValue })
    : await get(list.dataset.here).then(async (answer) => ({ status: answer?.status ?? 0, json: await answer?.json().catch(() => null) }));
  if (!status) return;
  $('signed-out').hidden = status !== 401;
  if (!view?.views) return;
  countdown.renew(view.now_ms);
  for (const row of view.rows) {
    const isNew = !views.isSearch && views.isNews(row);
    rows.take(row, { isNew });
    if (isNew) ring({ event: 'submitted', row });
  }
  views.draw(view.views);
  stream.caughtUp(view.cursor);
  drawTimes();
}

let polling = 0;
const stream = follow({
  name: list.dataset.person,
  cursor: list.dataset.cursor,
  entry: take,
  missed: poll,
  // The house is back at an earlier state, with nothing to compare what stands here with.
  reset() { location.reload(); },
  state(now) {
    $('lost').hidden = now === 'open';
    clearInterval(polling);
    if (now === 'open') { $('signed-out').hidden = true; return; }
    poll();
    polling = setInterval(poll, pollMs);
  },
});
document.addEventListener('visibilitychange', () => { if (!document.hidden && !$('lost').hidden) poll(); });

// ---- what this person does

async function send(path, body) {
  const answer = await fetch(inOurs(path), {
    method: 'POST',
    headers: { ...drawnFor, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout?.(patienceMs),
  }).catch(() => null);
  return { status: answer?.status ?? 0, json: await answer?.json().catch(() => null) };
}

// What was asked for last: whoever takes it back in the same breath waits for its answer first.
let asked = Promise.resolve();
function move(item, name, body) {
  asked = make(item, name, body);
  return asked;
}

const undo = new Undo({
  rows, words, send, say, settled: drawTimes, button: $('undo'), forMs: Number(list.dataset.undo),
});

// One move of one row. A stale one is answered with the row as it stands, which is then shown.
async function make(item, name, body = {}) {
  if (item.classList.contains('busy')) return;
  const askedAt = performance.now();
  item.classList.add('busy');
  const { status, json } = await send(`/staff/reports/${item.dataset.id}/${name}`,
    { version: Number(item.dataset.version), ...body });
  item.classList.remove('busy');
  // Its buttons go: whoever is on one goes on from the row.
  if (item.contains(document.activeElement)) item.querySelector('a').focus({ preventScroll: true });
  if (json?.row) rows.take(json.row);
  drawTimes();
  const number = item.querySelector('[data-f="number"]').textContent;
  if (status === 200) return undo.offer([item], `${number} ${json.said}`, askedAt);
  if (status === 401) $('signed-out').hidden = false;
  const said = (status === 409 ? words.changed : words.failed).replace('{}', number);
  undo.forget();
  say(json?.wanted ? `${said} ${both(json)}` : said, { stays: true });
}

// What was wanted, beside how the report stands.
function both({ wanted, row }) {
  const stands = [row.status_words, row.outcome_words, row.owner].filter(Boolean).join(' · ');
  return words.both.replace('{}', wanted.words).replace('{}', stands);
}

list.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('[data-move]')) return;
  event.preventDefault();
  move(form.closest('[data-id]'), form.dataset.move);
});

const bulk = new Bulk({
  rows, words, send, say, undo, settled: drawTimes, bar: $('bulk'), all: $('all'), count: $('marked'),
});

listen({
  j: () => go(rows.all(), 1),
  k: () => go(rows.all(), -1),
  x: () => current(rows.all())?.querySelector('.mark').click(),
  '*': () => bulk.toggle(),
  a: () => { const item = current(rows.all()); if (item?.dataset.status === 'waiting') move(item, 'accept'); },
  e: () => { const link = current(rows.all())?.querySelector('a'); if (link) location.assign(`${link.href}#close`); },
  Enter: () => current(rows.all())?.querySelector('a').click(),
  n: () => rows.bringIn(),
  b: () => bulk.go(),
  z: async () => { await Promise.all([asked, bulk.asked]); await undo.take(); },
  '/': () => $('search').focus(),
  '?': () => { $('help').toggleAttribute('open'); $('help').querySelector('summary').focus(); },
}, $('keys'));
