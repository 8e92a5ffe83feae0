// The wall: figures replaced in place whenever the totals change; grey when they stop.
import { line } from './line.js';
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

function draw(totals) {
  text('#at', `${totals.day} ${totals.at}`);
  text('#reports', totals.reports);
  text('#persons', totals.persons);
  text('#unrouted', totals.unrouted);
  // One more that is red is heard at any hour, where somebody asked for it.
  if (totals.red > Number(document.getElementById('red').textContent) && notices.wants('red-sound')) notices.ring();
  text('#red', totals.red);
  document.getElementById('red-alarm').classList.toggle('on', totals.red > 0);
  for (const figure of totals.escalated) text(`[data-told="${figure.code}"]`, figure.reports);
  document.getElementById('alarm').classList.toggle('on', totals.unrouted > 0);
  for (const figure of totals.directions) text(`[data-direction="${figure.code}"]`, figure.reports);
  for (const figure of totals.stages) text(`b[data-stage="${figure.code}"]`, figure.reports);
  for (const queue of totals.queues) {
    const row = document.querySelector(`[data-queue="${queue.id}"]`);
    // A queue that was not there when the page was drawn, such as the first unrouted report.
    if (!row) { location.reload(); return; }
    row.replaceChildren(row.firstElementChild, ...cells([...queue.stages, queue.reports]));
  }
  const hours = document.getElementById('hours');
  if (hours.children.length !== totals.hours.length) { location.reload(); return; }
  totals.hours.forEach((hour, at) => {
    hours.children[at].querySelector('progress').value = hour.bar;
    hours.children[at].querySelector('b').textContent = hour.reports;
  });
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
