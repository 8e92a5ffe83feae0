// The live queue: rows never move by themselves. New reports are counted in a pill; a row that
// somebody changed is updated where it stands.
const rows = document.getElementById('rows');
const pill = document.getElementById('pill');
const fresh = document.getElementById('fresh');
const lost = document.getElementById('lost');
const arrived = new Set();

function take(entry) {
  const row = rows.querySelector(`[data-id="${entry.report}"]`);
  if (!row) {
    if (entry.event !== 'submitted') return;
    arrived.add(entry.report);
    fresh.textContent = arrived.size;
    pill.hidden = false;
    return;
  }
  if (!entry.row || entry.row.version <= Number(row.dataset.version)) return;
  row.dataset.version = entry.row.version;
  const status = row.querySelector('.status');
  status.dataset.status = entry.row.status;
  status.textContent = entry.row.status_words;
}

// The page says how far it was drawn; after that the browser repeats the last event's id itself.
const stream = new EventSource(`/staff/stream?after=${encodeURIComponent(rows.dataset.cursor)}`);
stream.addEventListener('entry', (event) => take(JSON.parse(event.data)));
stream.addEventListener('open', () => { lost.hidden = true; });
stream.addEventListener('error', () => { lost.hidden = false; });
