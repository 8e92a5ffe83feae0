// @ts-check
// Adds a box that shows the password. Without this script the fields stay as they are.
import { all, one } from './dom.js';

const form = one(document, 'form[data-show]');
const fields = /** @type {HTMLInputElement[]} */ (all(form, '[type=password]'));
const label = document.createElement('label');
const box = document.createElement('input');
label.className = 'pref';
box.type = 'checkbox';
label.append(box, ` ${form.dataset.show}`);
box.addEventListener('change', () => {
  for (const field of fields) field.type = box.checked ? 'text' : 'password';
});
// A browser that remembers what was typed takes it for a password again.
form.addEventListener('submit', () => { for (const field of fields) field.type = 'password'; });
one(form, 'button').before(label);
