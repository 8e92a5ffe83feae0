// The wall: figures replaced in place whenever the totals change; grey when they stop.
import { line } from './event-source.js';
import { Notices } from './queue-notice.js';

const notices = new Notices({ name: 'centre', words: {}, quiet: () => false });
const silentAfterMs = 60_000;
const pollMs = 15_000;
let timer = 0;
let last = '';

const text = (selector, value) => { document.querySelector(selector).textContent = value; };
const hide = (id, hidden) => { document.getElementById(id).hidden = hidden; };

function cells(values) {
  return values.map((value) => Object.assign(document.createElement('td'), { textContent: value }));
}

// A row for a queue that was not there when the page was drawn, such as the first unrouted report.
// The page is not read again for it: a browser would then let nothing be heard until it is touched.
function addQueue(queue) {
  const rows = [...document.getElementById('queues').children];
  const row = document.createElement('tr');
  const unrouted = queue.unrouted ? ` · ${document.querySelector('#alarm span').textContent}` : '';
  row.append(Object.assign(document.createElement('th'), { scope: 'row', textContent: queue.name + unrouted }));
  row.dataset.queue = queue.id;
  const next = rows.find((other) => Number(other.dataset.queue) > queue.id);
  document.getElementById('queues').insertBefore(row, next ?? null);
  return row;
}

// An hour more with each that begins, and from one again with each day.
function drawHours(hours) {
  const list = document.getElementById('hours');
  while (list.children.length < hours.length) list.append(list.lastElementChild.cloneNode(true));
  while (list.children.length > hours.length) list.lastElementChild.remove();
  hours.forEach((hour, at) => {
    const item = list.children[at];
    item.querySelector('span').textContent = hour.hour;
    item.querySelector('progress').value = hour.bar;
    item.querySelector('b').textContent = hour.reports;
  });
}

function draw(totals) {
  const more = totals.red > Number(document.getElementById('red').textContent);
  text('#at', `${totals.day} ${totals.at}`);
  text('#reports', totals.reports);
  text('#persons', totals.persons);
  text('#unrouted', totals.unrouted);
  text('#red', totals.red);
  document.getElementById('red-alarm').classList.toggle('on', totals.red > 0);
  for (const figure of totals.escalated) text(`[data-escalated="${figure.code}"]`, figure.reports);
  document.getElementById('alarm').classList.toggle('on', totals.unrouted > 0);
  for (const figure of totals.directions) text(`[data-direction="${figure.code}"]`, figure.reports);
  for (const figure of totals.stages) text(`b[data-stage="${figure.code}"]`, figure.reports);
  for (const queue of totals.queues) {
    const row = document.querySelector(`[data-queue="${queue.id}"]`) ?? addQueue(queue);
    row.replaceChildren(row.firstElementChild, ...cells([...queue.stages, queue.reports]));
  }
  drawHours(totals.hours);
  // Last, so that no figure waits for a sound: one more that is red is heard at any hour.
  if (more) notices.red();
}

function alive() {
  document.body.classList.remove('stale');
  hide('lost', true);
  clearTimeout(timer);
  timer = setTimeout(() => {
    document.body.classList.add('stale');
    text('#stopped', last);
    hide('lost', false);
  }, silentAfterMs);
}

function take(totals) {
  last = totals.at;
  alive();
  draw(totals);
}

// While the stream is lost the figures are asked for; the answer also tells whether the sign-in holds.
async function poll() {
  const answer = await fetch('/centre', { headers: { accept: 'application/json' } }).catch(() => null);
  if (!answer) return;
  hide('signed-out', answer.status !== 401);
  if (answer.ok) take(await answer.json());
}

let polling = 0;
line(() => '/centre/stream', {
  on: { totals: take },
  state(now) {
    clearInterval(polling);
    if (now === 'open') { hide('signed-out', true); return; }
    poll();
    polling = setInterval(poll, pollMs);
  },
});
alive();
