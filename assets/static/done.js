// @ts-check
// Removes the offer to undo the last step when its time is over. The time counts from the server's
// answer, so a wrong clock of the device changes nothing.
import { one } from './dom.js';

const offer = one(document, '#done');
const [page] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
const elapsedMs = performance.now() - (page?.responseStart ?? 0);
setTimeout(() => offer.remove(), Math.max(0, Number(offer.dataset.left) - elapsedMs));
