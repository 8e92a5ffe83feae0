// Title count, sound and desktop notice: only where somebody asked for them, without personal
// data, silent in quiet hours except for what is red, and by the first tab alone.
const store = {
  get(name) { try { return localStorage.getItem(name) === 'on'; } catch { return false; } },
  set(name, on) { try { localStorage.setItem(name, on ? 'on' : 'off'); } catch { /* forbidden: for this page only */ } },
};

export class Notices {
  constructor({ name, words, quiet }) {
    Object.assign(this, { words, quiet, title: document.title, waiting: 0, first: !navigator.locks });
    this.boxes = [...document.querySelectorAll('[data-pref]')];
    for (const box of this.boxes) {
      box.checked = store.get(`mashang-${box.dataset.pref}`);
      box.addEventListener('change', () => this.choose(box));
      if (box.dataset.pref === 'notice' && !globalThis.Notification) box.closest('label').hidden = true;
    }
    // What is wished in one tab holds in all of them.
    addEventListener('storage', ({ key }) => {
      const box = this.boxes.find((box) => key === `mashang-${box.dataset.pref}`);
      if (!box) return;
      box.checked = store.get(key);
      this.count(this.waiting);
      this.listen();
    });
    navigator.locks?.request(`mashang-first-${name}`, () => {
      this.first = true;
      this.count(this.waiting);
      this.listen();
      return new Promise(() => {}); // held until the tab is gone
    });
    if (this.first) this.listen();
  }

  wants(name) { return this.boxes.some((box) => box.dataset.pref === name && box.checked); }

  async choose(box) {
    store.set(`mashang-${box.dataset.pref}`, box.checked);
    this.count(this.waiting);
    this.listen();
    if (!box.checked) return;
    if (box.dataset.pref.endsWith('sound')) this.ring();
    if (box.dataset.pref === 'notice' && await Notification.requestPermission() !== 'granted') {
      box.checked = false;
      store.set('mashang-notice', false);
    }
  }

  count(n) {
    this.waiting = n;
    const told = n > 0 && this.first && this.wants('title');
    document.title = told ? `(${n}) ${this.title}` : this.title;
  }

  // What is red is told by night as well.
  arrived({ red = false } = {}) {
    if (!this.first || this.quiet() && !red) return;
    if (this.wants('sound')) this.ring();
    if (this.wants('notice') && document.hidden && globalThis.Notification?.permission === 'granted') this.notice(red);
  }

  // On the wall, where somebody asked for it.
  red() { if (this.first && this.wants('red-sound')) this.ring(); }

  notice(red) {
    try {
      // Another red one is told anew, though nobody has put the last one away.
      new Notification(red ? this.words.red : this.words.notice, { tag: red ? 'mashang-red' : 'mashang-queue', renotify: red });
    } catch { /* Android's browsers know the word and refuse the thing */ }
  }

  // A browser plays nothing before somebody has touched the page. Until then the page says so: an
  // alarm that cannot be heard must not look like silence.
  listen() {
    const wished = this.wants('sound') || this.wants('red-sound');
    if (wished && !this.audio) {
      this.audio = new AudioContext();
      this.audio.addEventListener('statechange', () => this.listen());
      const wake = () => { if (this.audio.state !== 'running') this.audio.resume(); };
      for (const touch of ['pointerup', 'keydown']) document.addEventListener(touch, wake);
    }
    document.getElementById('mute').hidden = !wished || !this.first || this.audio.state === 'running';
  }

  ring() {
    if (!this.audio) return;
    const [tone, volume] = [this.audio.createOscillator(), this.audio.createGain()];
    tone.frequency.value = 880;
    volume.gain.setValueAtTime(0.15, this.audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, this.audio.currentTime + 0.4);
    tone.connect(volume).connect(this.audio.destination);
    tone.start();
    tone.stop(this.audio.currentTime + 0.4);
  }
}
