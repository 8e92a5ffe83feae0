// @ts-check
// The last step of this page can be undone for a while: a step with one row, or with many.
import { one } from './dom.js';
import { phrase } from './queue-clock.js';

/**
 * The answer of the server to a step; status 0 if there was none.
 * @typedef {{ status: number, json: any }} Answer
 * @typedef {(path: string, body: object) => Promise<Answer>} Send
 * @typedef {(text: string, options?: { stays?: boolean }) => void} Say
 */

const requestsMax = 6; // A browser sends so many requests to one server at once.

export class Undo {
  /**
   * @param {object} options
   * @param {import('./queue-rows.js').Rows} options.rows
   * @param {import('./queue-clock.js').Words} options.words
   * @param {Send} options.send
   * @param {Say} options.say
   * @param {() => void} options.settled called after rows have changed
   * @param {HTMLElement} options.button
   * @param {number} options.forMs
   */
  constructor({ rows, words, send, say, settled, button, forMs }) {
    this.rows = rows;
    this.words = words;
    this.send = send;
    this.say = say;
    this.settled = settled;
    this.button = button;
    this.forMs = forMs;
    /** @type {HTMLElement[]} */
    this.items = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    button.addEventListener('click', () => this.take());
  }

  /**
   * Offers to undo a step. The server counts from the step, which is not before the request.
   * @param {HTMLElement[]} items
   * @param {string} text
   * @param {number} askedAt when the page sent the request
   */
  offer(items, text, askedAt) {
    // The step of the page before is no longer the last one.
    document.getElementById('done')?.remove();
    clearTimeout(this.timer);
    const left = askedAt + this.forMs - performance.now();
    this.show(left > 0 ? items : []);
    this.say(text);
    this.timer = setTimeout(() => this.show([]), Math.max(left, 0));
  }

  // The page shows another message, and the button would seem to belong to it.
  forget() {
    clearTimeout(this.timer);
    this.show([]);
  }

  /** @param {HTMLElement[]} items */
  show(items) {
    // A button that goes gives the focus to its row, not to the beginning of the page.
    if (this.button === document.activeElement && this.items[0]) one(this.items[0], 'a').focus({ preventScroll: true });
    this.items = items;
    this.button.hidden = items.length === 0;
  }

  // Undoes the last step, of this page or of the page before.
  async take() {
    if (!this.items.length) {
      const form = document.querySelector('#done form');
      if (form instanceof HTMLFormElement) form.requestSubmit();
      return;
    }
    const items = this.items;
    this.forget();
    const undone = await this.each(items);
    const failed = items.length - undone;
    if (items.length > 1) this.say(failed ? phrase(this.words.bulkUndone, undone, failed) : phrase(this.words.bulkAllUndone, undone));
    else this.say(failed ? `${number(items[0]).textContent} ${number(items[0]).dataset.why}` : this.words.undone);
    this.settled();
  }

  /**
   * @param {HTMLElement[]} items
   * @returns {Promise<number>} how many were undone
   */
  async each(items) {
    const waiting = [...items];
    let undone = 0;
    const worker = async () => {
      for (let item = waiting.shift(); item; item = waiting.shift()) {
        if (await this.one(item)) undone += 1;
      }
    };
    await Promise.all(Array.from({ length: requestsMax }, worker));
    return undone;
  }

  /**
   * Undoes the step of one row. A row that cannot be undone says why.
   * @param {HTMLElement} item
   */
  async one(item) {
    const { id, version } = item.dataset;
    const { status, json } = await this.send(`/staff/reports/${id}/undo`, { version: Number(version) });
    if (json?.row) this.rows.take(json.row);
    if (status === 200) return true;
    number(item).dataset.why = this.words.why[status === 404 || json?.code === 'illegal_move' ? 'too_late' : json?.code] ?? this.words.why.other;
    return false;
  }
}

/** @param {HTMLElement} item */
function number(item) { return one(item, '.no'); }
