// @ts-check
// Views: whether a row belongs to the view that is shown, and the counts of all views.
import { one } from './dom.js';

/** @typedef {import('./queue-rows.js').Row} Row */
/** @typedef {{ code: string, count: number, alarm: boolean }} ViewCount */
/** @typedef {{ red: boolean, building: number, at: number, id: string }} Position */

const firstMs = 1_000;
const againMs = 3_000;
const tickMs = 60_000;
const dayMs = 86_400_000;

/**
 * Reads a position in the list, "r12_1726409000000000.0199…": `r` for a red report, the building if
 * the view is sorted by it, microseconds, and the report.
 * @param {string | undefined} text
 * @returns {Position | undefined}
 */
function position(text) {
  const [, red, building = 0, micros, id] = /^(r?)(?:(\d+)_)?(\d+)\.(.+)$/.exec(text ?? '') ?? [];
  if (id === undefined) return undefined;
  return { red: Boolean(red), building: Number(building), at: Math.floor(Number(micros) / 1_000), id };
}

export class Views {
  /**
   * @param {HTMLElement} list
   * @param {import('./queue-clock.js').Countdown} countdown
   * @param {() => void} ask fetches the counts, or the whole view if `needsRows`
   */
  constructor(list, countdown, ask) {
    this.list = list;
    const { view = '', caller, person, direction, queue, buildings, sort, from, until, now, offsetMinutes } = list.dataset;
    this.view = view;
    this.countdown = countdown;
    this.ask = ask;
    this.me = Number(person);
    this.caller = caller;
    this.direction = direction;
    this.queue = queue;
    this.buildings = buildings ? buildings.split(' ') : undefined;
    this.sort = sort;
    this.from = position(from);
    this.until = position(until);
    this.drawnMs = Number(now);
    this.offsetMs = Number(offsetMinutes) * 60_000;
    this.last = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    // The passing of time changes counts: a deadline comes near, a day ends.
    setInterval(() => this.soon(), tickMs);
    document.addEventListener('visibilitychange', () => this.soon());
    document.querySelector('.chips [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }

  get isSearch() { return this.view === 'search'; }

  // Whether a row alone shows that it has come into the view. Two reports of one telephone are
  // duplicates, but neither row names the other.
  get isTold() { return !this.isSearch && this.view !== 'duplicates'; }

  // Whether new rows come into the view without an entry that names them.
  // Nor does an entry say how many reports a line stands for.
  get needsRows() { return this.list.querySelector('.flood') !== null || ['duplicates', 'due_soon', 'overdue'].includes(this.view); }

  /**
   * Returns whether a row that the page does not have is news, and not only on another page of the
   * list. It is news if it came after the page was drawn, or belongs between its first and last row.
   * Of all open reports one that a colleague accepted is none: it only moved to its second deadline.
   * @param {Row} row
   * @param {string} [event]
   */
  isNews(row, event) {
    if (event === 'arrived' || row.received_ms >= this.drawnMs) return true;
    if (this.view === 'open' && row.status !== 'waiting') return false;
    const newest = this.sort === 'newest';
    const it = {
      red: !newest && Boolean(row.red),
      building: this.sort === 'building' ? row.building_id ?? 0 : 0,
      at: newest ? row.received_ms : row.due_ms || Date.parse(row.contact_due_at),
      id: row.id,
    };
    return (!this.from || this.comesAfter(it, this.from)) && (!this.until || !this.comesAfter(it, this.until));
  }

  /**
   * @param {Position} one
   * @param {Position} other
   */
  comesAfter(one, other) {
    if (one.red !== other.red) return other.red;
    if (one.building !== other.building) return one.building > other.building;
    const later = one.at === other.at ? one.id > other.id : one.at > other.at;
    return this.sort === 'newest' ? !later && one.id !== other.id : later;
  }

  // When the day began in the city's time.
  get dayBeganMs() { return Math.floor((this.countdown.now() + this.offsetMs) / dayMs) * dayMs - this.offsetMs; }

  /** @param {Row} row */
  holds(row) {
    if (this.isSearch) return true;
    if (this.caller && row.caller !== this.caller) return false;
    if (this.direction && row.direction !== this.direction) return false;
    if (this.queue && String(row.queue_id) !== this.queue) return false;
    if (this.buildings && !this.buildings.includes(String(row.building_id))) return false;
    if (this.view === 'closed_today') return row.closed_ms >= this.dayBeganMs;
    if (row.closed) return false;
    switch (this.view) {
      case 'mine': return row.owner_id === this.me;
      case 'waiting': return row.status === 'waiting';
      case 'unreachable': return row.status === 'unreachable';
      case 'incomplete': return row.incomplete;
      case 'due_soon': return this.isDue(row, 'soon');
      case 'overdue': return this.isDue(row, 'over');
      case 'unrouted': return row.unrouted;
      case 'red': return Boolean(row.red);
      case 'escalated': return Boolean(row.escalated_to);
      default: return true;
    }
  }

  /**
   * @param {Row} row
   * @param {import('./queue-clock.js').Urgency} state
   */
  isDue(row, state) { return row.due_ms > 0 && this.countdown.of(row.due_ms, row.given_ms).state === state; }

  /** @param {ViewCount[]} views */
  draw(views) {
    for (const { code, count, alarm } of views) {
      const tab = document.querySelector(`[data-chip="${code}"]`);
      if (!(tab instanceof HTMLElement)) continue; // The server is newer than this page.
      one(tab, 'b').textContent = String(count);
      tab.classList.toggle('hot', alarm && count > 0);
      const item = tab.closest('li');
      if (item && 'rare' in tab.dataset) item.hidden = count === 0 && !tab.hasAttribute('aria-current');
    }
  }

  // Asks for the counts: soon after one change, and seldom while there are many.
  soon() {
    if (this.timer || document.hidden) return;
    const wait = Math.max(firstMs, this.last + againMs - Date.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.last = Date.now();
      this.ask();
    }, wait);
  }
}
