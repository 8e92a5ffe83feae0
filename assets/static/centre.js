// @ts-check
// The command centre's figures. The script replaces them in place when the totals change, and greys
// them when no totals arrive.
import { one } from './dom.js';
import { openEvents } from './event-source.js';
import { Notices } from './queue-notice.js';

/**
 * @typedef {{ code: string, reports: number }} Figure
 * @typedef {{ id: number, name: string, unrouted: boolean, reports: number, stages: number[] }} QueueFigures
 * @typedef {{ hour: number, reports: number, bar: number }} HourFigure
 * @typedef {object} Totals
 * @property {string} day
 * @property {string} at
 * @property {number} reports
 * @property {number} persons
 * @property {number} unrouted
 * @property {number} red
 * @property {Figure[]} escalated
 * @property {Figure[]} directions
 * @property {Figure[]} stages
 * @property {QueueFigures[]} queues
 * @property {HourFigure[]} hours
 */

const notices = new Notices({ name: 'centre', words: { notice: '', red: '' }, quiet: () => false });
const silentAfterMs = 60_000;
const pollMs = 15_000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let staleTimer;
let lastAt = '';

/**
 * @param {string} selector
 * @param {string | number} value
 */
const text = (selector, value) => { one(document, selector).textContent = String(value); };
/**
 * @param {string} id
 * @param {boolean} hidden
 */
const hide = (id, hidden) => { one(document, `#${id}`).hidden = hidden; };

/** @param {number[]} values */
function cells(values) {
  return values.map((value) => Object.assign(document.createElement('td'), { textContent: String(value) }));
}

/**
 * Adds a row for a queue that the page does not have yet, such as the first unrouted report. The
 * script does not reload the page: a browser plays no sound on a new page until someone touches it.
 * @param {QueueFigures} queue
 */
function addQueue(queue) {
  const table = one(document, '#queues');
  const row = document.createElement('tr');
  const unrouted = queue.unrouted ? ` · ${one(document, '#alarm span').textContent}` : '';
  row.append(Object.assign(document.createElement('th'), { scope: 'row', textContent: queue.name + unrouted }));
  row.dataset.queue = String(queue.id);
  const rows = /** @type {HTMLElement[]} */ ([...table.children]);
  const next = rows.find((other) => Number(other.dataset.queue) > queue.id);
  table.insertBefore(row, next ?? null);
  return row;
}

/**
 * The list grows by one with each hour, and starts at one again with each day.
 * @param {HourFigure[]} hours
 */
function drawHours(hours) {
  const list = one(document, '#hours');
  while (list.children.length < hours.length) list.append(/** @type {Element} */ (list.lastElementChild).cloneNode(true));
  while (list.children.length > hours.length) list.lastElementChild?.remove();
  hours.forEach((hour, at) => {
    const item = list.children[at];
    one(item, 'span').textContent = String(hour.hour);
    one(item, 'progress', HTMLProgressElement).value = hour.bar;
    one(item, 'b').textContent = String(hour.reports);
  });
}

/**
 * Reports without a direction are rare. Their card shows only when there are some.
 * @param {Figure} figure
 */
function drawDirection(figure) {
  const selector = `[data-direction="${figure.code}"]`;
  text(selector, figure.reports);
  const card = /** @type {HTMLElement} */ (one(document, selector).parentElement);
  card.hidden = figure.code === 'unsaid' && figure.reports === 0;
}

/** @param {QueueFigures} queue */
function drawQueue(queue) {
  const row = document.querySelector(`[data-queue="${queue.id}"]`) ?? addQueue(queue);
  row.replaceChildren(one(row, 'th'), ...cells([...queue.stages, queue.reports]));
}

/** @param {Totals} totals */
function draw(totals) {
  const isMoreRed = totals.red > Number(one(document, '#red').textContent);
  text('#at', `${totals.day} ${totals.at}`);
  text('#reports', totals.reports);
  text('#persons', totals.persons);
  text('#unrouted', totals.unrouted);
  text('#red', totals.red);
  one(document, '#red-alarm').classList.toggle('on', totals.red > 0);
  for (const figure of totals.escalated) text(`[data-escalated="${figure.code}"]`, figure.reports);
  one(document, '#alarm').classList.toggle('on', totals.unrouted > 0);
  for (const figure of totals.directions) drawDirection(figure);
  for (const figure of totals.stages) text(`b[data-stage="${figure.code}"]`, figure.reports);
  for (const queue of totals.queues) drawQueue(queue);
  drawHours(totals.hours);
  // The sound comes last, so that no figure waits for it. One more red report rings at any hour.
  if (isMoreRed) notices.red();
}

// Totals have arrived: the figures are current. They turn grey if no more arrive for a minute.
function markCurrent() {
  document.body.classList.remove('stale');
  hide('lost', true);
  clearTimeout(staleTimer);
  staleTimer = setTimeout(() => {
    document.body.classList.add('stale');
    text('#stopped', lastAt);
    hide('lost', false);
  }, silentAfterMs);
}

/** @param {Totals} totals */
function take(totals) {
  lastAt = totals.at;
  markCurrent();
  draw(totals);
}

// While the stream is lost, the page polls. The answer also shows whether the sign-in is valid.
async function poll() {
  const answer = await fetch('/centre', { headers: { accept: 'application/json' } }).catch(() => null);
  if (!answer) return;
  hide('signed-out', answer.status !== 401);
  if (answer.ok) take(await answer.json());
}

/** @type {ReturnType<typeof setInterval> | undefined} */
let polling;
openEvents(() => '/centre/stream', {
  on: { totals: take },
  state(now) {
    hide('closed', now !== 'closed');
    clearInterval(polling);
    if (now === 'open') { hide('signed-out', true); return; }
    poll();
    polling = setInterval(poll, pollMs);
  },
});
markCurrent();
