// @ts-check
// One stream for all tabs of this browser in one language. The tab that holds the lock reads it and
// passes each event on. When that tab closes, another one continues from what it has received.
import { openEvents } from './event-source.js';

/**
 * An entry of a queue's journal. `row` is null if the report went where this person sees nothing.
 * @typedef {object} Entry
 * @property {number} queue
 * @property {number} seq
 * @property {string} event
 * @property {string} report
 * @property {number} version
 * @property {import('./queue-rows.js').Row | null} row
 */

/** @typedef {import('./event-source.js').State} State */

/**
 * What the leading tab tells the others, or a tab that has just opened.
 * @typedef {object} Message
 * @property {true} [joined]
 * @property {string} [at] the cursor of the page of the leading tab
 * @property {State | ''} [state]
 * @property {Entry} [entry]
 * @property {true} [heartbeat]
 * @property {true} [reset]
 */

/**
 * Reads a cursor, "3.17,4.2": how far each queue was read.
 * @param {string} cursor
 * @returns {Map<number, number>}
 */
export function parse(cursor) {
  const parts = cursor.split(',').filter(Boolean).map((part) => part.split('.').map(Number));
  return new Map(parts.map(([queue, seq]) => [queue, seq]));
}

/** @param {Map<number, number>} seen */
export function text(seen) {
  return [...seen].map(([queue, seq]) => `${queue}.${seq}`).join(',');
}

/**
 * Returns whether the page has read the entry, comes to it next, or has missed one before it.
 * @param {Map<number, number>} seen
 * @param {{ queue: number, seq: number }} entry
 * @returns {'old' | 'next' | 'gap'}
 */
export function place(seen, { queue, seq }) {
  const last = seen.get(queue) ?? 0;
  if (seq <= last) return 'old';
  return seq === last + 1 ? 'next' : 'gap';
}

const silentAfterMs = 15_000;

/**
 * @param {object} options
 * @param {string} options.name the person for whom the page was drawn
 * @param {string} options.cursor the cursor of the page
 * @param {(entry: Entry) => void} options.entry
 * @param {() => void} options.missed called when the page must poll
 * @param {() => void} options.reset called when the server no longer has what the page has read
 * @param {(now: State) => void} options.state
 */
export function follow({ name, cursor, entry, missed, reset, state }) {
  // `seen` is what the page shows, from the stream or from a poll. `streamed` is what the stream
  // itself has brought. A poll shows only its view, so a reconnection continues from `streamed`.
  const [seen, streamed] = [parse(cursor), parse(cursor)];
  const lang = document.documentElement.lang.slice(0, 2);
  const own = `mashang-queue-${name}-${lang}`;
  const channel = globalThis.BroadcastChannel ? new BroadcastChannel(own) : null;
  let leads = false;
  /** @type {State | ''} */
  let now = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silent;
  /** @param {Message} message */
  const tell = (message) => channel?.postMessage(message);

  /**
   * An entry that a poll has covered is still taken: the poll lists one page and rings for nothing.
   * @param {Entry} news
   */
  function take(news) {
    if (news.seq <= (streamed.get(news.queue) ?? 0)) return;
    streamed.set(news.queue, news.seq);
    const where = place(seen, news);
    if (where !== 'old') seen.set(news.queue, news.seq);
    if (where === 'gap') missed();
    entry(news);
  }

  /** @param {State} to */
  function turn(to) {
    if (now === to) return;
    now = to;
    state(to);
  }

  function lead() {
    leads = true;
    clearTimeout(silent);
    // Numbers, full stops and commas need no escapes in an address.
    openEvents(() => `/staff/stream?after=${text(streamed)}&person=${name}&lang=${lang}`, {
      on: {
        entry(news) { take(news); tell({ entry: news }); },
        beat() { tell({ heartbeat: true }); },
        // The server's database went back to an earlier copy.
        reset() { tell({ reset: true }); reset(); },
      },
      state(to) { now = to; state(to); tell({ state: to }); },
    });
    return new Promise(() => {}); // The tab holds the lock until it closes.
  }

  // The leading tab says something every few seconds, unless the browser has put it to sleep.
  function restartWatchdog() {
    clearTimeout(silent);
    if (!leads) silent = setTimeout(() => turn('lost'), silentAfterMs);
  }

  /** @param {Message} message */
  function receive(message) {
    restartWatchdog();
    if (message.entry) take(message.entry);
    else if (message.reset) reset();
    if (message.at !== undefined && message.at !== text(seen)) missed();
    // A closed stream is silent, and its tab keeps the lead.
    if (message.state === 'closed') clearTimeout(silent);
    if (message.state) turn(message.state);
    else if (message.entry || message.heartbeat) turn('open');
  }

  channel?.addEventListener('message', (/** @type {MessageEvent<Message>} */ { data }) => {
    if (leads && data.joined) tell({ at: text(seen), state: now });
    if (!leads && !data.joined) receive(data);
  });

  if (channel && navigator.locks) {
    navigator.locks.request(own, lead);
    tell({ joined: true });
    restartWatchdog();
  } else {
    lead();
  }

  return {
    /**
     * After a poll the page shows everything up to this cursor.
     * @param {string} at
     */
    caughtUp(at) { for (const [queue, seq] of parse(at)) if (seq > (seen.get(queue) ?? 0)) seen.set(queue, seq); },
  };
}
