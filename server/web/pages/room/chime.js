/** A soft sound, made here and kept off where it is not wanted: at most once in a while, and never before a gesture allows it. */

const SPACING_MS = 10_000;
const KEPT_AS = "greenroom.sound";
const NOTES_HZ = [659.25, 880];
const NOTE_S = 0.5;
const GAP_S = 0.14;
const LOUDNESS = 0.06;

export class Chime {
  #context = null;
  #rang_ms = -Infinity;
  #isMuted = load() === "off";

  get isMuted() {
    return this.#isMuted;
  }

  set isMuted(isMuted) {
    this.#isMuted = isMuted;
    save(isMuted ? "off" : "on");
  }

  /** Ring, unless it is muted, has rung a moment ago, or the browser lets nothing be heard yet; answers whether it did. */
  ring() {
    const now_ms = performance.now();
    if (this.#isMuted || now_ms - this.#rang_ms < SPACING_MS || !navigator.userActivation?.hasBeenActive) return false;
    this.#rang_ms = now_ms;
    try {
      this.#context ??= new AudioContext();
      this.#context.resume();
      NOTES_HZ.forEach((pitch_hz, index) => play(this.#context, pitch_hz, this.#context.currentTime + index * GAP_S));
      return true;
    } catch {
      return false; // no sound on this machine: the notice is there all the same
    }
  }

  stop() {
    this.#context?.close().catch(() => {});
    this.#context = null;
  }
}

function play(context, pitch_hz, at_s) {
  const tone = new OscillatorNode(context, { type: "sine", frequency: pitch_hz });
  const loudness = new GainNode(context, { gain: 0 });
  loudness.gain.setValueAtTime(0, at_s);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, at_s + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.0001, at_s + NOTE_S);
  tone.connect(loudness).connect(context.destination);
  tone.start(at_s);
  tone.stop(at_s + NOTE_S);
}

function load() {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null;
  }
}

function save(value) {
  try {
    localStorage.setItem(KEPT_AS, value);
  } catch {
    // Where nothing is kept, the choice holds for this page.
  }
}
