// Rows as one person sees them: what is theirs says so, and cases lead back to this list.
import { Rows } from './queue-rows.js';

export class MyRows extends Rows {
  fill(item, row) {
    const { person, me, back } = this.list.dataset;
    super.fill(item, row.owner_id === Number(person) ? { ...row, owner: me } : row);
    item.querySelector('a').search = back;
    for (const form of item.querySelectorAll('form')) form.action += back;
  }
}
