// @ts-check
// Restores where a person was on a list when a case leads back to it. The row of the case has left
// the list, so the row that stood below it takes its place.
const cases = '/staff/reports/';

/**
 * @param {string} list the address that cases lead back to
 */
export function restoreScroll(list) {
  const key = `place ${list}`;
  addEventListener('pagehide', () => sessionStorage.setItem(key, String(scrollY)));
  const from = document.referrer && new URL(document.referrer);
  if (!from || from.origin !== location.origin || !from.pathname.startsWith(cases)) return;
  // For the browser's own *back* the browser restores the position.
  const [entry] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
  if (entry?.type === 'navigate') scrollTo(0, Number(sessionStorage.getItem(key)));
}
