// Where somebody was on a list, for when a case leads back there. What they dealt with has gone, so
// that what stood below it is where it was.
const key = `place ${location.pathname}${location.search}`;
const cases = '/staff/reports/';

export function keepPlace() {
  addEventListener('pagehide', () => sessionStorage.setItem(key, String(scrollY)));
  const from = document.referrer && new URL(document.referrer);
  if (!from || from.origin !== location.origin || !from.pathname.startsWith(cases)) return;
  // Whoever goes back by the browser is where they were already.
  const [entry] = performance.getEntriesByType('navigation');
  if (entry?.type === 'navigate') scrollTo(0, Number(sessionStorage.getItem(key)));
}
