// @ts-check
// Time left, counted down by the server's clock: a phone whose clock is wrong shows the same.
import { one } from './dom.js';

/**
 * What the page's scripts say, in the language of the page.
 * @typedef {object} Words
 * @property {string} left
 * @property {string} over
 * @property {string} hours
 * @property {string} minutes
 * @property {string} moment
 * @property {string} rough
 * @property {number} soon the share of the time that is left when a deadline is near
 * @property {string} undone
 * @property {string} changed
 * @property {Record<string, string> & { other: string, taken: string, illegal_move: string }} why
 * @property {Record<string, string>} steps the names of the steps
 * @property {string} bulkUndone
 * @property {string} bulkAllUndone
 * @property {string} bulkMerged
 * @property {string} two
 * @property {string} both
 * @property {string} failed
 * @property {string} mark
 * @property {string} fresh
 * @property {string} working
 * @property {string} bulk
 * @property {string} bulkAll
 * @property {string} notice
 * @property {string} red
 * @property {string} moved
 */

/** @typedef {'calm' | 'soon' | 'over'} Urgency */

const roughFromHours = 10;

/**
 * Puts values into the places of a phrase that are marked `{}`, in this order.
 * @param {string} words
 * @param {...(string | number)} values
 */
export function phrase(words, ...values) {
  return values.reduce((/** @type {string} */ said, value) => said.replace('{}', String(value)), words);
}

export class Countdown {
  /**
   * @param {number} serverNowMs
   * @param {Words} words
   */
  constructor(serverNowMs, words) {
    this.offset = serverNowMs - Date.now();
    this.words = words;
  }

  /**
   * The device's clock may be set meanwhile.
   * @param {number} serverNowMs
   */
  renew(serverNowMs) { this.offset = serverNowMs - Date.now(); }

  now() { return Date.now() + this.offset; }

  /**
   * @param {number} dueMs
   * @param {number} givenMs the whole time from the receipt to the deadline
   * @returns {{ state: Urgency, text: string }}
   */
  of(dueMs, givenMs) {
    const left = dueMs - this.now();
    const text = phrase(left < 0 ? this.words.over : this.words.left, this.span(Math.abs(left)));
    if (left < 0) return { state: 'over', text };
    return { state: left < givenMs * this.words.soon ? 'soon' : 'calm', text };
  }

  /** @param {number} ms */
  span(ms) {
    const minutes = Math.floor(ms / 60_000);
    if (minutes < 1) return this.words.moment;
    if (minutes < 60) return phrase(this.words.minutes, minutes);
    const hours = Math.floor(minutes / 60);
    if (hours >= roughFromHours) return phrase(this.words.rough, hours);
    return phrase(this.words.hours, hours, minutes % 60);
  }
}

const icons = { calm: '◷', soon: '◔', over: '⚠' };

/**
 * Draws the time left on every row that has a deadline: to the first call, then to the end.
 * @param {HTMLElement[]} rows
 * @param {Countdown} countdown
 */
export function draw(rows, countdown) {
  for (const item of rows) {
    const mark = one(item, '.left');
    const open = Number(item.dataset.due) > 0;
    // A mark that no longer counts keeps its place on a row that the person looks at.
    mark.hidden = !open && !item.classList.contains('hold');
    mark.classList.toggle('gone', !open);
    if (!open) { item.classList.remove('late', 'soon'); continue; }
    const { state, text } = countdown.of(Number(item.dataset.due), Number(item.dataset.given));
    const said = `${icons[state]} ${text}`;
    if (mark.textContent !== said) mark.textContent = said;
    mark.dataset.state = state;
    item.classList.toggle('late', state === 'over');
    item.classList.toggle('soon', state === 'soon');
  }
}

/**
 * Returns whether it is a quiet hour or a day off, in the city's time.
 * @param {number} nowMs
 * @param {{ offsetMinutes: number, dayStarts: string, dayEnds: string, offDays: string }} hours
 */
export function isQuiet(nowMs, { offsetMinutes, dayStarts, dayEnds, offDays }) {
  /** @param {number} ago days */
  const off = (ago) => offDays.split(' ').includes(new Date(nowMs + offsetMinutes * 60_000 - ago * 86_400_000).toISOString().slice(0, 10));
  /** @param {string} at */
  const minutes = (at) => at.split(':').reduce((hours, part) => hours * 60 + Number(part), 0);
  const at = Math.floor(nowMs / 60_000 + offsetMinutes) % 1440;
  const [starts, ends] = [minutes(dayStarts), minutes(dayEnds)];
  // A day that ends before it begins ends on the next day.
  const beyond = ends < starts || ends === 0;
  const today = at >= starts && (beyond || at < ends) && !off(0);
  return !today && !(beyond && at < ends && !off(1));
}
