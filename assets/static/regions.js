// Names of places under the field while somebody types: by characters, by pinyin, by its initials,
// in English. Buttons in the flow of the page; without any of this the server reads the words.
// Written for browsers of ten years. The server adds the names behind this function.
(function (data) {
  var field = document.getElementById('region'), box = document.createElement('div'), english = document.documentElement.lang === 'en';
  var most = 6, sound = {}, places = [], path = [], suffix = /(特别行政区|自治[区州县旗]|地区|林区|新区|[盟省市区县旗])$/;

  data.characters.replace(/([^a-z])([a-zü]+)/g, function (all, sign, read) { sound[sign] = read.replace('ü', 'v'); });
  function syllables(text) {
    return text.split('').map(function (sign) { return sound[sign]; }).filter(Boolean);
  }
  function readings(name) {
    var all = [syllables(name)];
    data.listed.forEach(function (entry) {
      var at = name.indexOf(entry[0]);
      if (at >= 0) all.push(syllables(name.slice(0, at)).concat(entry[1].split(' '), syllables(name.slice(at + entry[0].length))));
    });
    return all;
  }
  function letters(text) { return text.toLowerCase().replace(/ü/g, 'v').replace(/[^a-z]/g, ''); }

  data.names.split('\n').forEach(function (line) {
    var depth = line.search(/[^ ]/), parts = line.slice(depth).split('|'), above = path[depth - 1];
    var place = { depth: depth, name: parts[0], english: parts[1], full: (above ? above.full : '') + parts[0] };
    place.short = (above ? above.short : '') + place.name.replace(suffix, '');
    path[depth] = place;
    places.push(place);
  });
  // Two thousand names and more are read once, when the first letter is typed.
  function spell(place) {
    var all = readings(place.name), bare = place.name.replace(suffix, '').length;
    place.sounds = all.map(function (read) { return read.join(''); });
    place.bare = all.map(function (read) { return read.slice(0, bare).join(''); });
    place.initials = all.map(function (read) { return read.map(function (part) { return part.charAt(0); }).join(''); });
    if (place.english) place.bare.push(place.sounds[all.length] = letters(place.english));
    place.title = place.english || place.bare[all.length - 1].replace(/^./, function (first) { return first.toUpperCase(); });
  }
  function begins(all, typed) { return all.some(function (one) { return one.indexOf(typed) === 0; }); }
  // How well a place answers what was typed, the smaller the better.
  function rank(place, typed, latin) {
    if (latin) {
      if (!place.sounds) spell(place);
      return place.sounds.concat(place.bare).indexOf(typed) >= 0 ? 0 : begins(place.sounds, typed) ? 1 : typed.length > 1 && begins(place.initials, typed) ? 2 : 9;
    }
    return place.name === typed || place.name.replace(suffix, '') === typed ? 0 : place.name.indexOf(typed) === 0 ? 1 : place.full.indexOf(typed) === 0 || place.short.indexOf(typed) === 0 ? 2 : place.name.indexOf(typed) > 0 ? 3 : 9;
  }
  function found(text) {
    var typed = text.trim().replace(/[\s,，、·]+/g, ''), latin = /^[a-zü'’-]+$/i.test(typed);
    if (latin) typed = letters(typed);
    if (!typed) return [];
    return places.map(function (place, at) { return { place: place, key: rank(place, typed, latin) * 1e6 + place.depth * 1e5 + at }; })
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
      if (english && !place.title) spell(place);
      button.type = 'button';
      button.className = 'alt';
      button.textContent = english ? place.title + ' ' + place.full : place.full;
      button.onclick = function () {
        field.value = place.full;
        box.textContent = '';
        field.dispatchEvent(new Event('input', { bubbles: true }));
        box.textContent = '';
        document.getElementById('day').focus();
      };
      box.appendChild(button);
    });
    box.hidden = !all.length;
  }
  box.className = 'places';
  box.setAttribute('role', 'group');
  box.setAttribute('aria-label', field.form.getAttribute('data-places'));
  box.hidden = true;
  field.parentNode.insertBefore(box, field.nextSibling);
  field.addEventListener('input', show);
  show();
})
