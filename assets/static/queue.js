// @ts-check
// The live queue. New reports wait behind a pill, and a report that a colleague changes is updated
// where it stands. What the person has begun on the page stays as it is.
import { one, owed, rowOf } from './dom.js';
import { followLinks } from './links.js';
import { Bulk } from './queue-bulk.js';
import { Countdown, draw, isQuiet, phrase } from './queue-clock.js';
import { current, go, listen } from './queue-keys.js';
import { Notices } from './queue-notice.js';
import { Pane } from './queue-pane.js';
import { OwnRows } from './queue-own-rows.js';
import { follow } from './queue-stream.js';
import { Undo } from './queue-undo.js';
import { Views } from './queue-views.js';
import { restoreScroll } from './scroll-restore.js';
import { sendForms } from './send-form.js';

/** @typedef {import('./queue-rows.js').Row} Row */
/** @typedef {import('./queue-undo.js').Answer} Answer */

const countdownMs = 10_000;
const pollMs = 15_000;
const patienceMs = 30_000;
const messageMs = 6_000;
const announceMs = 10_000;
const heardMax = 1_000;

/** @param {string} id */
const $ = (id) => one(document, `#${id}`);
const list = $('rows');
const { person = '', here = '', cursor = '', onDuty } = list.dataset;
const undoMs = Number(list.dataset.undo);
/** @type {import('./queue-clock.js').Words} */
const words = JSON.parse($('words').textContent ?? '');
const countdown = new Countdown(Number(list.dataset.now), words);
const views = new Views(list, countdown, () => (views.needsRows ? poll() : recount()));
const rows = new OwnRows(list, {
  pill: $('pill'), count: $('fresh'), template: one(document, '#row', HTMLTemplateElement), holds: (row) => views.holds(row),
});

// Read at each call: the quiet hours of an open page may change.
function quietHours() {
  const { offsetMinutes, dayStarts = '', dayEnds = '', offDays = '' } = list.dataset;
  return { offsetMinutes: Number(offsetMinutes), dayStarts, dayEnds, offDays };
}
const notices = new Notices({ name: 'queue', words, quiet: () => isQuiet(countdown.now(), quietHours()) });
rows.onChange = (n) => { notices.count(n); announce(); };
rows.onBrought = (items) => draw(items, countdown);

// Draws the times once a frame, however many rows change in it.
let drawing = 0;
function drawTimes() {
  drawing ||= requestAnimationFrame(() => { drawing = 0; draw(rows.all(), countdown); });
}
setInterval(drawTimes, countdownMs);
draw(rows.all(), countdown);
restoreScroll(views.isSearch ? '/staff/search' : here);

/**
 * A message stays long enough to be read. One that needs an answer stays until the next message.
 * @type {ReturnType<typeof setTimeout> | undefined}
 */
let messageTimer;
/** @type {import('./queue-undo.js').Say} */
function say(text, { stays = false } = {}) {
  clearTimeout(messageTimer);
  // One message at a time.
  if (text) document.getElementById('done')?.remove();
  $('said').textContent = text;
  $('said').hidden = !text;
  if (text && !stays) messageTimer = setTimeout(() => say(''), Math.max(messageMs, undoMs));
}

/**
 * Tells a screen reader what the pill shows: the number, and not each report.
 * @type {ReturnType<typeof setTimeout> | undefined}
 */
let announcing;
function announce() {
  announcing ??= setTimeout(() => {
    announcing = undefined;
    const n = rows.arrived.size;
    $('announcement').textContent = n ? `${n} ${words.fresh}` : '';
  }, announceMs);
}

// The rows end above what is docked to the bottom of the screen, however high that is.
new ResizeObserver(([{ target }]) => {
  document.documentElement.style.setProperty('--dock', `${target.clientHeight}px`);
}).observe(one(document, '.dock'));
addEventListener('beforeprint', () => {
  const { offsetMinutes } = quietHours();
  $('printed').textContent = new Date(countdown.now() + offsetMinutes * 60_000).toISOString().slice(0, 16).replace('T', ' ');
});

// ---- What others do.

/** @param {import('./queue-stream.js').Entry} entry */
function take({ report, version, event, row }) {
  views.soon();
  if (!row) {
    pane.learn(report, { version, row });
    if (version > rows.version(report)) rows.leave(report, words.moved);
    return;
  }
  const wasRed = rows.find(row.id)?.classList.contains('alert') ?? false;
  pane.learn(report, { version, row });
  rows.take(row, { isNew: views.isTold && views.isNews(row, event) });
  ring(event, row, wasRed);
  drawTimes();
}

/**
 * Rings in any view. A report that has come in rings by day. On duty, a red report rings at any
 * hour, and so does an escalation. Each rings once, whether the stream or a poll brings it.
 * @type {Set<string>}
 */
