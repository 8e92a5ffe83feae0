// @ts-check
// Fills in the account and the first password that a link brings in its fragment:
// /staff/sign-in#as=lead01&once=… A fragment is sent to no server and stands in no log; from the
// address bar and the history it is removed. Without this script the fields stay as they are.
import { one } from './dom.js';

function fillIn() {
  const link = new URLSearchParams(location.hash.slice(1));
  const login = link.get('as');
  const once = link.get('once');
  if (!login || !once) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  one(document, '#login', HTMLInputElement).value = login;
  one(document, '#password', HTMLInputElement).value = once;
  one(document, 'main button').focus();
}

fillIn();
// The page is open already when the next link is pasted.
addEventListener('hashchange', fillIn);
