// Rows as one person sees them: what is theirs says so, and cases lead back to this list.
import { Rows } from './queue-rows.js';

export class OwnRows extends Rows {
  fill(item, row) {
    const { person, me, back } = this.list.dataset;
    super.fill(item, row.owner_id === Number(person) ? { ...row, owner: me } : row);
    // As they are written: a row that is yet to be brought in lies in no page and resolves nothing.
    const add = (part, name) => part.setAttribute(name, part.getAttribute(name) + back);
    add(item.querySelector('a'), 'href');
    for (const form of item.querySelectorAll('form')) add(form, 'action');
  }
}
