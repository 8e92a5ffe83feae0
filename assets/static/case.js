// A half-written reason outlives a reload, a refusal and a new sign-in; it ends with the tab, or
// when it was taken: whatever was taken has moved the report's version on.
const field = document.querySelector('[data-keep]');
const name = `mashang-reason-${document.querySelector('[data-case]').dataset.case}`;

function keep(kept) {
  try {
    if (kept.words) sessionStorage.setItem(name, JSON.stringify(kept));
    else sessionStorage.removeItem(name);
  } catch { /* forbidden: the page itself still holds the words */ }
}

function kept() {
  try { return JSON.parse(sessionStorage.getItem(name)) ?? {}; } catch { return {}; }
}

if (field) {
  const version = field.form.elements.version.value;
  const { words = '', sent } = kept();
  if (sent && sent !== version) keep({});
  else if (!field.value && words) {
    field.value = words;
    field.closest('details').open = true;
  }
  field.addEventListener('input', () => keep({ words: field.value }));
  field.form.addEventListener('submit', () => keep({ words: field.value, sent: version }));
}
