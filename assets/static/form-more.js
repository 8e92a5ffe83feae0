// @ts-check
// What few people need of the form, so that the page itself stays small: the last receipt of this
// phone, buttons for one companion fewer and one more, and a field for the name of each. Without it
// the form works: the names then stand in one field.
// The code suits browsers of ten years ago.
(function () {
  var last = 'ms-last', days = 14,
    form =
    /** @type {HTMLFormElement} */
    (document.querySelector('#f,[data-desk]')),
    say = form.dataset,
    /** @type {any} */
    count = form.elements.namedItem('companions');

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
  // The phone keeps the number, the link and the time, and nothing of what the report says. The
  // number names the day; the phone's own clock may be of another time zone than the city's.
  function recall() {
    var kept = JSON.parse(localStorage.getItem(last) || 'null'), box = document.createElement('div'),
      /** @type {any} */
      row, forget;
    if (!kept || Date.now() - kept.at > days * 864e5 || document.getElementById('mistakes') || !/^\/q\//i.test(location.pathname)) return;
    box.className = 'fold last';
    element('b', say.last, box);
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
    var box = form.querySelector('.step');
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
  // The field that is sent has all names; a draft fills it in again.
  function names() {
    var
      /** @type {any} */
      all = form.elements.namedItem('companion_names'),
      /** @type {any[]} */
      fields = [], label = form.querySelector('[for=companion_names]'), apart = /[、，,;；/／\n]/;
    if (!all || !count || !label) return;
    var said = all.value.split(apart), box = all.parentNode, named = label.textContent + ' ', id = all.id;
    function join() {
      all.value = fields.map(function (one) { return one.value.split(apart).join(' ').trim(); }).filter(Boolean).join('、');
    }
    /** @param {number} most */
    function draw(most) {
      // A person who is taken away and put back keeps the name.
      while (fields.length > most) {
        var last = fields.pop();
        said[fields.length] = last.value;
        last.parentNode.remove();
      }
      while (fields.length < most) {
        var made = element('input', '', element('p', '', box));
        made.type = 'text';
        made.maxLength = 40;
        made.autocomplete = 'off';
        made.placeholder = named + (fields.length + 1);
        made.setAttribute('aria-label', made.placeholder);
        if (!fields.length) made.id = id;
        made.value = (said[fields.length] || '').trim();
        fields.push(made);
      }
      join();
    }
    // The label and the list of mistakes lead to the first field.
    all.type = 'hidden';
    all.id = '';
    box.addEventListener('input', join);
    count.addEventListener('input', function () { draw(count.selectedIndex); });
    // Names beyond the number stay in sight until the number is changed: one of both is wrong.
    draw(Math.max(count.selectedIndex, said.filter(function (/** @type {string} */ one) { return one.trim(); }).length));
  }
  try { recall(); } catch (e) { /* The browser forbids storage. */ }
  step();
  names();
})();
