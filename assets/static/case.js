// A half-written reason outlives a reload, a refusal and a new sign-in; it ends with the tab, or
// when it was taken.
const field = document.querySelector('[data-keep]');
const name = `mashang-reason-${document.querySelector('[data-case]').dataset.case}`;

function keep(words) {
  try {
    if (words) sessionStorage.setItem(name, words);
    else sessionStorage.removeItem(name);
  } catch { /* forbidden: the page itself still holds the words */ }
}

function kept() {
  try { return sessionStorage.getItem(name) ?? ''; } catch { return ''; }
}

if (field) {
  if (!field.value && kept()) {
    field.value = kept();
    field.closest('details').open = true;
  }
  field.addEventListener('input', () => keep(field.value));
  field.form.addEventListener('submit', () => keep(''));
}
