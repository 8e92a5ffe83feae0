// Printing from the page; without scripts the browser's own menu prints as well.
const button = document.getElementById('print');
if (button) {
  button.hidden = false;
  button.addEventListener('click', () => globalThis.print());
}
