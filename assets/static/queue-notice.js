// Title count, sound and desktop notice: only where somebody asked for them, without personal
// data, silent in quiet hours except for what is red, and by one tab alone.
const store = {
  get(name) { try { return localStorage.getItem(name) === 'on'; } catch { return false; } },
  set(name, on) { try { localStorage.setItem(name, on ? 'on' : 'off'); } catch { /* forbidden: for this page only */ } },
};

export class Notices {
  constructor({ words, quiet }) {
    Object.assign(this, { words, quiet, title: document.title });
    for (const box of document.querySelectorAll('[data-wish]')) {
      box.checked = store.get(`mashang-${box.dataset.wish}`);
      box.addEventListener('change', () => this.wish(box));
    }
  }

  wants(name) { return document.querySelector(`[data-wish="${name}"]`)?.checked ?? false; }

  async wish(box) {
    store.set(`mashang-${box.dataset.wish}`, box.checked);
    if (!box.checked) return;
    if (box.dataset.wish.endsWith('sound')) this.ring();
    if (box.dataset.wish === 'notice' && await Notification.requestPermission() !== 'granted') {
      box.checked = false;
      store.set('mashang-notice', false);
    }
  }

  count(n) { document.title = n > 0 ? `(${n}) ${this.title}` : this.title; }

  // What is red is told by night as well.
  arrived({ red = false } = {}) {
    if (this.quiet() && !red) return;
    if (this.wants('sound')) this.ring();
    if (this.wants('notice') && document.hidden && globalThis.Notification?.permission === 'granted') {
      new Notification(red ? this.words.red : this.words.notice, { tag: red ? 'mashang-red' : 'mashang-queue' });
    }
  }

  ring() {
    this.audio ??= new AudioContext();
    const [tone, volume] = [this.audio.createOscillator(), this.audio.createGain()];
    tone.frequency.value = 880;
    volume.gain.setValueAtTime(0.15, this.audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, this.audio.currentTime + 0.4);
    tone.connect(volume).connect(this.audio.destination);
    tone.start();
    tone.stop(this.audio.currentTime + 0.4);
  }
}
