// Rows never move by themselves: what is new waits behind the pill, what others changed is
// updated where it stands, by id and version.
// What waits behind the pill is kept as rows up to this many; more is read from the house.
const keptMax = 1_000;

export class Rows {
  constructor(list, { pill, count, template, holds }) {
    Object.assign(this, { list, pill, count, template, holds, arrived: new Map() });
    pill.addEventListener('click', (event) => { event.preventDefault(); this.bringIn(); });
  }

  find(id) { return this.list.querySelector(`[data-id="${id}"]`); }

  // The version that stands here or waits; what is not here is older than anything.
  version(id) { return Number(this.find(id)?.dataset.version ?? this.arrived.get(id)?.version ?? 0); }

  all() { return [...this.list.querySelectorAll('[data-id]')]; }

  // Takes a row as the server has it now; says whether anything is new. What leaves the view that
  // is shown stays where it stands, greyed, until the page is read again.
  take(row, { isNew = false } = {}) {
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

  update(item, row) {
    if (!this.isNewer(row, Number(item.dataset.version), item.dataset.escalated)) return false;
    this.settle(item);
    this.fill(item, row);
    // Two names for one flash: it begins anew without a look at the layout, which would be one for each of many rows.
    const again = item.classList.contains('changed');
    item.classList.toggle('changed', !again);
    item.classList.toggle('again', again);
    return true;
  }

  // A report that goes up a level keeps its version: nobody's step is stale for it.
  isNewer(row, version, escalated) {
    return row.version > version || row.version === version && row.escalated_to !== escalated;
  }

  // Its buttons may go, their place stays; where there were none, none come: nothing below moves.
  settle(item) {
    if (item.dataset.status === 'waiting') item.classList.add('hold');
    else if (!item.classList.contains('hold')) item.classList.add('still');
  }

  // Every part of a row names the field that it shows.
  fill(item, row) {
    item.dataset.id = row.id;
    item.dataset.version = row.version;
    item.dataset.status = row.status;
    item.dataset.due = row.due_ms;
    item.dataset.given = row.given_ms;
    item.dataset.escalated = row.escalated_to;
    item.classList.toggle('done', !this.holds(row));
    item.classList.toggle('alert', Boolean(row.red));
    item.toggleAttribute('data-unreadable', row.unreadable);
    item.querySelector('.flag').hidden = !row.red;
    for (const part of item.querySelectorAll('[data-f]')) {
      const value = row[part.dataset.f];
      if (typeof value === 'boolean') part.hidden = !value;
      else part.textContent = value ?? '';
    }
    item.querySelector('.no').id = `no-${row.id}`;
    for (const part of item.querySelectorAll('.mark, button')) part.setAttribute('aria-describedby', `no-${row.id}`);
    item.querySelector('.status').dataset.status = row.status;
    item.querySelector('a').href = `/staff/reports/${row.id}`;
    for (const form of item.querySelectorAll('form')) {
      form.action = `/staff/reports/${row.id}/${form.dataset.move ?? form.dataset.go}`;
      form.elements.version.value = row.version;
    }
  }

  // It went to a queue that this person does not see.
  leave(id, words) {
    this.arrived.delete(id);
    this.announce();
    const item = this.find(id);
    if (!item) return;
    this.settle(item);
    item.dataset.status = 'moved';
    item.classList.add('done');
    const status = item.querySelector('.status');
    status.dataset.status = 'moved';
    status.textContent = words;
  }

  announce() {
    this.count.textContent = this.arrived.size;
    this.pill.hidden = this.arrived.size === 0;
    this.onChange?.(this.arrived.size);
  }

  building(row) { return this.list.dataset.sort === 'building' ? row.building_id ?? 0 : 0; }

  // Brings in what waits: in the order of the view behind what is there, which keeps its place; or,
  // where the latest come first, on top, because that is where they are looked for. What is red goes on top in any order.
  bringIn() {
    if (this.arrived.size === 0) return;
    if (this.arrived.size > keptMax) { location.assign(this.list.dataset.here); return; }
    document.getElementById('empty')?.remove();
    const newest = this.list.dataset.sort === 'newest';
    const waiting = [...this.arrived.values()];
    if (newest) waiting.reverse();
    else waiting.sort((a, b) => this.building(a) - this.building(b) || a.due_ms - b.due_ms);
    const items = waiting.map((row) => {
      const item = this.template.content.firstElementChild.cloneNode(true);
      this.fill(item, row);
      item.classList.add('changed');
      return item;
    });
    const red = items.filter((item) => item.classList.contains('alert'));
    const others = items.filter((item) => !red.includes(item));
    if (newest) this.list.prepend(...others);
    else this.list.append(...others);
    this.list.prepend(...red);
    this.arrived.clear();
    this.announce();
    this.onBrought?.(items);
    items[0]?.querySelector('a').focus();
  }
}
