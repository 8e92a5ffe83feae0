// Views: whether a row belongs to the one that is shown, and counts that stay true.
const firstMs = 1_000;
const againMs = 3_000;
const tickMs = 60_000;
const dayMs = 86_400_000;

// A place in the list: "r12_1726409000000000.0199…", where r stands for red, and a building, where
// the order goes by it, microseconds and the report follow.
function mark(text) {
  const [, red, building = 0, micros, id] = /^(r?)(?:(\d+)_)?(\d+)\.(.+)$/.exec(text) ?? [];
  return id && { red: Boolean(red), building: Number(building), at: Math.floor(Number(micros) / 1_000), id };
}

export class Views {
  // `ask` fetches the counts, or the whole view where a row alone does not tell that it belongs
  // to it: two reports of one telephone know nothing of each other.
  constructor(list, countdown, ask) {
    const { view, person, direction, queue, buildings } = list.dataset;
    Object.assign(this, { view, countdown, ask, me: Number(person), last: 0, timer: 0 });
    Object.assign(this, { direction, queue, buildings: buildings && buildings.split(' ') });
    const { sort, from, until, now, offsetMinutes } = list.dataset;
    Object.assign(this, { sort, from: mark(from), until: mark(until), drawnMs: Number(now), offsetMs: offsetMinutes * 60_000 });
    // Time alone brings a deadline near and takes a day away.
    setInterval(() => this.soon(), tickMs);
    document.addEventListener('visibilitychange', () => this.soon());
    document.querySelector('.chips [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }

  get isSearch() { return this.view === 'search'; }

  // Whether a row tells by itself that it has come into the view.
  get isTold() { return !this.isSearch && this.view !== 'duplicates'; }

  // Whether the counts are not enough to notice what has come in.
  get needsRows() { return ['duplicates', 'due_soon', 'overdue'].includes(this.view); }

  // Whether a row that is not on the page is news, and not merely on another page: it came after
  // the page was drawn, or it would stand between its first and its last.
  isNews(row, event) {
    if (event === 'arrived' || row.received_ms >= this.drawnMs) return true;
    const newest = this.sort === 'newest';
    const it = {
      red: !newest && Boolean(row.red),
      building: this.sort === 'building' ? row.building_id ?? 0 : 0,
      at: newest ? row.received_ms : Date.parse(row.contact_due_at),
      id: row.id,
    };
    return (!this.from || this.comesAfter(it, this.from)) && (!this.until || !this.comesAfter(it, this.until));
  }

  comesAfter(one, other) {
    if (one.red !== other.red) return other.red;
    if (one.building !== other.building) return one.building > other.building;
    const later = one.at === other.at ? one.id > other.id : one.at > other.at;
    return this.sort === 'newest' ? !later && one.id !== other.id : later;
  }

  // When the city's day began.
  get dayBeganMs() { return Math.floor((this.countdown.now() + this.offsetMs) / dayMs) * dayMs - this.offsetMs; }

  holds(row) {
    if (this.isSearch) return true;
    if (this.direction && row.direction !== this.direction) return false;
    if (this.queue && String(row.queue_id) !== this.queue) return false;
    if (this.buildings && !this.buildings.includes(String(row.building_id))) return false;
    if (this.view === 'closed_today') return row.closed_ms >= this.dayBeganMs;
    if (row.closed) return false;
    const presses = (state) => row.due_ms > 0 && this.countdown.of(row.due_ms, row.given_ms).state === state;
    switch (this.view) {
      case 'mine': return row.owner_id === this.me;
      case 'waiting': return row.status === 'waiting';
      case 'unreachable': return row.status === 'unreachable';
      case 'incomplete': return row.incomplete;
      case 'due_soon': return presses('soon');
      case 'overdue': return presses('over');
      case 'unrouted': return row.unrouted;
      case 'red': return Boolean(row.red);
      case 'escalated': return Boolean(row.escalated_to);
      default: return true;
    }
  }

  draw(views) {
    for (const { code, count, alarm } of views) {
      const chip = document.querySelector(`[data-chip="${code}"]`);
      if (!chip) continue; // a view that came with a newer version than this page's
      chip.querySelector('b').textContent = count;
      chip.classList.toggle('hot', alarm && count > 0);
      if ('rare' in chip.dataset) chip.closest('li').hidden = count === 0 && !chip.hasAttribute('aria-current');
    }
  }

  // At once is soon enough for one, and seldom enough for many.
  soon() {
    if (this.timer || document.hidden) return;
    const wait = Math.max(firstMs, this.last + againMs - Date.now());
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.last = Date.now();
      this.ask();
    }, wait);
  }
}
