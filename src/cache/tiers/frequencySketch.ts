import { SKETCH_COLUMNS, SKETCH_HALVED_AFTER, SKETCH_ROWS } from "./constants.ts";

const MAX_COUNT = 255;

/**
 * How often each of any number of keys was asked for lately, in a fixed memory: a count-min sketch (Cormode and
 * Muthukrishnan 2005) that raises only the least of a key's counters, and is halved from time to time, as TinyLFU does
 * (Einziger, Friedman and Manes 2017). Never too little between two halvings, sometimes too much: keys share counters.
 */
export class FrequencySketch {
  readonly #counts = new Uint8Array(SKETCH_ROWS * SKETCH_COLUMNS);
  #counted = 0;

  /** `digest`: 32 bits of the key. */
  count(digest: number): void {
    const least = this.of(digest);
    const step = stepOf(digest);
    for (let row = 0, at = digest; row < SKETCH_ROWS && least < MAX_COUNT; row++, at += step) {
      const place = placeOf(row, at);
      if (this.#counts[place] === least) this.#counts[place] = least + 1;
    }
    if (++this.#counted < SKETCH_HALVED_AFTER) return;
    this.#counted = 0;
    for (let place = 0; place < this.#counts.length; place++) this.#counts[place] = (this.#counts[place] ?? 0) >> 1;
  }

  of(digest: number): number {
    const step = stepOf(digest);
    let least = MAX_COUNT;
    for (let row = 0, at = digest; row < SKETCH_ROWS; row++, at += step) {
      const count = this.#counts[placeOf(row, at)] ?? 0;
      if (count < least) least = count;
    }
    return least;
  }
}

/** How far apart a key's columns are from row to row: two keys that meet in one seldom meet in all. */
function stepOf(digest: number): number {
  return Math.imul(digest ^ (digest >>> 15), 0x2c1b3c6d) | 1;
}

function placeOf(row: number, at: number): number {
  return row * SKETCH_COLUMNS + ((at >>> 7) % SKETCH_COLUMNS);
}
