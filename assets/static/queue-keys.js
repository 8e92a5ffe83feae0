// The keyboard: j and k go down and up, x marks, * marks all, Enter opens, a takes, e ends, z undoes, ? tells. Silent
// while somebody writes or composes pinyin, and where it was switched off.
const storageKey = 'mashang-keys';

function isWriting(event) {
  const { target } = event;
  return event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey
    || target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== 'checkbox';
}

export function listen(actions, box) {
  try { box.checked = localStorage.getItem(storageKey) !== 'off'; } catch { /* forbidden: as the page says */ }
  box.addEventListener('change', () => {
    try { localStorage.setItem(storageKey, box.checked ? 'on' : 'off'); } catch { /* for this page only */ }
  });
  document.addEventListener('keydown', (event) => {
    if (!box.checked || isWriting(event) || event.repeat && !'jk'.includes(event.key)) return;
    // Enter on a link or a button is for that link or button.
    if (event.key === 'Enter' && event.target.closest('a, button, summary')) return;
    const action = Object.hasOwn(actions, event.key) && actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

// The row that the focus is in, and the way up and down from it.
export function current(rows) {
  return rows.find((item) => item.contains(document.activeElement));
}

export function go(rows, step) {
  const at = rows.indexOf(current(rows));
  const next = at < 0 ? rows[step > 0 ? 0 : rows.length - 1] : rows[at + step];
  next?.querySelector('a').focus();
  next?.scrollIntoView({ block: 'nearest' });
}
