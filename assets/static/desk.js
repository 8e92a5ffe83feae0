// What somebody has dictated is not typed twice: before the form leaves, the page asks whether the
// sign-in still holds and the line is there. If not it says so and stays, and nothing is stored.
const form = document.querySelector('form[data-desk]');
const bands = { gone: document.getElementById('signed-out'), lost: document.getElementById('lost') };
let asked = false;

async function trouble() {
  const answer = await fetch(form.action, { headers: { accept: 'application/json' } }).catch(() => null);
  if (!answer) return bands.lost;
  return answer.status === 401 ? bands.gone : null;
}

form.addEventListener('submit', async (event) => {
  if (asked) { asked = false; return; }
  event.preventDefault();
  const band = await trouble();
  for (const other of Object.values(bands)) other.hidden = other !== band;
  if (band) { band.scrollIntoView({ block: 'center' }); return; }
  asked = true;
  form.requestSubmit(event.submitter);
});
