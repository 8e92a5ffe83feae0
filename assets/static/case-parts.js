// @ts-check
// What the page of a case and the case beside a list have in common: a half-written reason is kept in
// this tab, and a bar says what a colleague did.
import { all, one } from './dom.js';
import { phrase } from './queue-clock.js';

/**
 * The latest that is known of a report; its row is null when it has left this person's queues.
 * @typedef {{ version: number, row: import('./queue-rows.js').Row | null }} Latest
 */

/**
 * @param {string} key
 * @param {string} draft
 */
function keep(key, draft) {
  try {
    if (draft) sessionStorage.setItem(key, draft);
    else sessionStorage.removeItem(key);
  } catch { /* Storage is forbidden: only the page itself holds the draft. */ }
}

/**
 * Returns the draft of this case, and removes the drafts of other people.
 * @param {string} key
 * @param {string} prefix
 */
function readDraft(key, prefix) {
  try {
    for (const other of Object.keys(sessionStorage)) {
      if (other.startsWith('mashang-reason-') && !other.startsWith(prefix)) sessionStorage.removeItem(other);
    }
    return sessionStorage.getItem(key) ?? '';
  } catch { return ''; }
}

/**
 * Puts the draft into the field of the case that is shown. It is dropped when another person signs in,
 * or when the history of the case shows its text.
 * @param {ParentNode} root
 */
export function restoreDraft(root) {
  const { person, case: report } = one(root, '[data-case]').dataset;
  const field = root.querySelector('textarea[data-keep]');
  const prefix = `mashang-reason-${person}-`;
  const key = prefix + report;
  const draft = readDraft(key, prefix);
  const isStored = all(root, '.history q').some((reason) => reason.textContent?.trim() === draft.trim());
  if (isStored) keep(key, '');
  if (!(field instanceof HTMLTextAreaElement)) return;
  // What was typed while this script was still on its way is the draft.
  if (field.value) keep(key, field.value);
  else if (draft && !isStored) field.value = draft;
  field.addEventListener('input', () => keep(key, field.value));
}

/**
 * Says that the report is newer than the case that is shown, and how it is now.
 * @param {ParentNode} root
 * @param {Latest} latest
 */
export function tellNews(root, { version, row }) {
  const { version: shown, person } = one(root, '[data-case]').dataset;
  const bar = one(root, '#news');
  bar.hidden = version <= Number(shown);
  if (bar.hidden) return;
  const { words = '', moved, me } = bar.dataset;
  const owner = row && (row.owner_id === Number(person) ? me : row.owner);
  const state = row ? [row.status_words, row.outcome_words, owner].filter(Boolean).join(' · ') : moved;
  one(bar, 'span').textContent = phrase(words, state ?? '');
}
