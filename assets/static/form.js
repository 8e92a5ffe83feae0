// Lift mode: what was typed outlives a dead link, and sends itself once the signal is back. The
// form works without any of this; where storage is forbidden or full, it does.
// Written for browsers of ten years: this stands in the page itself, as small as it can be.
(function () {
  var form = document.getElementById('f'), mistakes = document.getElementById('mistakes');
  if (mistakes) mistakes.focus();
  // Names of places come once somebody is about to type one.
  var place = document.getElementById('region');
  if (place) place.onfocus = function () {
    var names = document.createElement('script');
    place.onfocus = null;
    names.src = form.dataset.regions;
    document.body.appendChild(names);
  };
  var store, say = form && form.dataset;
  try { store = localStorage; store.setItem('ms', 1); store.removeItem('ms'); } catch (e) { return; }
  if (!form || !window.fetch || !window.URLSearchParams) return;
  var code = form.action.split('/').pop().toUpperCase();
  var draft = 'ms-draft-' + code, outbox = 'ms-outbox-' + code, sent = 'ms-sent-' + code, me = 'ms-me';
  var hours = 48, wait = 2, timer, busy, amber, remember, pressed;

  function read(name) { try { return JSON.parse(store.getItem(name)); } catch (e) { return null; } }
  function write(name, value) {
    try { if (value) store.setItem(name, JSON.stringify(value)); else store.removeItem(name); return true; } catch (e) { return false; }
  }
  function fresh(name) {
    var kept = read(name);
    if (kept && Date.now() - kept.at < hours * 36e5) return kept;
    write(name);
  }
  function words(pressed) {
    var all = new URLSearchParams();
    new FormData(form).forEach(function (value, name) { all.append(name, value); });
    if (pressed && pressed.name === 'only') all.append(pressed.name, pressed.value);
    return all;
  }
  function fill(text, keyToo, yesterday) {
    new URLSearchParams(text).forEach(function (value, name) {
      // Yesterday's today is not today's.
      if (name === 'lang' || name === 'key' && !keyToo || name === 'day' && yesterday) return;
      [].forEach.call(form.elements, function (field) {
        if (field.name !== name) return;
        if (field.type === 'radio') field.checked = field.value === value;
        else if (field.tagName !== 'SELECT' || [].some.call(field.options, function (o) { return o.value === value; })) field.value = value;
        if (value && field.closest && field.closest('details')) field.closest('details').open = true;
      });
    });
  }
  function element(tag, text, parent, click) {
    var made = document.createElement(tag);
    made.textContent = text;
    if (click) { made.type = 'button'; made.className = 'alt'; made.onclick = click; }
    parent.appendChild(made);
    return made;
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
    form.parentNode.insertBefore(amber, form);
    amber.scrollIntoView();
  }
  function later() {
    tell();
    clearTimeout(timer);
    timer = setTimeout(send, wait * 1e3);
    wait = Math.min(wait * 2, 60);
  }
  function done(answer, box) {
    var all = new URLSearchParams(box.text), kept = { name: all.get('name'), phone: all.get('phone'), room: all.get('room') };
    if (box.remember) write(me, kept);
    write(outbox);
    write(draft);
    // Told to other pages of this placard, and not kept.
    write(sent, answer.receipt);
    write(sent);
    location.replace(answer.receipt);
  }
  // Whatever else the server has to say is its own page: the form is sent there as it is.
  function give(box) {
    fill(box.text, true);
    // Which button was pressed is not said again by itself.
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
    var stop = window.AbortController && new AbortController();
    var limit = setTimeout(function () { if (stop) stop.abort(); }, 3e4);
    function end(next) { return function (value) { busy = false; clearTimeout(limit); next(value); }; }
    return fetch(form.action, {
      method: 'POST', body: box.text, credentials: 'same-origin', signal: stop ? stop.signal : undefined,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' }
    }).then(function (answer) {
      // A page of somebody else's, such as a hotel's sign-in, is no answer.
      if (!/json/.test(answer.headers.get('Content-Type')) || answer.status >= 429) return later;
      return answer.json().then(function (said) {
        return answer.ok && !said.receipt ? later : function () { if (answer.ok) done(said, box); else give(box); };
      });
    }).then(end(function (next) { next(); }), end(later));
  }
  // Of several pages one sends; the key makes the others' tries the same report anyway.
  function send() {
    if (navigator.locks) navigator.locks.request(outbox, { ifAvailable: true }, function (lock) { return lock && post(); });
    else post();
  }
  function know() {
    var kept = read(me), row = document.createElement('p'), label;
    if (kept && !form.elements.name.value) {
      element('button', say.fill + ' ' + kept.name.charAt(0) + '* ' + kept.phone.slice(0, 3) + '****' + kept.phone.slice(-4), row, function () {
        fill(new URLSearchParams(kept).toString());
        row.remove();
      });
      element('button', say.forget, row, function () { write(me); row.remove(); });
      form.insertBefore(row, form.firstChild);
    }
    label = document.createElement('label');
    label.className = 'pref';
    remember = document.createElement('input');
    remember.type = 'checkbox';
    label.appendChild(remember);
    label.appendChild(document.createTextNode(say.remember));
    form.insertBefore(label, form.querySelector('details').nextSibling);
  }

  var kept = fresh(draft);
  if (kept && !mistakes && !document.querySelector('.amber')) fill(kept.text, false, new Date(kept.at).toDateString() !== new Date().toDateString());
  know();
  form.addEventListener('input', function () { write(draft, { at: Date.now(), text: words().toString() }); });
  form.addEventListener('click', function (event) { pressed = event.target; });
  form.addEventListener('submit', function (event) {
    var all = words(pressed), waiting = fresh(outbox);
    // Another report is still waiting to be sent: this one goes its own way.
    if (waiting && new URLSearchParams(waiting.text).get('key') !== all.get('key')) return;
    // The server says best what is missing, and a forbidden storage keeps nothing to send again.
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
