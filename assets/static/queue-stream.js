// One stream for all tabs of this browser in one language. The tab that holds the lock reads it and
// passes every event on; when it closes, another one goes on from what it has seen itself.
import { line } from './event-source.js';

// "3.17,4.2": how far each queue was read.
export function parse(cursor) {
  return new Map(cursor.split(',').filter(Boolean).map((part) => part.split('.').map(Number)));
}

export function text(seen) {
  return [...seen].map(([queue, seq]) => `${queue}.${seq}`).join(',');
}

// Whether an entry is news to somebody who has read so far: 'next', 'old', or 'gap' where
// something in between was missed.
export function place(seen, { queue, seq }) {
  const last = seen.get(queue) ?? 0;
  if (seq <= last) return 'old';
  return seq === last + 1 ? 'next' : 'gap';
}

const silentAfterMs = 15_000;

export function follow({ name, cursor, entry, missed, reset, state }) {
  // What is on the page, by whatever way it came; and what of the history itself has come. A poll
  // shows only its view, so a line that was refused goes on from the second.
  const [seen, streamed] = [parse(cursor), parse(cursor)];
  const lang = document.documentElement.lang.slice(0, 2);
  const own = `mashang-queue-${name}-${lang}`;
  const channel = globalThis.BroadcastChannel ? new BroadcastChannel(own) : null;
  let leads = false;
  let now = '';
  let silent = 0;

  // What a poll has seen already may have been beyond what it listed, and was heard by nobody.
  function take(news) {
    if (news.seq <= (streamed.get(news.queue) ?? 0)) return;
    streamed.set(news.queue, news.seq);
    const where = place(seen, news);
    if (where !== 'old') seen.set(news.queue, news.seq);
    if (where === 'gap') missed();
    entry(news);
  }

  function turn(to) {
    if (now === to) return;
    now = to;
    state(to);
  }

  function lead() {
    leads = true;
    clearTimeout(silent);
    const tell = (what) => channel?.postMessage(what);
    // Names and numbers parted by full stops and commas need no signs of an address's own.
    line(() => `/staff/stream?after=${text(streamed)}&person=${name}&lang=${lang}`, {
      on: {
        entry(news) { take(news); tell({ news }); },
        beat() { tell({ beat: true }); },
        // What was read is no longer there, since the house went back to a copy of its database.
        reset() { tell({ reset: true }); reset(); },
      },
      state(to) { now = to; state(to); tell({ state: to }); },
    });
    return new Promise(() => {}); // held until the tab is gone
  }

  // The tab that leads says something every few seconds; a browser may have put it to sleep.
  function heard() {
    clearTimeout(silent);
    if (!leads) silent = setTimeout(() => turn('lost'), silentAfterMs);
  }

  channel?.addEventListener('message', ({ data }) => {
    if (leads) {
      if (data.joined) channel.postMessage({ at: text(seen), state: now });
      return;
    }
    if (data.joined) return;
    heard();
    if (data.news) take(data.news);
    else if (data.reset) reset();
    if (data.at !== undefined && data.at !== text(seen)) missed();
    if (data.state) turn(data.state);
    else if (data.news || data.beat) turn('open');
  });

  if (channel && navigator.locks) {
    navigator.locks.request(own, lead);
    channel.postMessage({ joined: true });
    heard();
  } else {
    lead();
  }

  // After a poll everything up to this cursor is on the page.
  return {
    caughtUp(at) { for (const [queue, seq] of parse(at)) if (seq > (seen.get(queue) ?? 0)) seen.set(queue, seq); },
  };
}
