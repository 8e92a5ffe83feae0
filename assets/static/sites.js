// Sorts the test sites from where the phone is, for whoever asks for it. The position goes to the
// server in the body of one request, never into an address, and is not kept.
(function () {
  var form = document.getElementById('here'), button = form && form.querySelector('button');
  if (!form || !navigator.geolocation) return;
  form.hidden = false;
  form.addEventListener('submit', function (event) {
    event.preventDefault();
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(function (found) {
      form.elements.lon.value = found.coords.longitude;
      form.elements.lat.value = found.coords.latitude;
      form.submit();
    }, function () {
      button.disabled = false;
      document.getElementById('nowhere').hidden = false;
    }, { timeout: 15000, maximumAge: 60000 });
  });
})();
