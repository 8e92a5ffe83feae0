// @ts-check
// Removes the offer to undo the last step when its time is over. The time counts from the server's
// answer, so a wrong clock of the device changes nothing.

/**
 * Removes the offer that the page shows, so long after the server's answer as the offer says.
 * @param {number} elapsedMs since the answer
 */
export function expire(elapsedMs) {
  const offer = document.querySelector('#done:has(form)');
  if (offer instanceof HTMLElement) setTimeout(() => offer.remove(), Math.max(0, Number(offer.dataset.left) - elapsedMs));
}

const [page] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
expire(performance.now() - (page?.responseStart ?? 0));
