// @ts-check
// Suggests names of places under the field: by characters, by pinyin, by its initials, in English.
// The suggestions are buttons in the flow of the page. Without this script the server reads the text.
// The code suits browsers of ten years ago. The server appends the data to this function.
/**
 * @typedef {object} Place
 * @property {number} depth
 * @property {string} name
 * @property {string | undefined} english
 * @property {string} full the name with the names of all places above it
 * @property {string} short the same without *province*, *city* and the like
 * @property {string[]} [sounds] the readings in pinyin
 * @property {string[]} [bare] the same without *sheng*, *shi* and the like, and the English name
 * @property {string[]} [initials]
 * @property {string} [title] the name in Latin letters
 */
(
/** @param {{ names: string, characters: string, listed: [string, string][] }} data */
function (data) {
  var field =
    /** @type {HTMLInputElement} */
    (document.getElementById('region'));
  var form = /** @type {HTMLFormElement} */ (field.form), say = form.getAttribute('data-places') || '';
  var box = document.createElement('div'), count = document.createElement('p'), english = document.documentElement.lang === 'en';
  /** @type {Record<string, string>} */
  var sound = {};
  /** @type {Place[]} */
  var places = [];
  /** @type {Place[]} */
  var path = [];
  var most = 6, suffix = /(特别行政区|自治[区州县旗]|地区|林区|新区|[盟省市区县旗])$/;

  data.characters.replace(/([^a-z])([a-zü]+)/g, function (all, sign, read) { sound[sign] = read.replace('ü', 'v'); return all; });
  /** @param {string} text */
  function syllables(text) {
    return text.split('').map(function (sign) { return sound[sign]; }).filter(Boolean);
  }
  /** @param {string} name */
  function readings(name) {
    var all = [syllables(name)];
    data.listed.forEach(function (entry) {
      var at = name.indexOf(entry[0]);
      if (at >= 0) all.push(syllables(name.slice(0, at)).concat(entry[1].split(' '), syllables(name.slice(at + entry[0].length))));
    });
    return all;
  }
  /** @param {string} text */
  function letters(text) { return text.toLowerCase().replace(/ü/g, 'v').replace(/[^a-z]/g, ''); }

  data.names.split('\n').forEach(function (line) {
    var depth = line.search(/[^ ]/), parts = line.slice(depth).split('|'), above = path[depth - 1];
    path[depth] = {
      depth: depth, name: parts[0], english: parts[1], full: (above ? above.full : '') + parts[0],
      short: (above ? above.short : '') + parts[0].replace(suffix, '')
    };
    places.push(path[depth]);
  });
  /**
   * Reads all of the two thousand names when the resident types the first letter, not before.
   * @param {Place} place
   * @returns {Required<Place>}
   */
  function spell(place) {
    var all = readings(place.name), length = place.name.replace(suffix, '').length;
    var sounds = all.map(function (read) { return read.join(''); });
    var bare = all.map(function (read) { return read.slice(0, length).join(''); });
    var last = bare[all.length - 1];
    place.sounds = sounds;
    place.bare = bare;
    place.initials = all.map(function (read) { return read.map(function (part) { return part.charAt(0); }).join(''); });
    if (place.english) bare.push(sounds[all.length] = letters(place.english));
    place.title = place.english || last.replace(/^./, function (first) { return first.toUpperCase(); });
    return spelled(place);
  }
  /**
   * @param {Place} place
   * @returns {Required<Place>}
   */
  function spelled(place) {
    return place.sounds ?
      /** @type {Required<Place>} */
      (place) : spell(place);
  }
  /**
   * @param {string[]} all
   * @param {string} typed
   */
  function begins(all, typed) { return all.some(function (one) { return one.indexOf(typed) === 0; }); }
  /**
   * How well a place matches the text: the smaller, the better; 9 for no match.
   * @param {Place} place
   * @param {string} typed
   */
  function latinRank(place, typed) {
    var known = spelled(place);
    return known.sounds.concat(known.bare).indexOf(typed) >= 0 ? 0 : begins(known.sounds, typed) ? 1 : typed.length > 1 && begins(known.initials, typed) ? 2 : 9;
  }
  /**
   * @param {Place} place
   * @param {string} typed
   */
  function rank(place, typed) {
    return place.name === typed || place.name.replace(suffix, '') === typed ? 0 : place.name.indexOf(typed) === 0 ? 1 : place.full.indexOf(typed) === 0 || place.short.indexOf(typed) === 0 ? 2 : place.name.indexOf(typed) > 0 ? 3 : 9;
  }
  /** @param {string} text */
  function found(text) {
    var typed = text.trim().replace(/[\s,，、·]+/g, ''), latin = /^[a-zü'’-]+$/i.test(typed);
    if (latin) typed = letters(typed);
    if (!typed) return [];
    return places.map(function (place, at) { return { place: place, key: (latin ? latinRank : rank)(place, typed) * 1e6 + place.depth * 1e5 + at }; })
      .filter(function (one) { return one.key < 9e6; })
      .sort(function (one, other) { return one.key - other.key; })
      .slice(0, most).map(function (one) { return one.place; });
  }
  function show() {
    var all = found(field.value);
    box.textContent = '';
    if (all.length === 1 && all[0].full === field.value) all = [];
    all.forEach(function (place) {
      var button = document.createElement('button');
      button.type = 'button';
      button.className = 'alt';
      button.textContent = english ? spelled(place).title + ' ' + place.full : place.full;
      button.onclick = function () {
        field.value = place.full;
        box.textContent = '';
        field.dispatchEvent(new Event('input', { bubbles: true }));
        box.textContent = '';
        /** @type {HTMLElement} */
        (form.querySelector('[name=day]:checked')).focus();
      };
      box.appendChild(button);
    });
    box.hidden = !all.length;
    count.textContent = all.length ? say.replace('{}', String(all.length)) : '';
  }
  /**
   * Arrow keys go from the field to the buttons, along them, and back.
   * @param {any} event
   */
  function move(event) {
    var by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0, stops, at;
    if (!by || event.isComposing || box.hidden) return;
    stops = [field].concat([].slice.call(box.children));
    at = stops.indexOf(/** @type {any} */ (document.activeElement)) + by;
    if (!stops[at]) return;
    event.preventDefault();
    stops[at].focus();
  }
  box.className = 'places';
  box.setAttribute('role', 'group');
  box.setAttribute('aria-labelledby', 'places');
  box.hidden = true;
  count.id = 'places';
  count.className = 'hint';
  count.setAttribute('aria-live', 'polite');
  /** @type {Node} */
  (field.parentNode).insertBefore(box, field.nextSibling);
  /** @type {Node} */
  (field.parentNode).insertBefore(count, box);
  field.addEventListener('input', show);
  /** @type {Node} */
  (field.parentNode).addEventListener('keydown', move);
  show();
})
