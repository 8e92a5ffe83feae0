// One stream for all tabs of this browser in one language. The tab that holds the lock reads it and
// passes every event on; when it closes, another one goes on from what it has seen itself.
import { line } from './line.js';

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

export function follow({ name, cursor, entry, again, missed, reset, state }) {
  // What is on the page, by whatever way it came; and what of the history itself has come. A poll
  // shows only its view, so a line that was refused goes on from the second.
  const [seen, streamed] = [parse(cursor), parse(cursor)];
  const own = `mashang-queue-${name}-${document.documentElement.lang}`;
  const channel = globalThis.BroadcastChannel ? new BroadcastChannel(own) : null;
  let leads = false;

  function take(news) {
    streamed.set(news.queue, Math.max(news.seq, streamed.get(news.queue) ?? 0));
    const where = place(seen, news);
    // A poll has seen it, but only in what it listed: a row that has left the view stands here yet.
    if (where === 'old') return again(news);
    seen.set(news.queue, news.seq);
    if (where === 'gap') missed();
    entry(news);
  }

  function lead() {
    leads = true;
    const tell = (what) => channel?.postMessage(what);
    // Names and numbers parted by full stops and commas need no signs of an address's own.
    line(() => `/staff/stream?after=${text(streamed)}`, {
      on: {
        entry(news) { take(news); tell({ news }); },
        // What was read is no longer there, since the house went back to a copy of its database.
        reset() { tell({ reset: true }); reset(); },
      },
      state(now) { state(now); tell({ state: now }); },
    });
    return new Promise(() => {}); // held until the tab is gone
  }

  channel?.addEventListener('message', ({ data }) => {
    if (data.news) take(data.news);
    else if (data.reset) reset();
    else if (data.state && !leads) state(data.state);
    else if (data.joined !== undefined && leads) channel.postMessage({ at: text(seen) });
    else if (data.at !== undefined && !leads && data.at !== text(seen)) missed();
  });

  if (channel && navigator.locks) {
    navigator.locks.request(own, lead);
    channel.postMessage({ joined: true });
  } else {
    lead();
  }

  // After a poll everything up to this cursor is on the page.
  return {
    caughtUp(at) { for (const [queue, seq] of parse(at)) if (seq > (seen.get(queue) ?? 0)) seen.set(queue, seq); },
  };
}
