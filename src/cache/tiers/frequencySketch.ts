/** Places that a digest is counted in; the least of them is the least disturbed by others. */
const PLACES = 4;
/** An odd number with its bits well spread: the golden ratio's, as a fraction of 2^32. */
const SPREAD = 0x9e3779b1;
const MOST = 255;

/**
 * How often keys were asked for lately, those too that are not kept, in a fixed number of bytes: a count-min sketch
 * (Cormode and Muthukrishnan 2005) that raises only the least of a key's counters, and halves all of them from time to time, so
 * that what was hot once is forgotten (TinyLFU: Einziger, Friedman and Manes 2017). It overestimates, never the other way round.
 */
export class FrequencySketch {
  readonly #counters: Uint8Array;
  readonly #mask: number;
  #sinceHalved = 0;

  /** `size`: counters, a byte each, rounded up to a power of two; after so many counts all are halved. */
  constructor(size: number) {
    const length = 2 ** Math.ceil(Math.log2(Math.max(64, size)));
    this.#counters = new Uint8Array(length);
    this.#mask = length - 1;
  }

  count(digest: number): void {
    const least = this.estimate(digest);
    if (least < MOST) {
      for (let at = 0; at < PLACES; at++) {
        const place = this.#placeOf(digest, at);
        if (this.#counters[place] === least) this.#counters[place] = least + 1;
      }
    }
    if (++this.#sinceHalved > this.#mask) this.#halve();
  }

  estimate(digest: number): number {
    let least = MOST;
    for (let at = 0; at < PLACES; at++) least = Math.min(least, this.#counters[this.#placeOf(digest, at)] ?? 0);
    return least;
  }

  #placeOf(digest: number, at: number): number {
    return (digest + at * (Math.imul(digest, SPREAD) | 1)) & this.#mask;
  }

  #halve(): void {
    for (let place = 0; place <= this.#mask; place++) this.#counters[place] = (this.#counters[place] ?? 0) >> 1;
    this.#sinceHalved >>= 1;
  }
}
