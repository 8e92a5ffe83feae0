// @ts-check
// Forms are sent by fetch: without an answer the page stays as it is, and says so. A browser that
// sends a form by itself replaces the page by its own error page.

const patienceMs = 30_000;

/**
 * A page as the server answered it.
 * @typedef {object} Answered
 * @property {string} address where the page lies, after redirects
 * @property {boolean} isElsewhere whether the server led to another page
 * @property {Document} page
 */

/**
 * Asks the server for a page. There is none when the network fails.
 * @param {string} address
 * @param {RequestInit} [options]
 * @returns {Promise<Answered | null>}
 */
export async function askPage(address, options = {}) {
  try {
    const signal = AbortSignal.timeout?.(patienceMs);
    const answer = await fetch(address, { ...options, headers: { accept: 'text/html' }, signal });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    return { address: answer.url, isElsewhere: answer.redirected, page };
  } catch { return null; }
}

/**
 * Sends the forms of this page that no other script sends. Where the server leads elsewhere, the
 * browser goes there, unless `elsewhere` says otherwise.
 * @param {object} handlers
 * @param {(button: string) => void} handlers.failed called without an answer, with the button's words
 * @param {(answered: Answered, form: HTMLFormElement) => void} handlers.answered called with a page that has no address of its own
 * @param {(answered: Answered, form: HTMLFormElement) => void} [handlers.elsewhere]
 */
export function sendForms({ failed, answered, elsewhere = ({ address }) => location.assign(address) }) {
  let isBusy = false;

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement | null} button
   */
  async function send(form, button) {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) body.append(name, String(value));
    const pressed = button instanceof HTMLButtonElement ? button : undefined;
    if (pressed?.name) body.append(pressed.name, pressed.value);
    isBusy = true;
    const answer = await askPage(pressed?.hasAttribute('formaction') ? pressed.formAction : form.action, { method: 'POST', body });
    isBusy = false;
    if (!answer) failed(pressed?.textContent?.trim() ?? '');
    else if (answer.isElsewhere) elsewhere(answer, form);
    else answered(answer, form);
  }

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.method !== 'post') return;
    event.preventDefault();
    if (!isBusy) send(form, event.submitter);
  });
  return { isBusy: () => isBusy };
}