const heard = new Set();
/**
 * @param {string} event
 * @param {Row} row
 */
function ring(event, row, wasRed = false) {
  const isOnDuty = onDuty === 'true';
  const red = isOnDuty && Boolean(row.red);
  /** @type {Record<string, boolean>} */
  const rings = {
    submitted: row.received_ms >= views.drawnMs,
    corrected: red && !wasRed,
    escalated: isOnDuty,
    arrived: !isOnDuty || row.unrouted,
  };
  const what = event === 'submitted' ? row.id : `${row.id} ${event} ${row.version}`;
  if (!rings[event] || heard.has(what)) return;
  heard.add(what);
  const [oldest] = heard;
  if (heard.size > heardMax) heard.delete(oldest);
  notices.arrived({ red });
}

// Each request says for whom and in which language the page was drawn. Another tab may have changed
// the language since, and another person may have signed in.
const lang = document.documentElement.lang.slice(0, 2);
const drawnFor = { accept: 'application/json', 'x-drawn-for': person };
/** @param {string} path */
const inOurs = (path) => `${path}${path.includes('?') ? '&' : '?'}lang=${lang}`;

/**
 * Sends a request. There is no answer when the network fails.
 * @param {string} path
 * @param {RequestInit} options
 * @returns {Promise<Answer>}
 */
async function request(path, options) {
  const signal = AbortSignal.timeout?.(patienceMs);
  const answer = await fetch(inOurs(path), { ...options, signal }).catch(() => null);
  return { status: answer?.status ?? 0, json: await answer?.json().catch(() => null) };
}

/** @param {string} path */
const get = (path) => request(path, { headers: drawnFor });

/**
 * @param {string} path
 * @param {object} body
 */
const send = (path, body) => request(path, {
  method: 'POST', headers: { ...drawnFor, 'content-type': 'application/json' }, body: JSON.stringify(body),
});

async function recount() {
  const { json } = await get(`/staff/counts${new URL(here, location.href).search}`);
  if (json?.views) views.draw(json.views);
}

// Reads the whole view again. A telephone number that the person searches for stays out of the
// address.
async function poll() {
  const { status, json: view } = views.isSearch
    ? await send('/staff/search', { q: one(document, '#search', HTMLInputElement).defaultValue })
    : await get(`${here}&fold=1`);
  if (!status) return;
  $('signed-out').hidden = status !== 401;
  if (!view?.views) return;
  countdown.renew(view.now_ms);
  for (const row of view.rows) {
    const isNew = !views.isSearch && views.isNews(row);
    rows.take(row, { isNew, isListed: true });
    if (isNew) ring('submitted', row);
  }
  rows.endLines(view.rows);
  views.draw(view.views);
  stream.caughtUp(view.cursor);
  drawTimes();
}

/** @type {ReturnType<typeof setInterval> | undefined} */
let polling;
const stream = follow({
  name: person,
  cursor,
  entry: take,
  missed: poll,
  // The server is back at an earlier state, with which the page has nothing in common.
  reset() { location.reload(); },
  state(now) {
    $('lost').hidden = now !== 'lost';
    $('closed').hidden = now !== 'closed';
    clearInterval(polling);
    if (now === 'open') { $('signed-out').hidden = true; return; }
    poll();
    polling = setInterval(poll, pollMs);
  },
});
document.addEventListener('visibilitychange', () => { if (!document.hidden && !($('lost').hidden && $('closed').hidden)) poll(); });

// ---- What this person does.

/**
 * The last step. An undo that comes right after it waits for its answer.
 * @type {Promise<void>}
 */
let asked = Promise.resolve();
/**
 * @param {HTMLElement} item
 * @param {string} name
 * @param {{ to?: number }} [target]
 */
function move(item, name, target) {
  asked = make(item, name, target);
  return asked;
}

const undo = new Undo({
  rows, words, send, say, settled: drawTimes, button: $('undo'), forMs: undoMs,
});

/**
 * Takes one step with one row. The server answers a stale step with the row as it is now.
 * @param {HTMLElement} item
 * @param {string} name
 * @param {{ to?: number }} [target]
 */
