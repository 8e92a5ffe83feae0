// @ts-check
// A link is followed only where the server answers: a browser without a line replaces the page by its
// own error page, and what the person has begun is gone.

// Asked in place of the link itself: it costs next to nothing, and no look is recorded for it.
const probe = '/static/icon.svg';
const patienceMs = 30_000;

async function isReached() {
  if (!navigator.onLine) return false;
  try {
    await fetch(probe, { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout?.(patienceMs) });
    return true;
  } catch { return false; }
}

/**
 * Returns the link that a click follows in this tab to another page of ours.
 * @param {MouseEvent} event
 */
function followed(event) {
  const link = event.target instanceof Element && event.target.closest('a[href]');
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || event.button) return undefined;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return undefined;
  if (link.target && link.target !== '_self' || link.hasAttribute('download') || link.origin !== location.origin) return undefined;
  const isHere = link.pathname === location.pathname && link.search === location.search;
  return isHere && link.hash ? undefined : link;
}

/**
 * Follows the links of this page that no other script follows.
 * @param {(words: string) => void} failed called without a line, with the words of the link or the number of its report
 */
export function followLinks(failed) {
  document.addEventListener('click', async (event) => {
    const link = followed(event);
    if (!link) return;
    event.preventDefault();
    link.classList.add('busy');
    const isOpen = await isReached();
    link.classList.remove('busy');
    if (isOpen) location.assign(link.href);
    else failed((link.querySelector('.no') ?? link).textContent?.trim().replace(/\s+/g, ' ') ?? '');
  });
}
