// @ts-check
// Keeps a half-written reason in this tab: it survives a reload, a refusal and a new sign-in. The
// draft is dropped when another person signs in, or when the history of the case shows its text.
import { all, one } from './dom.js';

const field = document.querySelector('textarea[data-keep]');
const { case: report = '', person = '' } = one(document, '[data-case]').dataset;
const prefix = `mashang-reason-${person}-`;
const key = prefix + report;

/** @param {string} draft */
function keep(draft) {
  try {
    if (draft) sessionStorage.setItem(key, draft);
    else sessionStorage.removeItem(key);
  } catch { /* Storage is forbidden: only the page itself holds the draft. */ }
}

// Returns the draft of this case, and removes the drafts of other people.
function readDraft() {
  try {
    for (const other of Object.keys(sessionStorage)) {
      if (other.startsWith('mashang-reason-') && !other.startsWith(prefix)) sessionStorage.removeItem(other);
    }
    return sessionStorage.getItem(key) ?? '';
  } catch { return ''; }
}

const draft = readDraft();
const isStored = all(document, '.history q').some((reason) => reason.textContent?.trim() === draft.trim());
if (isStored) keep('');
if (field instanceof HTMLTextAreaElement) {
  // What was typed while this script was still on its way is the draft.
  if (field.value) keep(field.value);
  else if (draft && !isStored) field.value = draft;
  field.addEventListener('input', () => keep(field.value));
}
