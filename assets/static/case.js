// @ts-check
// The page of a case. A half-written reason is kept in this tab: it survives a reload, a refusal and
// a new sign-in. The draft is dropped when another person signs in, or when the history of the case
// shows its text. The page follows the stream of its queues: when a colleague changes the report, a
// bar says what happened, and nothing else on the page changes before the person wants it.
import { restoreDraft, tellNews } from './case-parts.js';
import { all, one } from './dom.js';
import { expire } from './done.js';
import { followLinks } from './links.js';
import { phrase } from './queue-clock.js';
import { follow } from './queue-stream.js';
import { askPage, sendForms } from './send-form.js';

const pollMs = 15_000;
const messageMs = 6_000;

/** @param {string} id */
const $ = (id) => one(document, `#${id}`);
const shown = () => one(document, '[data-case]').dataset;
const { person = '', cursor = '' } = shown();
// ---- Steps.

/** @type {ReturnType<typeof setTimeout> | undefined} */
let messageTimer;
/** @param {string} button the words of the button that was pressed */
function sayFailed(button) {
  // One message at a time: what was done before is no longer the latest.
  document.getElementById('done')?.remove();
  const said = $('said');
  said.textContent = phrase(said.dataset.failed ?? '', button);
  said.hidden = false;
  clearTimeout(messageTimer);
  messageTimer = setTimeout(() => { said.hidden = true; }, messageMs);
}

/**
 * Draws a page of the server in place of this one.
 * @param {import('./send-form.js').Answered} answered
 */
function draw({ page, address }) {
  document.title = page.title;
  one(document, 'main').replaceWith(document.adoptNode(one(page, 'main')));
  history.replaceState(null, '', address);
  scrollTo(0, 0);
  if (!document.querySelector('[data-case]')) return; // The report has left, and a page says so.
  restoreDraft(document);
  expire(0);
  all(document, '[autofocus]')[0]?.focus();
  tell();
}

const forms = sendForms({ failed: (button) => { sayFailed(button); tell(); }, answered: draw });

document.addEventListener('click', async (event) => {
  const link = event.target instanceof Element && event.target.closest('#news a');
  if (!(link instanceof HTMLAnchorElement)) return;
  event.preventDefault();
  const answered = await askPage(link.href);
  if (answered) draw(answered);
  else sayFailed(link.textContent ?? '');
});

// After the link above, which stays on this page.
followLinks(sayFailed);

// ---- What others do.

/** @type {import('./case-parts.js').Latest | undefined} */
let latest;

/**
 * @param {number} version
 * @param {import('./queue-rows.js').Row | null} row
 */
function learn(version, row) {
  if (version < (latest?.version ?? 0)) return;
  latest = { version, row };
  tell();
}

// Says what a colleague did. What this person does is answered by a page of its own.
function tell() {
  if (!latest || forms.isBusy() || !document.querySelector('[data-case]')) return;
  tellNews(document, latest);
}

// Reads the report again, while the stream is not open or has left something out.
async function poll() {
  if (!document.querySelector('[data-case]')) return;
  const { case: report, version } = shown();
  const lang = document.documentElement.lang.slice(0, 2);
  const headers = { accept: 'application/json', 'x-drawn-for': person };
  const answer = await fetch(`/staff/reports/${report}?lang=${lang}`, { headers }).catch(() => null);
  if (answer?.status === 404) learn(Number(version) + 1, null);
  if (!answer?.ok) return;
  const { row } = await answer.json().catch(() => ({}));
  if (row) learn(row.version, row);
}

/** @type {ReturnType<typeof setInterval> | undefined} */
let polling;
restoreDraft(document);
follow({
  name: person,
  cursor,
  entry({ report, version, row }) { if (report === document.querySelector('[data-case]')?.getAttribute('data-case')) learn(version, row); },
  missed: poll,
  // The server is back at an earlier state, with which the page has nothing in common.
  reset() { location.reload(); },
  state(now) {
    const lost = document.getElementById('lost');
    if (lost) lost.hidden = now !== 'lost';
    clearInterval(polling);
    if (now === 'open') return;
    poll();
    polling = setInterval(poll, pollMs);
  },
});
