// What people do on pages: a resident fills in the form, a member of staff signs in.
import { newPage } from './browser.mjs';

const ownPassword = 'a-password-of-my-own';

// Fills in the six fields of the form that is open.
export async function fillForm(tab, { region = '上海浦东', room = '1203', name = '王示例', phone = '138 0000 0000', direction = 'return' } = {}) {
  await tab.click(`label:has(input[value=${direction}])`);
  for (const [field, text] of Object.entries({ region, room, name, phone })) await tab.fill(`#${field}`, text);
}

// Sends the form that is open.
export const pressSend = (tab) => tab.click('#f button:not([type=button], [name])');

// Reports by the form of a placard; ends on the receipt.
export async function report(app, tab, { lang = 'zh', code = app.code, ...answers } = {}) {
  await tab.goto(`${app.origin}/q/${code}?lang=${lang}`);
  await fillForm(tab, answers);
  await pressSend(tab);
  await tab.waitForURL('**/s/*');
}

const account = (app, login) => app.staff.find((person) => person.login === login);

// Fills in the sign-in page that is open. The account must have a password of its own.
export async function fillSignIn(app, tab, login) {
  await tab.fill('#login', login);
  await tab.fill('#password', account(app, login).chosen ?? account(app, login).password);
  await tab.click('main button');
}

// Signs in by the pages; replaces the one-time password when the account still has it.
export async function signInByPage(app, tab, login) {
  await tab.goto(`${app.origin}/staff/sign-in`);
  await fillSignIn(app, tab, login);
  const person = account(app, login);
  if (!person.chosen) {
    await tab.waitForURL('**/staff/password');
    person.chosen = ownPassword;
    // The first password is not asked for again.
    await tab.fill('#new', person.chosen);
    await tab.click('main button');
  }
  await tab.waitForURL((url) => !/sign-in|password/.test(url.pathname));
}

// Signs in without a page: two requests whose cookies the page's profile keeps.
export async function signIn(app, tab, login) {
  const person = account(app, login);
  const post = async (path, form) => {
    const answer = await tab.context().request.post(`${app.origin}${path}`, { form, maxRedirects: 0 });
    if (answer.status() !== 303) throw new Error(`${path}: ${answer.status()}`);
  };
  await post('/staff/sign-in', { login, password: person.chosen ?? person.password });
  if (person.chosen) return;
  await post('/staff/password', { old: person.password, new: ownPassword });
  person.chosen = ownPassword;
}

// A page of a member of staff, signed in on a device of their own.
export async function openAs(app, { login = 'lead01', address = '/staff', ...options } = {}) {
  const tab = await newPage(options);
  await signIn(app, tab, login);
  await tab.goto(`${app.origin}${address}`);
  return tab;
}

// The rows of the queue on this page.
export const rows = (tab) => tab.locator('#rows li');

// Those of them that no member of staff has accepted. Accepted ones stand behind them.
export const waiting = (tab) => tab.locator('#rows li[data-status=waiting]');

// The button of this name.
export const button = (tab, name) => tab.getByRole('button', { name, exact: true });

// Takes a report that this page shows.
export async function accept(tab, id) {
  await button(tab.locator(`[data-id="${id}"]`), '签收').click();
  await tab.waitForSelector(`[data-id="${id}"][data-status=accepted]`);
}
