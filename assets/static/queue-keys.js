// @ts-check
// The keyboard: j and k go down and up, x marks, * marks all, Enter opens, Escape closes what is open beside the list, a takes, e ends, z
// undoes, ? shows the keys in a dialog. Keys do nothing in a field, while pinyin is composed, and when the
// person has switched them off.
import { one } from './dom.js';

const storageKey = 'mashang-keys';

/** @param {KeyboardEvent} event */
function isWriting(event) {
  const { target } = event;
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return true;
  if (!(target instanceof HTMLElement)) return false;
  const isCheckbox = target instanceof HTMLInputElement && target.type === 'checkbox';
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !isCheckbox;
}

/** @param {KeyboardEvent} event */
function isOnControl({ target }) {
  return target instanceof Element && target.closest('a, button, summary') !== null;
}

/**
 * @param {Record<string, () => void>} actions by the name of the key
 * @param {HTMLInputElement} box switches the keys on and off
 */
export function listen(actions, box) {
  try { box.checked = localStorage.getItem(storageKey) !== 'off'; } catch { /* Storage is forbidden: the page decides. */ }
  box.addEventListener('change', () => {
    try { localStorage.setItem(storageKey, box.checked ? 'on' : 'off'); } catch { /* It holds for this page only. */ }
  });
  document.addEventListener('keydown', (event) => {
    if (!box.checked || isWriting(event) || document.querySelector('dialog[open]') || event.repeat && !'jk'.includes(event.key)) return;
    // Enter on a link or a button belongs to that link or button.
    if (event.key === 'Enter' && isOnControl(event)) return;
    const action = Object.hasOwn(actions, event.key) && actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/**
 * Returns the row that has the focus.
 * @param {HTMLElement[]} rows
 */
export function current(rows) {
  return rows.find((item) => item.contains(document.activeElement));
}

/**
 * Moves the focus down by one row, or up, and returns the row.
 * @param {HTMLElement[]} rows
 * @param {1 | -1} step
 * @param {HTMLElement} [from] the row where no row has the focus
 */
export function go(rows, step, from) {
  const item = current(rows) ?? from;
  const next = item ? rows[rows.indexOf(item) + step] : rows[step > 0 ? 0 : rows.length - 1];
  if (!next) return undefined;
  one(next, 'a').focus();
  next.scrollIntoView({ block: 'nearest' });
  return next;
}
