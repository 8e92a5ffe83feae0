// @ts-check
// An event source with a watchdog. A browser reconnects after an error by itself, but it gives up
// after a refusal, and it does not notice a connection that has fallen silent.
const lostAfterMs = 2_000;
const retryMs = 5_000;
// Three heartbeats of the server.
const silentAfterMs = 15_000;

/**
 * `closed`: the server has ended the stream for good, because the sign-in has too many.
 * @typedef {'open' | 'lost' | 'closed'} State
 */

/**
 * Opens the stream and keeps it open for as long as the page lives, or until the server closes it.
 * @param {() => string} address called before each connection
 * @param {object} handlers
 * @param {Record<string, (data: any) => void>} handlers.on one function for each kind of event
 * @param {(now: State) => void} handlers.state called when the stream opens or is lost
 */
export function openEvents(address, { on, state }) {
  /** @type {EventSource | undefined} */
  let source;
  /** @typedef {ReturnType<typeof setTimeout> | undefined} Timer */
  let [lost, silent, retry] = /** @type {Timer[]} */ ([]);

  /** @type {Record<string, (data: any) => void>} */
  const handlers = { beat() {}, closed: stop, ...on };

  function restartWatchdog() {
    clearTimeout(silent);
    silent = setTimeout(() => { state('lost'); open(); }, silentAfterMs);
  }

  function onError() {
    lost ??= setTimeout(() => state('lost'), lostAfterMs);
    if (source?.readyState !== EventSource.CLOSED) return;
    clearTimeout(retry);
    retry = setTimeout(open, retryMs);
  }

  function onOpen() {
    clearTimeout(lost);
    lost = undefined;
    restartWatchdog();
    state('open');
  }

  function stop() {
    source?.close();
    for (const timer of [lost, silent, retry]) clearTimeout(timer);
    state('closed');
  }

  function open() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(address());
    restartWatchdog();
    source.addEventListener('open', onOpen);
    source.addEventListener('error', onError);
    for (const [name, take] of Object.entries(handlers)) {
      source.addEventListener(name, ({ data }) => { restartWatchdog(); take(JSON.parse(data)); });
    }
  }

  open();
}
