// Sounds of a page: a stand-in for the browser's audio that counts the tones.

// Runs in the page.
export function fakeAudio() {
  globalThis.tones = 0;
  globalThis.AudioContext = class {
    currentTime = 0;
    state = 'running';
    destination = null;
    addEventListener() {}
    createOscillator() { globalThis.tones += 1; return { frequency: {}, connect: (to) => to, start() {}, stop() {} }; }
    createGain() { return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (to) => to }; }
  };
}

export const tones = (tab) => tab.evaluate(() => globalThis.tones);
