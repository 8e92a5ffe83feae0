// @ts-check
// The case beside the list, on a wide screen: the list is never left, and keeps its place. The
// address of the page names the open case, so that a reload shows the same, and the browser's *back*
// closes it. On a narrow screen, and without scripts, a row leads to the page of its case.
import { restoreDraft, tellNews } from './case-parts.js';
import { all, one } from './dom.js';
import { expire } from './done.js';
import { askPage } from './send-form.js';

const storageKey = 'mashang-beside';
const wide = matchMedia('(min-width: 1280px)');

/** @param {ParentNode} root */
const caseOf = (root) => root.querySelector('[data-case]')?.getAttribute('data-case') ?? undefined;
const named = () => new URL(location.href).searchParams.get('case') ?? undefined;

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
    this.body = one(pane, '.body');
    this.rows = rows;
    this.dock = dock;
    this.box = box;
    this.failed = failed;
    this.said = said;
    this.asked = 0;
    /** @type {string | undefined} the report that is shown, and the one that the server was asked for last */
    this.report = this.wanted = undefined;
    /** @type {HTMLElement | undefined} its row, where the list has one */
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
    one(pane, '.shut').addEventListener('click', () => this.close());
    addEventListener('popstate', () => {
      this.resume();
      // Once the browser has left the place alone, it keeps it again for other pages.
      setTimeout(() => { history.scrollRestoration = 'auto'; });
    });
  }

  get isUsed() { return this.box.checked && wide.matches; }

  get isOpen() { return !this.pane.hidden; }

  // Shows what the address says: a case, or none.
  resume() {
    const report = named();
    if (!report || !this.isUsed) this.shut();
    else if (report !== this.report) this.open(report);
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
    else this.open(item.dataset.id ?? '');
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
   * Opens the case of a report.
   * @param {string} report
   * @param {{ looks?: boolean, closes?: boolean }} [how] with the look that was just recorded; at the outcomes
   */
  async open(report, { looks = false, closes = false } = {}) {
    const number = this.rows.find(report)?.querySelector('.no')?.textContent;
    await this.ask(`${this.addressOf(report)}${looks ? '&look=1' : ''}`, number ?? this.pane.getAttribute('aria-label') ?? '');
    if (closes && this.report === report) this.toOutcomes();
  }

  toOutcomes() { this.body.querySelector('#close')?.querySelector('button')?.focus(); }

  /** @param {string} report */
  addressOf(report) {
    const back = new URLSearchParams(this.rows.list.dataset.back);
    return `/staff/reports/${encodeURIComponent(report)}?${back}`;
  }

  /**
   * Shows how the case of a row is after a step on the list, which says itself what was done.
   * @param {HTMLElement} item
   */
  async show(item) {
    const answered = await askPage(this.addressOf(item.dataset.id ?? ''));
    if (answered && this.item === item && this.isOpen) this.fill(answered.page);
  }

  /**
   * @param {string} address
   * @param {string} words
   */
  async ask(address, words) {
    this.asked += 1;
    const nth = this.asked;
    this.wanted = new URL(address, location.href).pathname.split('/').pop();
    const answered = await askPage(address);
    // Another row was opened meanwhile.
    if (nth !== this.asked) return;
    if (answered) this.draw(answered.page);
    else this.failed(words);
  }

  // Takes the report that is shown, where the list has no row of it.
  accept() {
    const button = this.body.querySelector('button[formaction*="/accept"]');
    if (button instanceof HTMLButtonElement) button.click();
  }

  /**
   * Whether a page is that of the case that is shown.
   * @param {Document} page
   */
  shows(page) { return this.report !== undefined && caseOf(page) === this.report; }

  /**
   * Draws what the server answered to a step of the pane, or to the undoing of one. Where that is
   * another case, or the list because the case has ended, the case of the pane is shown as it stands.
   * @param {Document} page
   */
  answered(page) {
    if (this.shows(page)) { this.draw(page); return; }
    this.adoptFlash(page);
    if (this.report) this.open(this.report);
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
    const report = caseOf(main);
    if (!report) { this.close(); return; }
    const news = one(main, '#news');
    for (const part of all(main, '.dock, .back')) part.remove();
    // What had the focus goes: the keys stay with the case, and not with the row before.
    const hadFocus = this.body.contains(document.activeElement);
    this.select(report);
    this.body.replaceChildren(document.adoptNode(news), ...[...main.childNodes].map((node) => document.adoptNode(node)));
    if (hadFocus) this.pane.focus({ preventScroll: true });
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

  /**
   * Mark, keys and address follow the case that is shown.
   * @param {string | undefined} report
   */
  select(report) {
    if (this.item) one(this.item, 'a').removeAttribute('aria-current');
    const item = report && this.rows.find(report);
    this.report = report;
    // A line that stands for many reports is none of them.
    this.item = item && !item.matches('.flood') ? item : undefined;
    if (this.item) one(this.item, 'a').setAttribute('aria-current', 'true');
    if (report && report !== named()) this.address(report);
  }

  /**
   * The first case is a step of the history, so that *back* leads to the list; those after it take its place.
   * @param {string} report
   */
  address(report) {
    const address = new URL(location.href);
    address.searchParams.set('case', report);
    if (named()) { history.replaceState(history.state, '', address); return; }
    // On the way back the page itself keeps the place.
    history.scrollRestoration = 'manual';
    history.pushState({ beside: true }, '', address);
    history.scrollRestoration = 'auto';
  }

  // Closes as *back* does, where the list comes before the case in the history.
  close() {
    this.shut();
    const address = new URL(location.href);
    if (!address.searchParams.has('case')) return;
    address.searchParams.delete('case');
    if (history.state?.beside) history.back();
    else history.replaceState(history.state, '', address);
  }

  shut() {
    const { item } = this;
    this.asked += 1;
    if (!this.isOpen) return;
    this.keepingPlace(() => { this.pane.hidden = true; document.body.classList.remove('beside'); });
    this.body.replaceChildren();
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
    if (report !== this.report && report !== this.wanted) return;
    this.latest = new Map([[report, latest]]);
    this.tell();
  }

  // Says what a colleague did. What this person does is answered by a page of its own.
  tell() {
    const latest = this.report && this.latest.get(this.report);
    if (latest) tellNews(this.pane, latest);
  }
}
