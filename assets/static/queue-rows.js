// @ts-check
// Rows never move by themselves. New rows wait behind the pill. A row that changes is updated where
// it stands, found by its id and compared by its version.
import { all, one } from './dom.js';

/**
 * A report as a row of the list. The server sends more fields; these are the ones that scripts name.
 * @typedef {object} Row
 * @property {string} id
 * @property {number} version
 * @property {string} status
 * @property {string} status_words
 * @property {string} outcome_words
 * @property {number} queue_id
 * @property {number | null} building_id
 * @property {boolean} unrouted
 * @property {string} direction
 * @property {boolean} unreadable
 * @property {boolean} incomplete
 * @property {number} received_ms
 * @property {boolean} closed
 * @property {number} closed_ms
 * @property {number | null} owner_id
 * @property {string} owner
 * @property {string} contact_due_at
 * @property {number} due_ms
 * @property {number} given_ms
 * @property {string} escalated_to
 * @property {string} red
 * @property {string} caller equal for the reports of one telephone in one queue
 * @property {number} flood how many reports the line stands for; 0 for the report alone
 * @property {string} flood_address
 */

/**
 * A row that waits behind the pill. Above the limit only its version is kept.
 * @typedef {Row | { id?: undefined, version: number, escalated_to: string }} Waiting
 */

// So many rows are kept behind the pill. If there are more, the pill reloads the page.
const keptMax = 1_000;

export class Rows {
  /**
   * @param {HTMLElement} list
   * @param {object} parts
   * @param {HTMLElement} parts.pill
   * @param {HTMLElement} parts.count
   * @param {HTMLTemplateElement} parts.template
   * @param {(row: Row) => boolean} parts.holds whether a row belongs to the view that is shown
   */
  constructor(list, { pill, count, template, holds }) {
    this.list = list;
    this.pill = pill;
    this.counter = count;
    this.template = template;
    this.holds = holds;
    /** @type {Map<string, Waiting>} */
    this.arrived = new Map();
    /** @type {((n: number) => void) | undefined} */
    this.onChange = undefined;
    /** @type {((items: HTMLElement[]) => void) | undefined} */
    this.onBrought = undefined;
    pill.addEventListener('click', (event) => { event.preventDefault(); this.bringIn(); });
  }

  /**
   * @param {string} id
   * @returns {HTMLElement | null}
   */
  find(id) { return this.list.querySelector(`[data-id="${id}"]`); }

  /**
   * The version that the page shows or keeps; 0 for a report that the page does not have.
   * @param {string} id
   */
  version(id) { return Number(this.find(id)?.dataset.version ?? this.arrived.get(id)?.version ?? 0); }

  all() { return all(this.list, '[data-id]'); }

  /**
   * Takes a row as the server has it now. A row that leaves the view stays where it stands, greyed,
   * until the page is loaded again.
   * @param {Row} row
   * @param {object} [how]
   * @param {boolean} [how.isNew]
   * @param {boolean} [how.isListed] whether the view lists the row so: an entry of the stream does not know that its row belongs to a line
   * @returns {boolean} whether anything is new
   */
  take(row, { isNew = false, isListed = false } = {}) {
    const line = this.lineOf(row);
    if (line) return isListed && this.redraw(line, row);
    const item = this.find(row.id);
    if (item) return this.update(item, row);
    const waiting = this.arrived.get(row.id);
    if (!waiting && (!isNew || !this.holds(row))) return false;
    if (waiting && !this.isNewer(row, waiting.version, waiting.escalated_to)) return false;
    const { version, escalated_to } = row;
    const kept = waiting?.id || this.arrived.size < keptMax ? row : { version, escalated_to };
    if (this.holds(row)) this.arrived.set(row.id, kept);
    else this.arrived.delete(row.id);
    this.announce();
    return !waiting;
  }

  /**
   * The line that stands for all reports of the telephone.
   * @param {Row} row
   * @returns {HTMLElement | null}
   */
  lineOf(row) { return row.caller ? this.list.querySelector(`.flood[data-caller="${row.caller}"]`) : null; }

  /**
   * Draws a line again when it stands for more reports or fewer, or shows another one of them.
   * @param {HTMLElement} line
   * @param {Row} row
   */
  redraw(line, row) {
    const { id, version, flood = '' } = line.dataset;
    if (id === row.id && version === String(row.version) && flood === String(row.flood)) return false;
    this.fill(line, row);
    return true;
  }

  /**
   * Lines of which the view lists nothing any more are over.
   * @param {Row[]} listed
   */
  endLines(listed) {
    const callers = new Set(listed.map((row) => row.caller));
    for (const line of all(this.list, '.flood')) line.classList.toggle('done', !callers.has(line.dataset.caller ?? ''));
  }

  /**
   * @param {HTMLElement} item
   * @param {Row} row
   */
  update(item, row) {
    if (!this.isNewer(row, Number(item.dataset.version), item.dataset.escalated)) return false;
    this.settle(item);
    this.fill(item, row);
    // Two classes for one animation: it restarts without a layout, which many rows would each need.
    const again = item.classList.contains('changed');
    item.classList.toggle('changed', !again);
    item.classList.toggle('again', again);
    return true;
  }

