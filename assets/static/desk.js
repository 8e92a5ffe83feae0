// @ts-check
// A clerk types a dictated report only once. Before the form leaves the page, the script asks the server
// whether the sign-in is valid and the network works. If not, the page shows a banner and stays.
import { one } from './dom.js';

const form = one(document, 'form[data-desk]', HTMLFormElement);
const banners = { signedOut: one(document, '#signed-out'), lost: one(document, '#lost') };
let isChecked = false;

// Returns the banner to show, or null if the form may go.
async function trouble() {
  const answer = await fetch(form.action, { headers: { accept: 'application/json' } }).catch(() => null);
  if (!answer) return banners.lost;
  return answer.status === 401 ? banners.signedOut : null;
}

form.addEventListener('submit', async (event) => {
  if (isChecked) { isChecked = false; return; }
  event.preventDefault();
  const { submitter } = event;
  const banner = await trouble();
  for (const other of Object.values(banners)) other.hidden = other !== banner;
  if (banner) { banner.scrollIntoView({ block: 'center' }); return; }
  isChecked = true;
  form.requestSubmit(submitter);
});
