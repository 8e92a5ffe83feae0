// One stream for all tabs of this browser. The tab that holds the lock reads it and passes every
// event on; when it closes, another one goes on from what it has seen itself.
const lostAfterMs = 2_000;
const retryMs = 5_000;

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

export function follow({ name, cursor, entry, again, missed, state }) {
  const seen = parse(cursor);
  const channel = globalThis.BroadcastChannel ? new BroadcastChannel(`mashang-queue-${name}`) : null;
  let source = null;
  let lost = 0;
  let leads = false;

  const say = (now) => { state(now); if (leads) channel?.postMessage({ state: now }); };

  function take(news) {
    const where = place(seen, news);
    // A poll has seen it, but only in what it listed: a row that has left the view stands here yet.
    if (where === 'old') return again(news);
    seen.set(news.queue, news.seq);
    if (where === 'gap') missed();
    entry(news, leads);
  }

  function gone() {
    if (!lost) lost = setTimeout(() => say('lost'), lostAfterMs);
    // A refusal closes the stream for good; a broken line is retried by the browser itself.
    if (source?.readyState === EventSource.CLOSED) setTimeout(read, retryMs);
  }

  function read() {
    source?.close();
    source = new EventSource(`/staff/stream?after=${encodeURIComponent(text(seen))}`);
    source.addEventListener('open', () => { clearTimeout(lost); lost = 0; say('open'); });
    source.addEventListener('error', gone);
    source.addEventListener('entry', (event) => {
      const news = JSON.parse(event.data);
      take(news);
      channel?.postMessage({ news });
    });
  }

  function lead() {
    leads = true;
    read();
    return new Promise(() => {}); // held until the tab is gone
  }

  channel?.addEventListener('message', ({ data }) => {
    if (data.news) take(data.news);
    else if (data.state && !leads) state(data.state);
    else if (data.joined !== undefined && leads) channel.postMessage({ at: text(seen) });
    else if (data.at !== undefined && !leads && data.at !== text(seen)) missed();
  });

  if (channel && navigator.locks) {
    navigator.locks.request(`mashang-queue-${name}`, lead);
    channel.postMessage({ joined: true });
  } else {
    lead();
  }

  // After a poll everything up to this cursor is on the page.
  return {
    caughtUp(at) { for (const [queue, seq] of parse(at)) if (seq > (seen.get(queue) ?? 0)) seen.set(queue, seq); },
    leads: () => leads,
  };
}
