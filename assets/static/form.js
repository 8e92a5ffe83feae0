// @ts-check
// Lift mode. The phone keeps what the resident has typed when the network is gone, and sends the
// form once the signal is back. The phone also remembers its last receipt, and names what is missing
// before it sends. Without this script, and where storage is forbidden or full, the
// browser sends the form as it is.
// The code suits browsers of ten years ago. It stands in the page itself and stays as small as it
// can be: the server strips each line that is only a comment.
(function () {
  /** @typedef {{ at: number, text: string, remember?: boolean }} Kept */
  var form =
    /** @type {HTMLFormElement} */
    (document.getElementById('f')),
    mistakes = document.getElementById('mistakes'),
    place =
    /** @type {HTMLElement} */
    (document.getElementById('region')),
    /** @type {any} */
    say = form && form.dataset,
    /** @type {any} */
    fields = form && form.elements,
    /** @type {Storage} */
    store;
  if (mistakes) mistakes.focus();
  /** @param {string} address of a script */
  function load(address) {
    var script = document.createElement('script');
    script.src = address;
    document.body.appendChild(script);
  }
  document.onclick = function (event) {
    var
      /** @type {any} */
      to = event.target,
      /** @type {any} */
      box = to.hash === '#call' && document.getElementById('call');
    if (box) box.closest('details').open = true;
  };
  // The names of places are loaded when the resident is about to type one.
  if (place) place.onfocus = function () { place.onfocus = null; load(say.regions); };
  try { store = localStorage; store.setItem('ms', '1'); store.removeItem('ms'); } catch (e) { return; }
  if (!form || !window.fetch || !window.URLSearchParams) return;
  var code = form.action.replace(/.*\//, '').toUpperCase();
  var draft = 'ms-draft-' + code, outbox = 'ms-outbox-' + code, sent = 'ms-sent-' + code, me = 'ms-me', rest = '/static/form-more.js';
  var hours = 48, wait = 2,
    /** @type {number} */
    timer,
    /** @type {boolean} */
    busy,
    /** @type {HTMLElement | null} */
    amber,
    /** @type {HTMLInputElement} */
    remember,
    /** @type {any} */
    pressed;

  /**
   * @param {string} name
   * @returns {any}
   */
  function read(name) { try { return JSON.parse(store.getItem(name) || 'null'); } catch (e) { return null; } }
  /**
   * @param {string} name
   * @param {any} [value]
   */
  function write(name, value) {
    try { if (value) store.setItem(name, JSON.stringify(value)); else store.removeItem(name); return true; } catch (e) { return false; }
  }
  /**
   * @param {string} name
   * @returns {Kept | undefined}
   */
  function fresh(name) {
    var kept = read(name);
    if (kept && Date.now() - kept.at < hours * 36e5) return kept;
    write(name);
  }
  /** @param {any} [pressed] */
  function words(pressed) {
    var all = new URLSearchParams();
    new FormData(form).forEach(function (value, name) { all.append(name, '' + value); });
    if (pressed && pressed.name === 'only') all.append(pressed.name, pressed.value);
    return all;
  }
  /**
   * @param {string} text
   * @param {boolean} keyToo
   * @param {boolean} [yesterday]
   */
  function fill(text, keyToo, yesterday) {
    new URLSearchParams(text).forEach(function (value, name) {
      // A draft of yesterday does not choose the day: its *today* is over.
      if (name === 'lang' || name === 'key' && !keyToo || /day$/.test(name) && yesterday) return;
      [].forEach.call(fields,
        /** @param {any} field */
        function (field) {
          if (field.name !== name) return;
          if (field.type === 'radio') field.checked = field.value === value;
          else if (field.tagName !== 'SELECT' || [].some.call(field.options,
            /** @param {any} o */
            function (o) { return o.value === value; })) field.value = value;
          if (value && field.closest && field.closest('details')) field.closest('details').open = true;
        });
    });
  }
  /**
   * @param {string} tag
   * @param {string} text
   * @param {Element} parent
   * @param {() => void} [click]
   * @param {boolean} [quiet]
   * @returns {any}
   */
  function element(tag, text, parent, click, quiet) {
    /** @type {any} */
    var made = document.createElement(tag);
    made.textContent = text;
    if (click) { made.type = 'button'; made.className = quiet ? 'quiet' : 'alt'; made.onclick = click; }
    parent.appendChild(made);
    return made;
  }
  // Clears all that this phone keeps: it is another person's, or shared.
  function wipe() {
    [outbox, draft, me, 'ms-last'].forEach(function (name) { write(name); });
    form.reset();
    location.reload();
  }
  function tell() {
    var box = fresh(outbox);
    if (!box && amber) { amber.remove(); amber = null; }
    if (!box || amber) return;
    amber = document.createElement('div');
    amber.className = 'amber';
    amber.id = 'amber';
    amber.setAttribute('role', 'status');
    element('b', say.unsent, amber);
    element('p', say.unsentHint, amber);
    element('button', say.retry, amber, function () { wait = 2; send(); });
    element('button', say.notMine, amber, wipe, true);
    /** @type {Node} */
    (form.parentNode).insertBefore(amber, form);
    amber.scrollIntoView();
  }
  function later() {
    tell();
    clearTimeout(timer);
    timer = setTimeout(send, wait * 1e3);
    wait = Math.min(wait * 2, 60);
  }
  /**
   * @param {{ receipt: string, number: string }} answer
   * @param {Kept} box
   */
  function done(answer, box) {
    var all = new URLSearchParams(box.text), kept = { name: all.get('name'), phone: all.get('phone'), room: all.get('room') };
    if (box.remember) write(me, kept);
    write('ms-last', { at: Date.now(), number: answer.number, link: answer.receipt });
    write(outbox);
    write(draft);
    // The other pages of this placard read it from the event; nothing is kept.
    write(sent, answer.receipt);
    write(sent);
    location.replace(answer.receipt);
  }
  /**
   * Any other answer of the server is a page: the browser sends the form as it is.
   * @param {Kept} box
   */
  function give(box) {
    fill(box.text, true);
    // `submit` does not send the button that the resident pressed.
    var only = element('input', '', form);
    only.type = 'hidden';
    only.name = new URLSearchParams(box.text).get('only') ? 'only' : '';
    only.value = 'phone';
    write(draft, { at: Date.now(), text: box.text });
    write(outbox);
    form.submit();
  }
  function post() {
    var box = fresh(outbox);
    if (!box || busy) return tell();
    busy = true;
    var kept = box, stop = window.AbortController && new AbortController();
    var limit = setTimeout(function () { if (stop) stop.abort(); }, 3e4);
    /**
     * @param {(value: any) => void} next
     * @returns {(value: any) => void}
     */
    function end(next) { return function (value) { busy = false; clearTimeout(limit); next(value); }; }
    return fetch(form.action, {
      method: 'POST', body: box.text, credentials: 'same-origin', signal: stop ? stop.signal : undefined,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' }
    }).then(function (answer) {
      // A page of another site, such as the sign-in of a hotel's network, is no answer.
      if (!/json/.test('' + answer.headers.get('Content-Type')) || answer.status >= 429 || answer.status === 408) return later;
      return answer.json().then(function (said) {
        return answer.ok && !said.receipt ? later : function () { if (answer.ok) done(said, kept); else give(kept); };
      });
    }).then(end(function (next) { next(); }), end(later));
  }
  // Of several pages one sends. The key makes another page's try the same report.
  function send() {
    if (navigator.locks) navigator.locks.request(outbox, { ifAvailable: true }, function (lock) { return lock && post(); });
    else post();
  }
  function know() {
    var kept = read(me), row = document.createElement('p'), label;
    if (kept && !fields.name.value) {
      // A rare character is two units of the text.
      element('button', say.fill + ' ' + (/^(?:[\ud800-\udbff][^]|[^])/.exec(kept.name) || [''])[0] + '* ' + kept.phone.slice(0, 3) + '****' + kept.phone.slice(-4), row, function () {
        fill(new URLSearchParams(kept).toString(), false);
        row.remove();
      });
      element('button', say.forget, row, function () { write(me); row.remove(); }, true);
      form.insertBefore(row, form.firstChild);
    }
    label = document.createElement('label');
    label.className = 'pref';
    remember = document.createElement('input');
    remember.type = 'checkbox';
    label.appendChild(remember);
    label.appendChild(document.createTextNode(say.remember));
    // Above the button that sends.
    form.insertBefore(label,
      /** @type {Element} */
      (form.querySelector('button:not([type]):not([name])')).parentNode);
  }
  // Names what is missing, so that a phone without a signal keeps no report that cannot be taken.
  /** @param {boolean} only whether the telephone is all that is needed */
  function lacking(only) {
    var box = document.createElement('div'), title = element('b', '', box), list = element('ul', '', box), owed = 0;
    if (mistakes) mistakes.remove();
    [].forEach.call(form.querySelectorAll('.field'),
      /** @param {any} field */
      function (field) {
        var input = field.querySelector('[required]');
        field.classList.remove('bad');
        if (!input || only !== (input.id === 'call') || (input.type === 'radio' ? field.querySelector(':checked') : input.value.trim())) return;
        owed += 1;
        element('a', field.firstElementChild.innerText, element('li', '', list)).href = '#' + input.name;
        field.classList.add('bad');
      });
    if (!owed) return false;
    title.textContent = say.owed.replace('{}', owed);
    box.className = 'sum';
    box.id = 'mistakes';
    box.tabIndex = -1;
    box.setAttribute('role', 'alert');
    mistakes = box;
    /** @type {Node} */
    (form.parentNode).insertBefore(box, form);
    box.focus();
    return true;
  }

  var kept = fresh(draft);
  if (kept && !mistakes && !document.querySelector('.amber')) fill(kept.text, false, new Date(kept.at).toDateString() !== new Date().toDateString());
  know();
  // The rest comes when it is needed: the last receipt of this phone, and buttons in the fold.
  if (read('ms-last') || form.querySelector('[open]')) load(rest);
  else form.addEventListener('toggle', function () { if (rest) load(rest); rest = ''; }, true);
  form.addEventListener('input', function () { write(draft, { at: Date.now(), text: words().toString() }); });
  form.addEventListener('click', function (event) { pressed = event.target; });
  form.addEventListener('submit', function (event) {
    var all = words(pressed), waiting = fresh(outbox), only = all.has('only');
    if (only ? !all.get('phone') && lacking(true) : !all.get('call') && lacking(false)) { event.preventDefault(); return; }
    // Another report still waits to be sent: the browser sends this one.
    if (waiting && new URLSearchParams(waiting.text).get('key') !== all.get('key')) return;
    // The browser also sends it where the storage is forbidden or full.
    if (!write(outbox, { at: Date.now(), text: all.toString(), remember: remember.checked })) return;
    event.preventDefault();
    send();
  });
  addEventListener('online', send);
  addEventListener('pageshow', send);
  document.addEventListener('visibilitychange', function () { if (!document.hidden) send(); });
  addEventListener('storage', function (event) {
    if (event.key === sent && event.newValue) location.replace(JSON.parse(event.newValue));
    if (event.key === outbox) tell();
  });
})();
