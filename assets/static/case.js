// A half-written reason outlives a reload, a refusal and a new sign-in. It ends with the tab, with
// another person at it, or when it was taken: then the history shows it.
const field = document.querySelector('[data-keep]');
const { case: report, person } = document.querySelector('[data-case]').dataset;
const mine = `mashang-reason-${person}-`;
const name = mine + report;

function keep(words) {
  try {
    if (words) sessionStorage.setItem(name, words);
    else sessionStorage.removeItem(name);
  } catch { /* forbidden: the page itself still holds the words */ }
}

function kept() {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith('mashang-reason-') && !key.startsWith(mine)) sessionStorage.removeItem(key);
    }
    return sessionStorage.getItem(name) ?? '';
  } catch { return ''; }
}

const words = kept();
const taken = [...document.querySelectorAll('.history q')].some((said) => said.textContent.trim() === words.trim());
if (taken) keep('');
if (field) {
  if (!field.value && words && !taken) {
    field.value = words;
    field.closest('details').open = true;
  }
  field.addEventListener('input', () => keep(field.value));
}
