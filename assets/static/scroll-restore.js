// Where somebody was on a list, for when a case leads back there. What they dealt with has gone, so
// that what stood below it is where it was.
const cases = '/staff/reports/';

// `list` is the address by which cases lead back, however somebody came here.
export function restoreScroll(list) {
  const key = `place ${list}`;
  addEventListener('pagehide', () => sessionStorage.setItem(key, String(scrollY)));
  const from = document.referrer && new URL(document.referrer);
  if (!from || from.origin !== location.origin || !from.pathname.startsWith(cases)) return;
  // Whoever goes back by the browser is where they were already.
  const [entry] = performance.getEntriesByType('navigation');
  if (entry?.type === 'navigate') scrollTo(0, Number(sessionStorage.getItem(key)));
}