  /**
   * An escalated report keeps its version, so that no colleague's step becomes stale.
   * @param {Row} row
   * @param {number} version
   * @param {string | undefined} escalated
   */
  isNewer(row, version, escalated) {
    return row.version > version || row.version === version && row.escalated_to !== escalated;
  }

  /**
   * Keeps the height of the row: buttons that go leave their place, and none come where none were.
   * @param {HTMLElement} item
   */
  settle(item) {
    if (item.dataset.status === 'waiting') item.classList.add('hold');
    else if (!item.classList.contains('hold')) item.classList.add('still');
  }

  /**
   * Draws the row. Each part of it names the field that it shows.
   * @param {HTMLElement} item
   * @param {Row} row
   */
  fill(item, row) {
    Object.assign(item.dataset, {
      id: row.id, caller: row.caller, flood: row.flood, version: row.version, status: row.status, due: row.due_ms, given: row.given_ms, escalated: row.escalated_to,
    });
    item.classList.toggle('done', !this.holds(row));
    item.classList.toggle('alert', Boolean(row.red));
    item.classList.toggle('flood', row.flood > 0);
    one(item, '.mark', HTMLInputElement).disabled = row.flood > 0;
    item.toggleAttribute('data-unreadable', row.unreadable);
    one(item, '.flag').hidden = !row.red;
    const fields = /** @type {Record<string, any>} */ (row);
    for (const part of all(item, '[data-f]')) {
      const value = fields[part.dataset.f ?? ''];
      if (typeof value === 'boolean') part.hidden = !value;
      else part.textContent = value ?? '';
    }
    one(item, '.no').id = `no-${row.id}`;
    for (const part of all(item, '.mark, button')) part.setAttribute('aria-describedby', `no-${row.id}`);
    one(item, '.status').dataset.status = row.status;
    one(item, 'a', HTMLAnchorElement).href = row.flood_address || `/staff/reports/${row.id}`;
    for (const form of all(item, 'form', HTMLFormElement)) {
      form.action = `/staff/reports/${row.id}/${form.dataset.move ?? form.dataset.go}`;
      one(form, '[name=version]', HTMLInputElement).value = String(row.version);
    }
  }

  /**
   * The report went to a queue that this person does not see.
   * @param {string} id
   * @param {string} words
   */
  leave(id, words) {
    this.arrived.delete(id);
    this.announce();
    const item = this.find(id);
    if (!item) return;
    this.settle(item);
    item.dataset.status = 'moved';
    item.classList.add('done');
    const status = one(item, '.status');
    status.dataset.status = 'moved';
    status.textContent = words;
  }

  announce() {
    this.counter.textContent = String(this.arrived.size);
    this.pill.hidden = this.arrived.size === 0;
    this.onChange?.(this.arrived.size);
  }

  /** @param {Row} row */
  building(row) { return this.list.dataset.sort === 'building' ? row.building_id ?? 0 : 0; }

  /**
   * Puts rows into the order of the view.
   * @param {Row[]} rows in the order in which they came
   */
  order(rows) {
    if (this.list.dataset.sort === 'newest') return rows.reverse();
    return rows.sort((a, b) => this.building(a) - this.building(b) || a.due_ms - b.due_ms);
  }

  /** @param {Row} row */
  create(row) {
    const item = /** @type {HTMLElement} */ (this.template.content.firstElementChild?.cloneNode(true));
    this.fill(item, row);
    // Only what lies in a bin is sent on to a community.
    if (!row.unrouted || row.flood) item.querySelector('.dispatch')?.remove();
    item.classList.add('changed');
    return item;
  }

  /**
   * Whether so many of them are of one telephone that the server draws one line for them.
   * @param {Row[]} rows
   */
  isFlood(rows) {
    const from = Number(this.list.dataset.fold);
    const shown = this.all().map((item) => item.dataset.caller);
    const callers = [...rows.map((row) => row.caller), ...shown].filter(Boolean);
    return from > 0 && rows.some(({ caller }) => caller && callers.filter((one) => one === caller).length >= from);
  }

  // Puts the rows that wait behind the rows of the page, which keep their place. Where the newest
  // come first, they go on top. Red rows go on top in any order.
  bringIn() {
    if (this.arrived.size === 0) return;
    const waiting = [...this.arrived.values()].filter((row) => row.id !== undefined);
    if (waiting.length < this.arrived.size || this.isFlood(waiting)) { location.assign(this.list.dataset.here ?? ''); return; }
    document.getElementById('empty')?.remove();
    const items = this.order(waiting).map((row) => this.create(row));
    const red = items.filter((item) => item.classList.contains('alert'));
    const others = items.filter((item) => !red.includes(item));
    if (this.list.dataset.sort === 'newest') this.list.prepend(...others);
    else this.list.append(...others);
    this.list.prepend(...red);
    this.arrived.clear();
    this.announce();
    this.onBrought?.(items);
    if (items[0]) one(items[0], 'a').focus();
  }
}
