// @ts-check
// Access to elements that a template always draws. A missing element is a mistake in the template.

/**
 * Returns the first match of `selector` in `parent`. Throws if there is none of this kind.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function one(parent, selector, kind) {
  const found = parent.querySelector(selector);
  if (found instanceof (kind ?? HTMLElement)) return /** @type {T} */ (found);
  throw new TypeError(`no ${selector} on this page`);
}

/**
 * Returns all matches of `selector` in `parent` that are of this kind.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {new () => T} [kind]
 * @returns {T[]}
 */
export function all(parent, selector, kind) {
  const found = [...parent.querySelectorAll(selector)];
  return /** @type {T[]} */ (found.filter((element) => element instanceof (kind ?? HTMLElement)));
}

/**
 * Returns the row of a list that holds the element.
 * @param {Element} element
 * @returns {HTMLElement}
 */
export function rowOf(element) {
  const row = element.closest('[data-id]');
  if (row instanceof HTMLElement) return row;
  throw new TypeError('the element is in no row');
}

/**
 * Returns what a form with one field says while nothing is chosen or written in it, and goes to the
 * field; empty where something is.
 * @param {HTMLFormElement} form
 */
export function owed(form) {
  const field = form.querySelector('[data-owed]');
  if (!(field instanceof HTMLSelectElement || field instanceof HTMLInputElement)) return '';
  if (!['', '0'].includes(field.value.trim())) return '';
  field.focus();
  return field.dataset.owed ?? '';
}
