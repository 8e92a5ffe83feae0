// What was done last can be taken back for a while, counted from when the server said so; a clock
// that is wrong makes it no longer and no shorter. Then the offer goes by itself.
const offer = document.getElementById('done');
const [page] = performance.getEntriesByType('navigation');
const since = performance.now() - (page?.responseStart ?? 0);
setTimeout(() => offer.remove(), Math.max(0, Number(offer.dataset.left) - since));
