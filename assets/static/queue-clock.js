// Time left, counted down by the server's clock: a phone that is an hour off shows the same.
const roughFromHours = 10;

export class Countdown {
  constructor(serverNowMs, words) {
    this.offset = serverNowMs - Date.now();
    this.words = words;
  }

  // A phone's clock may be set meanwhile.
  renew(serverNowMs) { this.offset = serverNowMs - Date.now(); }

  now() { return Date.now() + this.offset; }

  // { state: 'calm' | 'soon' | 'over', text } of what is due at one moment and was given so long.
  of(dueMs, givenMs) {
    const left = dueMs - this.now();
    const text = (left < 0 ? this.words.over : this.words.left).replace('{}', this.span(Math.abs(left)));
    if (left < 0) return { state: 'over', text };
    return { state: left < givenMs * this.words.soon ? 'soon' : 'calm', text };
  }

  span(ms) {
    const minutes = Math.floor(ms / 60_000);
    if (minutes < 60) return this.words.minutes.replace('{}', minutes);
    const hours = Math.floor(minutes / 60);
    if (hours >= roughFromHours) return this.words.rough.replace('{}', hours);
    return this.words.hours.replace('{}', hours).replace('{}', minutes % 60);
  }
}

const icons = { calm: '◷', soon: '◔', over: '⚠' };

// Draws the time left on every row that still has a deadline: to the first call, then to the end.
export function draw(rows, countdown) {
  for (const item of rows) {
    const mark = item.querySelector('.left');
    const open = Number(item.dataset.due) > 0;
    // What no longer counts keeps its place where the row is being looked at.
    mark.hidden = !open && !item.classList.contains('hold');
    mark.classList.toggle('gone', !open);
    if (!open) { item.classList.remove('late', 'soon'); continue; }
    const { state, text } = countdown.of(Number(item.dataset.due), Number(item.dataset.given));
    const said = `${icons[state]} ${text}`;
    if (mark.textContent !== said) mark.textContent = said;
    mark.dataset.state = state;
    item.classList.toggle('late', state === 'over');
    item.classList.toggle('soon', state === 'soon');
  }
}

// Whether nobody is to be disturbed: quiet hours and days off, in the city's time.
export function isQuiet(nowMs, { offsetMinutes, dayStarts, dayEnds, offDays = '' }) {
  const today = new Date(nowMs + offsetMinutes * 60_000).toISOString().slice(0, 10);
  if (offDays.split(' ').includes(today)) return true;
  const minutes = (at) => at.split(':').reduce((hours, part) => hours * 60 + Number(part), 0);
  const at = Math.floor(nowMs / 60_000 + offsetMinutes) % 1440;
  return at < minutes(dayStarts) || at >= minutes(dayEnds);
}
