import * as z from "zod/mini";
import { readMessage } from "../../rpc/readMessage.ts";
import { COOL_HITS, HEAT_HALF_LIFE_MS, HEAT_ROWS, MAX_HOT_KEY_CHARS, MAX_HOT_KEYS } from "../constants.ts";
import { fnv1a } from "../fnv1a.ts";

/** The newest copy of a key that somebody told of. Times are milliseconds since 1970. */
export interface KnownCopy {
  readonly loadedAt: number;
  readonly freshUntil: number;
  readonly errorUntil: number;
  readonly hash: string;
}

/** `heat`: hits, those of a half-life ago counted as half. `copy`: undefined: none is known. */
export interface HotKey {
  readonly key: string;
  readonly heat: number;
  readonly copy: KnownCopy | undefined;
}

interface Entry {
  /** Hits as they would count at the landmark. */
  score: number;
  copy: KnownCopy | undefined;
}

const number = z.number();
const rowSchema = z.object({
  landmark: number,
  /** `[key, score]`, and the same keys' copies. */
  keys: z.array(z.tuple([z.string(), number])),
  copies: z._default(z.array(z.tuple([z.string(), number, number, number, z.string()])), []),
});

/** Past so many half-lives from the landmark it is moved: numbers end at 2^1,023. */
const LANDMARK_HALF_LIVES = 100;
const PREFIX = "heat:";

/**
 * Which keys are hot, and where their newest copies are. Hits are counted as they would weigh at one moment (forward
 * decay; Cormode et al., 2009), so that time alone changes no number. At most `MAX_HOT_KEYS`, the coldest forgotten first.
 */
export class HotKeys {
  #landmark: number;
  readonly #entries = new Map<string, Entry>();

  constructor(rows: ReadonlyMap<string, string>, now: number) {
    this.#landmark = now;
    const kept = Array.from({ length: HEAT_ROWS }, (_, at) => readRow(rows.get(`${PREFIX}${at}`)));
    for (const row of kept) if (row) this.#landmark = row.landmark;
    for (const row of kept) {
      if (row?.landmark !== this.#landmark) continue; // half of a write is none: rows are written as one
      for (const [key, score] of row.keys) this.#entries.set(key, { score, copy: undefined });
      for (const [key, loadedAt, freshUntil, errorUntil, hash] of row.copies) {
        const entry = this.#entries.get(key);
        if (entry) entry.copy = { loadedAt, freshUntil, errorUntil, hash };
      }
    }
  }

  /** All there is that is worth it, for `HEAT_ROWS` rows; the rest is forgotten. */
  toRows(now: number): Map<string, string> {
    this.#forgetCold(now);
    const rows = Array.from({ length: HEAT_ROWS }, () => ({ keys: [] as unknown[], copies: [] as unknown[] }));
    for (const [key, { score, copy }] of this.#entries) {
      const row = rows[fnv1a(key) % HEAT_ROWS];
      row?.keys.push([key, Number(score.toPrecision(6))]);
      if (copy) row?.copies.push([key, copy.loadedAt, copy.freshUntil, copy.errorUntil, copy.hash]);
    }
    return new Map(rows.map((row, at) => [`${PREFIX}${at}`, JSON.stringify({ landmark: this.#landmark, ...row })]));
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Hits since their reporters' last words. */
  add(heat: readonly (readonly [key: string, hits: number])[], now: number): void {
    this.#moveLandmark(now);
    const weight = this.#weight(now);
    for (const [key, hits] of heat) if (hits > 0) this.#entry(key).score += hits * weight;
    this.#makeRoom(now);
  }

  copyOf(key: string): KnownCopy | undefined {
    return this.#entries.get(key)?.copy;
  }

  /** Somebody told of a copy: it is the newest known, unless an even newer one is. */
  copied(key: string, copy: KnownCopy, now: number): void {
    if (key.length > MAX_HOT_KEY_CHARS) return;
    const entry = this.#entry(key);
    if (entry.copy === undefined || copy.loadedAt >= entry.copy.loadedAt) entry.copy = copy;
    this.#makeRoom(now);
  }

  /** The copy told of is none: it is the one before, if there was one. */
  restored(key: string, copy: KnownCopy | undefined): void {
    const entry = this.#entries.get(key);
    if (entry) entry.copy = copy;
  }

  /** The hottest, hottest first; with at least so much heat. */
  hottest(most: number, now: number, leastHeat = COOL_HITS): HotKey[] {
    const weight = this.#weight(now);
    const hot: HotKey[] = [];
    for (const [key, { score, copy }] of this.#entries) {
      if (score >= leastHeat * weight) hot.push({ key, heat: score / weight, copy });
    }
    return hot.sort((a, b) => b.heat - a.heat || (a.key < b.key ? -1 : 1)).slice(0, most);
  }

  #entry(key: string): Entry {
    const known = this.#entries.get(key);
    if (known) return known;
    const entry = { score: 0, copy: undefined };
    this.#entries.set(key, entry);
    return entry;
  }

  /** A clock that went back makes hits lighter, and none heavier than its time. */
  #weight(now: number): number {
    return 2 ** ((now - this.#landmark) / HEAT_HALF_LIFE_MS);
  }

  #moveLandmark(now: number): void {
    if (Math.abs(now - this.#landmark) < LANDMARK_HALF_LIVES * HEAT_HALF_LIFE_MS) return;
    const weight = this.#weight(now);
    for (const entry of this.#entries.values()) entry.score = Number.isFinite(weight) ? entry.score / weight : 0;
    this.#landmark = now;
  }

  /** What is cold and has no copy left. */
  #forgetCold(now: number): void {
    const least = COOL_HITS * this.#weight(now);
    for (const [key, { score, copy }] of this.#entries) {
      if (score < least && (copy === undefined || copy.errorUntil <= now)) this.#entries.delete(key);
    }
  }

  /** Where there are too many, a sixth of them at once, the coldest. */
  #makeRoom(now: number): void {
    if (this.#entries.size <= MAX_HOT_KEYS) return;
    this.#forgetCold(now);
    if (this.#entries.size <= MAX_HOT_KEYS) return;
    const excess = this.#entries.size - Math.floor((MAX_HOT_KEYS * 5) / 6);
    const coldest = [...this.#entries].sort(([, a], [, b]) => a.score - b.score).slice(0, excess);
    for (const [key] of coldest) this.#entries.delete(key);
  }
}

function readRow(text: string | undefined) {
  return readMessage(rowSchema, text, Number.POSITIVE_INFINITY);
}
