// @ts-check
// Shows the print button. Without scripts the browser's own menu prints.
const button = document.getElementById('print');
if (button) {
  button.hidden = false;
  button.addEventListener('click', () => globalThis.print());
}
