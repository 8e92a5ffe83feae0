// Many rows at once: which are marked, all of them by one control, one step with each.
export class Bulk {
  // `settled` is told after rows have changed.
  constructor({ rows, words, send, say, undo, settled, bar, all, count }) {
    Object.assign(this, { rows, words, send, say, undo, settled, bar, all, count, drawing: 0, asked: Promise.resolve() });
    rows.list.addEventListener('change', () => this.soon());
    all.addEventListener('change', () => this.markAll(all.checked));
    bar.addEventListener('click', ({ target }) => { if (target.dataset.move) this.step(target.dataset); });
    this.draw(); // what was marked before this script was there
  }

  marked() { return [...this.rows.list.querySelectorAll('.mark:checked')].map((mark) => mark.closest('[data-id]')); }

  // However many are marked at once, the bar is drawn once.
  soon() { this.drawing ||= requestAnimationFrame(() => { this.drawing = 0; this.draw(); }); }

  // What has left the view is not what somebody means by *all*.
  shown() { return [...this.rows.list.querySelectorAll('[data-id]:not(.done) .mark')]; }

  draw() {
    const n = this.rows.list.querySelectorAll('.mark:checked').length;
    this.bar.hidden = n === 0;
    this.count.textContent = n;
    this.all.checked = n > 0 && this.shown().every((mark) => mark.checked);
    this.all.indeterminate = n > 0 && !this.all.checked;
  }

  markAll(on) {
    const some = on ? this.shown() : this.rows.list.querySelectorAll('.mark:checked');
    for (const mark of some) mark.checked = on;
    this.draw();
  }

  // All, or none where all are marked already.
  toggle() { this.markAll(!this.all.checked); }

  // To where a step with all that are marked is chosen.
  go() { if (!this.bar.hidden) this.bar.querySelector('button').focus(); }

  // Every marked row by itself: one that is refused keeps its mark and says why. What is more than
  // one request takes goes in several; one that fails leaves its rows marked and ends no other.
  step(what) {
    if (!this.bar.classList.contains('busy')) this.asked = this.make(what);
  }

  async make({ move: name, outcome = '' }) {
    const items = this.marked();
    const most = Number(this.bar.dataset.most);
    this.bar.classList.add('busy');
    this.say(this.words.working.replace('{}', items.length), { stays: true });
    const done = [];
    let askedAt = 0;
    for (let at = 0; at < items.length; at += most) {
      askedAt = performance.now();
      done.push(...await this.ask(items.slice(at, at + most), { step: name, outcome }));
      if (at + most < items.length) this.say(this.words.working.replace('{}', items.length - at - most), { stays: true });
    }
    this.bar.classList.remove('busy');
    const said = this.words.bulk.replace('{}', done.length).replace('{}', items.length - done.length);
    if (done.length) this.undo.offer(done, said, askedAt);
    else this.say(said);
    if (this.bar.contains(document.activeElement)) items[0].querySelector('a').focus({ preventScroll: true });
    this.draw();
    this.settled();
  }

  // Says which of them were done.
  async ask(items, step) {
    const reports = items.map((item) => ({ id: item.dataset.id, version: Number(item.dataset.version) }));
    const { status, json } = await this.send('/staff/bulk', { ...step, reports });
    const results = status === 200 ? new Map(json.results.map((result) => [result.id, result])) : new Map();
    const done = [];
    for (const item of items) {
      const result = results.get(item.dataset.id) ?? { done: false };
      if (result.row) this.rows.take(result.row);
      if (result.done) done.push(item);
      item.querySelector('.mark').checked = !result.done;
      const number = item.querySelector('.no');
      if (result.done) delete number.dataset.why;
      else number.dataset.why = this.words.why[result.code] ?? this.words.why.other;
    }
    return done;
  }
}
