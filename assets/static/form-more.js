// @ts-check
// What few residents need of the form, so that the page itself stays small: the last receipt of this
// phone, and buttons for one companion fewer and one more. Without it the form works.
// The code suits browsers of ten years ago.
(function () {
  var last = 'ms-last', days = 14,
    form =
    /** @type {HTMLFormElement} */
    (document.getElementById('f')),
    say = form.dataset;

  /**
   * @param {string} tag
   * @param {string | undefined} text
   * @param {Element} parent
   * @returns {any}
   */
  function element(tag, text, parent) {
    var made = document.createElement(tag);
    made.textContent = text || '';
    parent.appendChild(made);
    return made;
  }
  /** @param {number} at */
  function moment(at) {
    /** @type {Intl.DateTimeFormatOptions} */
    var parts = { month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit' };
    return new Date(at).toLocaleString(document.documentElement.lang.replace(/^en$/, 'en-GB'), parts);
  }
  // The phone keeps the number, the link and the time, and nothing of what the report says.
  function recall() {
    var kept = JSON.parse(localStorage.getItem(last) || 'null'), box = document.createElement('div'),
      /** @type {any} */
      row, forget;
    if (!kept || Date.now() - kept.at > days * 864e5 || document.getElementById('mistakes') || !/^\/q\//i.test(location.pathname)) return;
    box.className = 'fold last';
    element('b', say.last, box);
    element('p', moment(kept.at), box);
    element('p', kept.number, box).className = 'whole';
    row = element('div', '', box);
    row.className = 'row';
    [[say.show, ''], [say.another, '/another']].forEach(function (way) {
      var link = element('a', way[0], row);
      link.className = 'btn alt';
      link.href = kept.link + way[1];
    });
    forget = element('button', say.hide, box);
    forget.type = 'button';
    forget.className = 'quiet';
    forget.onclick = function () { localStorage.removeItem(last); box.remove(); };
    /** @type {Node} */
    (form.parentNode).insertBefore(box, form);
  }
  function step() {
    var box = form.querySelector('.step'),
      /** @type {any} */
      count = form.elements.namedItem('companions');
    if (!box) return;
    var parent = box;
    [-1, 1].forEach(function (by) {
      var button = element('button', by < 0 ? '−' : '+', parent);
      button.type = 'button';
      button.className = 'alt';
      button.setAttribute('aria-label', parent.getAttribute(by < 0 ? 'data-fewer' : 'data-more'));
      button.onclick = function () {
        count.selectedIndex = Math.min(Math.max(count.selectedIndex + by, 0), count.length - 1);
        count.dispatchEvent(new Event('input', { bubbles: true }));
      };
      if (by < 0) parent.insertBefore(button, count);
    });
  }
  try { recall(); } catch (e) { /* The browser forbids storage. */ }
  step();
})();
