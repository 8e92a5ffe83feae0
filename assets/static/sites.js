// @ts-check
// Sorts the test sites by their distance from the phone when the resident asks for it. The position
// goes to the server in the body of one request, never in an address, and nothing keeps it.
(function () {
  var form = /** @type {HTMLFormElement | null} */ (document.getElementById('here')), button = form && form.querySelector('button');
  if (!form || !button || !navigator.geolocation) return;
  var here = form, ask = button;
  /**
   * @param {string} name
   * @param {number} value
   */
  function set(name, value) { /** @type {HTMLInputElement} */ (here.elements.namedItem(name)).value = String(value); }
  here.hidden = false;
  here.addEventListener('submit', function (event) {
    event.preventDefault();
    ask.disabled = true;
    navigator.geolocation.getCurrentPosition(function (found) {
      set('lon', found.coords.longitude);
      set('lat', found.coords.latitude);
      here.submit();
    }, function () {
      ask.disabled = false;
      /** @type {HTMLElement} */ (document.getElementById('nowhere')).hidden = false;
    }, { timeout: 15000, maximumAge: 60000 });
  });
})();
