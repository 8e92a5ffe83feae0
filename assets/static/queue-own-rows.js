// @ts-check
// Rows as one person sees them: the person's own rows say so, and cases lead back to this list.
import { all, one } from './dom.js';
import { Rows } from './queue-rows.js';

export class OwnRows extends Rows {
  /**
   * @param {HTMLElement} item
   * @param {import('./queue-rows.js').Row} row
   */
  fill(item, row) {
    const { person, me = '', back = '' } = this.list.dataset;
    super.fill(item, row.owner_id === Number(person) ? { ...row, owner: me } : row);
    /**
     * The attribute, not the property: a row that is not on the page yet resolves no address.
     * @param {HTMLElement} part
     * @param {string} name
     */
    const add = (part, name) => part.setAttribute(name, part.getAttribute(name) + back);
    if (!row.flood) add(one(item, 'a'), 'href');
    for (const form of all(item, 'form')) add(form, 'action');
  }
}
