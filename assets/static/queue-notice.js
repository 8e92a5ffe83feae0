// @ts-check
// Title count, sound and desktop notice. Each is off until the person asks for it, holds no personal
// data, and comes from the first tab alone. Only red reports break quiet hours.
import { all, one } from './dom.js';

const store = {
  /** @param {string} name */
  get(name) { try { return localStorage.getItem(name) === 'on'; } catch { return false; } },
  /**
   * @param {string} name
   * @param {boolean} on
   */
  set(name, on) { try { localStorage.setItem(name, on ? 'on' : 'off'); } catch { /* Storage is forbidden: it holds for this page only. */ } },
};

export class Notices {
  /**
   * @param {object} options
   * @param {string} options.name of the kind of page; one tab of each kind gives the notices
   * @param {{ notice: string, red: string }} options.words
   * @param {() => boolean} options.quiet
   */
  constructor({ name, words, quiet }) {
    this.words = words;
    this.quiet = quiet;
    this.title = document.title;
    this.waiting = 0;
    this.first = !navigator.locks;
    /** @type {AudioContext | undefined} */
    this.audio = undefined;
    this.boxes = all(document, '[data-pref]', HTMLInputElement);
    for (const box of this.boxes) {
      box.checked = store.get(`mashang-${box.dataset.pref}`);
      box.addEventListener('change', () => this.choose(box));
      if (box.dataset.pref === 'notice' && !globalThis.Notification) box.labels?.forEach((label) => { label.hidden = true; });
    }
    // A preference holds in all tabs.
    addEventListener('storage', ({ key }) => {
      const changed = this.boxes.find((box) => key === `mashang-${box.dataset.pref}`);
      if (!changed) return;
      changed.checked = store.get(`mashang-${changed.dataset.pref}`);
      this.count(this.waiting);
      this.listen();
    });
    navigator.locks?.request(`mashang-first-${name}`, () => {
      this.first = true;
      this.count(this.waiting);
      this.listen();
      return new Promise(() => {}); // The tab holds the lock until it closes.
    });
    if (this.first) this.listen();
  }

  /** @param {string} pref */
  wants(pref) { return this.boxes.some((box) => box.dataset.pref === pref && box.checked); }

  /** @param {HTMLInputElement} box */
  async choose(box) {
    const pref = box.dataset.pref ?? '';
    store.set(`mashang-${pref}`, box.checked);
    this.count(this.waiting);
    this.listen();
    if (!box.checked) return;
    if (pref.endsWith('sound')) this.ring();
    if (pref === 'notice' && await Notification.requestPermission() !== 'granted') {
      box.checked = false;
      store.set('mashang-notice', false);
    }
  }

  /**
   * Shows how many reports wait behind the pill.
   * @param {number} n
   */
  count(n) {
    this.waiting = n;
    const isShown = n > 0 && this.first && this.wants('title');
    document.title = isShown ? `(${n}) ${this.title}` : this.title;
  }

  // A red report gives a notice in quiet hours, too.
  arrived({ red = false } = {}) {
    if (!this.first || this.quiet() && !red) return;
    if (this.wants('sound')) this.ring();
    if (this.wants('notice') && document.hidden && globalThis.Notification?.permission === 'granted') this.notice(red);
  }

  // The sound of the command centre.
  red() { if (this.first && this.wants('red-sound')) this.ring(); }

  /** @param {boolean} red */
  notice(red) {
    // `renotify`: another red report gives a notice although the last one is still shown. The
    // property is not in the DOM types yet.
    const options = { tag: red ? 'mashang-red' : 'mashang-queue', renotify: red };
    try {
      new Notification(red ? this.words.red : this.words.notice, options);
    } catch { /* Browsers on Android have the constructor, and it throws. */ }
  }

  // A browser plays no sound before someone touches the page. Until then the page shows a banner:
  // an alarm without sound must not look like silence.
  listen() {
    const wants = this.wants('sound') || this.wants('red-sound');
    if (wants && !this.audio) this.openAudio();
    one(document, '#mute').hidden = !wants || !this.first || this.audio?.state === 'running';
  }

  openAudio() {
    const audio = new AudioContext();
    audio.addEventListener('statechange', () => this.listen());
    const wake = () => { if (audio.state !== 'running') audio.resume(); };
    for (const touch of ['pointerup', 'keydown']) document.addEventListener(touch, wake);
    this.audio = audio;
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
