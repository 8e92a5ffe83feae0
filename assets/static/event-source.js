// A line to the house. A browser takes up a broken one by itself; but a refused one it gives up
// for good, and one that has fallen silent it never notices.
const lostAfterMs = 2_000;
const retryMs = 5_000;
// Three beats of the house.
const silentAfterMs = 15_000;

// `on` has what to do with each kind of event; `state` hears 'open' and 'lost'.
export function line(address, { on, state }) {
  let source = null;
  let [lost, silent, retry] = [0, 0, 0];

  function heard() {
    clearTimeout(silent);
    silent = setTimeout(() => { state('lost'); open(); }, silentAfterMs);
  }

  function gone() {
    lost ||= setTimeout(() => state('lost'), lostAfterMs);
    if (source.readyState !== EventSource.CLOSED) return;
    clearTimeout(retry);
    retry = setTimeout(open, retryMs);
  }

  function open() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(address());
    heard();
    source.addEventListener('open', () => { clearTimeout(lost); lost = 0; heard(); state('open'); });
    source.addEventListener('error', gone);
    for (const [name, take] of Object.entries({ beat() {}, ...on })) {
      source.addEventListener(name, ({ data }) => { heard(); take(JSON.parse(data)); });
    }
  }

  open();
}
