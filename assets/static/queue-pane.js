// @ts-check
// The case beside the list, on a wide screen: the list is never left, and keeps its place. The
// address of the page names the open case, so that a reload shows the same. On a narrow screen, and
// without scripts, a row leads to the page of its case.
import { restoreDraft, tellNews } from './case-parts.js';
import { all, one } from './dom.js';
import { expire } from './done.js';
import { askPage } from './send-form.js';

const storageKey = 'mashang-beside';
const wide = matchMedia('(min-width: 1280px)');

export class Pane {
  /**
   * @param {object} options
   * @param {HTMLElement} options.pane
   * @param {import('./queue-rows.js').Rows} options.rows
   * @param {HTMLElement} options.dock
   * @param {HTMLInputElement} options.box switches the pane on and off
   * @param {(said: string) => void} options.failed called with the words of what had no answer
   * @param {() => void} options.said called when a message of the server takes the place of the page's own
   */
  constructor({ pane, rows, dock, box, failed, said }) {
    this.pane = pane;
    this.rows = rows;
    this.dock = dock;
    this.box = box;
    this.failed = failed;
    this.said = said;
    this.asked = 0;
    /** @type {HTMLElement | undefined} */
    this.item = undefined;
    /** @type {Map<string, import('./case-parts.js').Latest>} */
    this.latest = new Map();
    try { box.checked = localStorage.getItem(storageKey) !== 'off'; } catch { /* Storage is forbidden: the page decides. */ }
    box.addEventListener('change', () => {
      try { localStorage.setItem(storageKey, box.checked ? 'on' : 'off'); } catch { /* It holds for this page only. */ }
      if (!box.checked) this.close();
    });
    wide.addEventListener('change', () => { if (!wide.matches) this.close(); });
    rows.list.addEventListener('click', (event) => this.follow(event));
    pane.addEventListener('click', (event) => this.refresh(event));
  }

  get isUsed() { return this.box.checked && wide.matches; }

  get isOpen() { return !this.pane.hidden; }

  // Opens the case that the address names.
  resume() {
    const id = new URL(location.href).searchParams.get('case');
    const item = id && this.rows.find(id);
    if (item && this.isUsed) this.open(item);
  }

  /** @param {MouseEvent} event */
  follow(event) {
    const link = event.target instanceof Element && event.target.closest('a');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const item = link.closest('[data-id]');
    if (!(item instanceof HTMLElement) || item.matches('.flood') || !this.isUsed) return;
    event.preventDefault();
    // Who opens it again wants to go into it.
    if (this.isOpen && this.item === item) this.pane.focus();
    else this.open(item);
  }

  // The bar that tells of news, and the links from case to case.
  /** @param {MouseEvent} event */
  async refresh(event) {
    const link = event.target instanceof Element && event.target.closest('a[href^="/staff/reports/"]');
    if (!(link instanceof HTMLAnchorElement) || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await this.ask(link.href, link.textContent ?? '');
  }

  /**
   * Opens the case of a row.
   * @param {HTMLElement} item
   * @param {{ looks?: boolean, closes?: boolean }} [how] with the look that was just recorded; at the outcomes
   */
  async open(item, { looks = false, closes = false } = {}) {
    const address = new URL(one(item, 'a', HTMLAnchorElement).href);
    if (looks) address.searchParams.set('look', '1');
    this.select(item);
    await this.ask(address.href, one(item, '.no').textContent ?? '');
    if (closes && this.item === item) this.pane.querySelector('#close')?.querySelector('button')?.focus();
  }

  /**
   * Shows how the case of a row is after a step on the list, which says itself what was done.
   * @param {HTMLElement} item
   */
  async show(item) {
    const answered = await askPage(one(item, 'a', HTMLAnchorElement).href);
    if (answered && this.item === item && this.isOpen) this.fill(answered.page);
  }

  /**
   * @param {string} address
   * @param {string} words
   */
  async ask(address, words) {
    this.asked += 1;
    const nth = this.asked;
    const answered = await askPage(address);
    // Another row was opened meanwhile.
    if (nth !== this.asked) return;
    if (answered) this.draw(answered.page);
    else this.failed(words);
  }

  /**
   * Draws what the server answered to a step of the pane, or to the undoing of one: a case, or the
   * list where the case has ended; then the case is shown as it stands.
   * @param {Document} page
   */
  answered(page) {
    if (page.querySelector('[data-case]')) { this.draw(page); return; }
    this.adoptFlash(page);
    if (this.item) this.open(this.item);
  }

  /** @param {Document} page */
  draw(page) {
    this.adoptFlash(page);
    this.fill(page);
    this.pane.scrollTop = 0;
    all(this.pane, '[autofocus]')[0]?.focus();
  }

  /** @param {Document} page */
  fill(page) {
    const main = one(page, 'main');
    // The report has left this person's queues.
    if (!main.querySelector('[data-case]')) { this.close(); return; }
    const news = one(main, '#news');
    for (const part of all(main, '.dock, .back')) part.remove();
    this.pane.replaceChildren(document.adoptNode(news), ...[...main.childNodes].map((node) => document.adoptNode(node)));
    this.keepingPlace(() => { this.pane.hidden = false; document.body.classList.add('beside'); });
    restoreDraft(this.pane);
    this.tell();
  }

  /** @param {Document} page */
  adoptFlash(page) {
    const done = page.getElementById('done');
    if (!done) return;
    this.said();
    document.getElementById('done')?.remove();
    one(this.dock, '.toast').before(document.adoptNode(done));
    expire(0);
  }

  /** @param {HTMLElement | undefined} item */
  select(item) {
    if (this.item) one(this.item, 'a').removeAttribute('aria-current');
    this.item = item;
    if (item) one(item, 'a').setAttribute('aria-current', 'true');
    const address = new URL(location.href);
    if (item?.dataset.id) address.searchParams.set('case', item.dataset.id);
    else address.searchParams.delete('case');
    history.replaceState(history.state, '', address);
  }

  close() {
    const { item } = this;
    this.asked += 1;
    if (!this.isOpen) return;
    this.keepingPlace(() => { this.pane.hidden = true; document.body.classList.remove('beside'); });
    this.pane.replaceChildren();
    this.select(undefined);
    if (item) one(item, 'a').focus({ preventScroll: true });
  }

  /**
   * The rows get another height. The one that is looked at stays where it is on the screen.
   * @param {() => void} change
   */
  keepingPlace(change) {
    const top = () => this.item?.getBoundingClientRect().top ?? 0;
    const before = top();
    change();
    scrollBy(0, top() - before);
  }

  /**
   * Learns how a report is now.
   * @param {string} report
   * @param {import('./case-parts.js').Latest} latest
   */
  learn(report, latest) {
    if (report !== this.item?.dataset.id) return;
    this.latest = new Map([[report, latest]]);
    this.tell();
  }

  // Says what a colleague did. What this person does is answered by a page of its own.
  tell() {
    const shown = this.pane.querySelector('[data-case]')?.getAttribute('data-case');
    const latest = shown && this.latest.get(shown);
    if (latest) tellNews(this.pane, latest);
  }
}