async function make(item, name, target) {
  if (item.classList.contains('busy')) return;
  const askedAt = performance.now();
  item.classList.add('busy');
  const { status, json } = await send(`/staff/reports/${item.dataset.id}/${name}`, { version: Number(item.dataset.version), ...target });
  item.classList.remove('busy');
  // The buttons of the row go. The focus moves from them to the row.
  if (item.contains(document.activeElement)) one(item, 'a').focus({ preventScroll: true });
  if (json?.row) rows.take(json.row);
  drawTimes();
  const number = one(item, '[data-f="number"]').textContent ?? '';
  if (status === 200 && name === 'call') {
    // The look is recorded: the case shows the telephone at once.
    if (pane.isUsed) { await pane.open(item.dataset.id ?? '', { looks: true }); return; }
    const address = new URL(one(item, 'a', HTMLAnchorElement).href);
    address.searchParams.set('look', '1');
    location.assign(address);
    return;
  }
  if (status === 200) {
    undo.offer([item], `${number} ${json.said}`, askedAt);
    if (pane.item === item) pane.show(item);
    return;
  }
  if (status === 401) $('signed-out').hidden = false;
  const said = phrase(status === 409 ? words.changed : words.failed, number);
  undo.forget();
  say(json?.wanted ? `${said} ${both(json)}` : said, { stays: true });
}

/**
 * Says what the person wanted, and how the report is now.
 * @param {{ wanted: { words: string }, row: Row }} answer
 */
function both({ wanted, row }) {
  const state = [row.status_words, row.outcome_words, row.owner].filter(Boolean).join(' · ');
  return phrase(words.both, wanted.words, state);
}

list.addEventListener('submit', (event) => {
  const form = event.target;
  const name = form instanceof HTMLFormElement && (form.dataset.move ?? form.dataset.go);
  if (!name) return;
  event.preventDefault();
  const missing = owed(form);
  if (missing) { say(missing); return; }
  const to = new FormData(form).get('to');
  move(rowOf(form), name, to === null ? {} : { to: Number(to) });
});

const pane = new Pane({
  pane: $('pane'), rows, dock: one(document, '.dock'), box: one(document, '#beside', HTMLInputElement), failed: sayFailed,
  said() { undo.forget(); say(''); },
});
pane.resume();

/** @param {string} what */
function sayFailed(what) { say(phrase(words.failed, what), { stays: true }); }

followLinks(sayFailed);

/** @param {HTMLFormElement} form */
const isBeside = (form) => pane.isOpen && form.closest('#pane, #done') !== null;
sendForms({
  failed: sayFailed,
  // A refused step has a page of its own. Where there is room it is shown, otherwise its first words.
  answered({ page }, form) {
    if (isBeside(form)) pane.answered(page);
    if (!isBeside(form) || !pane.shows(page)) say((page.querySelector('[role=alert] p') ?? one(page, 'h1')).textContent ?? '', { stays: true });
  },
  elsewhere({ page, address }, form) {
    if (isBeside(form)) pane.answered(page);
    else location.assign(address);
  },
});

const bulk = new Bulk({
  rows, words, send, say, undo, settled: drawTimes, bar: $('bulk'), all: one(document, '#all', HTMLInputElement), count: $('marked'),
});

const mergeAll = document.getElementById('merge-all');
if (mergeAll) {
  mergeAll.hidden = false;
  mergeAll.addEventListener('click', () => bulk.mergeAll());
}

/**
 * Goes to the next row, or to the one before; beside the list its case follows.
 * @param {1 | -1} step
 */
function goBy(step) {
  const item = go(rows.all(), step, pane.item);
  if (item && pane.isOpen && !item.matches('.flood')) pane.open(item.dataset.id ?? '');
}

/**
 * Does something with the row that has the focus, or whose case is open beside the list.
 * @param {(item: HTMLElement) => void} act
 */
function withCurrent(act) {
  const item = current(rows.all()) ?? pane.item;
  if (item) act(item);
}

/**
 * The same, unless the row stands for many reports: a step is for one.
 * @param {(item: HTMLElement) => void} act
 */
function withReport(act) { withCurrent((item) => { if (!item.matches('.flood')) act(item); }); }

// Whether the case beside the list has no row in it, so that its own buttons take the keys.
const isAlone = () => pane.isOpen && !pane.item && !current(rows.all());

listen({
  j: () => goBy(1),
  k: () => goBy(-1),
  Escape: () => pane.close(),
  x: () => withReport((item) => one(item, '.mark').click()),
  '*': () => bulk.toggle(),
  a: () => (isAlone() ? pane.accept() : withReport((item) => { if (item.dataset.status === 'waiting') move(item, 'accept'); })),
  e: () => (isAlone() ? pane.toOutcomes() : withReport((item) => {
    if (pane.isUsed) pane.open(item.dataset.id ?? '', { closes: true });
    else location.assign(`${one(item, 'a', HTMLAnchorElement).href}#close`);
  })),
  Enter: () => withCurrent((item) => one(item, 'a').click()),
  n: () => rows.bringIn(),
  b: () => bulk.go(),
  z: async () => { await Promise.all([asked, bulk.asked]); await undo.take(); },
  '/': () => $('search').focus(),
  '?': () => one(document, '#keys-help', HTMLDialogElement).showModal(),
}, one(document, '#keys', HTMLInputElement));
