// The last step on this page can be taken back for a while: of one row, or of many, each by itself.
const lanes = 6; // as many requests as a browser has under way to one house

export class Undo {
  // `settled` is told after rows have changed.
  constructor({ rows, words, send, say, settled, button, forMs }) {
    Object.assign(this, { rows, words, send, say, settled, button, forMs, items: [], timer: 0 });
    button.addEventListener('click', () => this.take());
  }

  // The server counts from the step, which is not before it was asked for.
  offer(items, text, askedAt) {
    // What the page before has done is no longer the last.
    document.getElementById('done')?.remove();
    clearTimeout(this.timer);
    const left = askedAt + this.forMs - performance.now();
    this.show(left > 0 ? items : []);
    this.say(text);
    this.timer = setTimeout(() => this.show([]), Math.max(left, 0));
  }

  // Something else is said: the button would be taken for its own.
  forget() {
    clearTimeout(this.timer);
    this.show([]);
  }

  show(items) {
    // Whoever is on the button goes on from the row, and not from the beginning of the page.
    if (this.button === document.activeElement) this.items[0]?.querySelector('a').focus({ preventScroll: true });
    this.items = items;
    this.button.hidden = items.length === 0;
  }

  // A step of the page before, or of this one.
  async take() {
    if (!this.items.length) return document.querySelector('#done form')?.requestSubmit();
    const items = this.items;
    const waiting = [...items];
    this.show([]);
    clearTimeout(this.timer);
    const undone = [];
    const lane = async () => {
      for (let item = waiting.shift(); item; item = waiting.shift()) {
        if (await this.one(item)) undone.push(item);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    const failed = items.length - undone.length;
    if (items.length > 1) this.say(this.words.bulkUndone.replace('{}', undone.length).replace('{}', failed));
    else this.say(failed ? `${number(items[0]).textContent} ${number(items[0]).dataset.why}` : this.words.undone);
    this.settled();
  }

  // A row that cannot be taken back says why.
  async one(item) {
    const { id, version } = item.dataset;
    const { status, json } = await this.send(`/staff/reports/${id}/undo`, { version: Number(version) });
    if (json?.row) this.rows.take(json.row);
    if (status === 200) return true;
    number(item).dataset.why = this.words.why[status === 404 ? 'too_late' : json?.code] ?? this.words.why.other;
    return false;
  }
}

function number(item) { return item.querySelector('.no'); }
