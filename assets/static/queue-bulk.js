// @ts-check
// Many rows at once: the marks, one control for all of them, and a step with each marked row.
import { all, one, owed, rowOf } from './dom.js';
import { phrase } from './queue-clock.js';

/**
 * The result of a step with one row.
 * @typedef {{ id: string, done: boolean, code?: string, row?: import('./queue-rows.js').Row }} Result
 */

export class Bulk {
  /**
   * @param {object} options
   * @param {import('./queue-rows.js').Rows} options.rows
   * @param {import('./queue-clock.js').Words} options.words
   * @param {import('./queue-undo.js').Send} options.send
   * @param {import('./queue-undo.js').Say} options.say
   * @param {import('./queue-undo.js').Undo} options.undo
   * @param {() => void} options.settled called after rows have changed
   * @param {HTMLElement} options.bar
   * @param {HTMLInputElement} options.all
   * @param {HTMLElement} options.count
   */
  constructor({ rows, words, send, say, undo, settled, bar, all: box, count }) {
    this.rows = rows;
    this.words = words;
    this.send = send;
    this.say = say;
    this.undo = undo;
    this.settled = settled;
    this.bar = bar;
    this.box = box;
    this.count = count;
    this.drawing = 0;
    this.asked = Promise.resolve();
    rows.list.addEventListener('change', () => this.soon());
    box.addEventListener('change', () => this.markAll(box.checked));
    bar.addEventListener('click', ({ target }) => {
      if (target instanceof HTMLButtonElement && target.dataset.move) this.press(target.dataset);
    });
    // Steps that need a value have a form each, which opens above the others.
    bar.addEventListener('submit', (event) => {
      event.preventDefault();
      const form = event.target;
      if (!(form instanceof HTMLFormElement)) return;
      const missing = owed(form);
      if (missing) { this.say(missing); return; }
      const [[name, value]] = [...new FormData(form)];
      this.step({ step: form.dataset.move ?? '', [name]: name === 'reason' ? String(value) : Number(value) });
    });
    const [more, values] = [one(bar, '#bulk-more'), one(bar, '#bulk-values')];
    more.addEventListener('click', () => {
      values.hidden = !values.hidden;
      more.setAttribute('aria-expanded', String(!values.hidden));
    });
    this.draw(); // A browser may have restored marks before this script ran.
  }

  marks() { return all(this.rows.list, '.mark:checked', HTMLInputElement); }

  marked() { return this.marks().map(rowOf); }

  // Draws the bar once a frame, however many rows are marked in it.
  soon() { this.drawing ||= requestAnimationFrame(() => { this.drawing = 0; this.draw(); }); }

  // *All* includes neither rows that have left the view nor lines that stand for many reports.
  shown() { return all(this.rows.list, '[data-id]:not(.done, .flood) .mark', HTMLInputElement); }

  draw() {
    const n = this.marks().length;
    this.bar.hidden = n === 0;
    this.count.textContent = String(n);
    this.box.checked = n > 0 && this.shown().every((mark) => mark.checked);
    this.box.indeterminate = n > 0 && !this.box.checked;
  }

  /** @param {boolean} on */
  markAll(on) {
    for (const mark of on ? this.shown() : this.marks()) mark.checked = on;
    this.draw();
  }

  // Marks all rows, or none if all are marked.
  toggle() { this.markAll(!this.box.checked); }

  // Moves the focus to the steps that the bar offers.
  go() { if (!this.bar.hidden) one(this.bar, '.steps button').focus(); }

  /** @param {DOMStringMap} button */
  press({ move = '', outcome = '' }) {
    if (move === 'merge') this.merge();
    else this.step({ step: move, outcome });
  }

  // Merges all rows of the list into one.
  mergeAll() {
    this.markAll(true);
    this.merge();
  }

  // Merges the marked rows into one of them: into one that is in hand, otherwise into the first.
  merge() {
    const items = this.marked();
    const kept = items.find((item) => item.dataset.status !== 'waiting') ?? items[0];
    if (items.length < 2) { this.say(this.words.two); return; }
    one(kept, '.mark', HTMLInputElement).checked = false;
    this.step({ step: 'merge', same_as: kept.dataset.id ?? '' }, one(kept, '[data-f="number"]').textContent ?? '');
  }

  /**
   * Takes one step with each marked row. A refused row keeps its mark and says why. More rows than
   * one request may hold go in several requests. A request that fails leaves its rows marked and
   * does not end the others.
   * @param {{ step: string } & Record<string, string | number>} step
   * @param {string} [kept] the number of the report into which the others are merged
   */
  step(step, kept = '') {
    if (!this.bar.classList.contains('busy')) this.asked = this.make(step, kept);
  }

  /**
   * @param {{ step: string } & Record<string, string | number>} step
   * @param {string} kept
   */
  async make(step, kept) {
    const items = this.marked();
    const most = Number(this.bar.dataset.most);
    this.bar.classList.add('busy');
    this.say(phrase(this.words.working, items.length), { stays: true });
    const done = [];
    let askedAt = 0;
    for (let at = 0; at < items.length; at += most) {
      askedAt = performance.now();
      done.push(...await this.ask(items.slice(at, at + most), step));
      if (at + most < items.length) this.say(phrase(this.words.working, items.length - at - most), { stays: true });
    }
    this.bar.classList.remove('busy');
    const said = this.result(done.length, items.length - done.length, kept);
    if (done.length) this.undo.offer(done, said, askedAt);
    else this.say(said);
    if (this.bar.contains(document.activeElement)) one(items[0], 'a').focus({ preventScroll: true });
    this.draw();
    this.settled();
  }

  /**
   * Says how many rows the step was made with, and how many were refused if any was.
   * @param {number} done
   * @param {number} failed
   * @param {string} kept
   */
  result(done, failed, kept) {
    if (failed) return phrase(this.words.bulk, done, failed);
    return kept ? phrase(this.words.bulkMerged, done, kept) : phrase(this.words.bulkAll, done);
  }

  /**
   * Sends one request.
   * @param {HTMLElement[]} items
   * @param {{ step: string } & Record<string, string | number>} step
   * @returns {Promise<HTMLElement[]>} the rows that the server has changed
   */
  async ask(items, step) {
    const reports = items.map((item) => ({ id: item.dataset.id, version: Number(item.dataset.version) }));
    const { status, json } = await this.send('/staff/bulk', { ...step, reports });
    const results = /** @type {Result[]} */ (status === 200 ? json.results : []);
    const byId = new Map(results.map((result) => [result.id, result]));
    return items.filter((item) => this.settle(item, byId.get(item.dataset.id ?? ''), step.step));
  }

  /**
   * Draws the result of one row.
   * @param {HTMLElement} item
   * @param {Result | undefined} result
   * @param {string} step
   * @returns {boolean} whether the step is done
   */
  settle(item, result, step) {
    if (result?.row) this.rows.take(result.row);
    const isDone = result?.done ?? false;
    one(item, '.mark', HTMLInputElement).checked = !isDone;
    const number = one(item, '.no');
    if (isDone) delete number.dataset.why;
    else number.dataset.why = this.why(result, step);
    return isDone;
  }

  /**
   * Says in words why a step was not done. Of two who take a report, the later one reads who was faster.
   * @param {Result | undefined} result
   * @param {string} step
   */
  why(result, step) {
    const { why } = this.words;
    const { owner, status } = result?.row ?? {};
    if (step === 'accept' && owner && status === 'accepted') return phrase(why.taken, owner);
    const words = why[result?.code ?? 'other'] ?? why.other;
    return phrase(words, result?.row?.status_words ?? '', this.words.steps[step] ?? '');
  }
}
