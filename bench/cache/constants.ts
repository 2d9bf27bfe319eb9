import { LISTS, THINGS } from "../../src/marketplace/sharing.ts";

/** Keys, drawn after Zipf's law with this exponent. */
export const KEYS = 100_000;
export const ZIPF_EXPONENT = 1;

export const KINDS = ["browse", "pitch", "search"] as const;
export type Kind = (typeof KINDS)[number];

/** Shares of the requests, the marketplace's mix. */
export const MIX: Readonly<Record<Kind, number>> = { browse: 0.6, pitch: 0.25, search: 0.15 };

export interface Windows {
  /** How long an answer is fresh, and how long beyond that it may be shown while it is loaded anew. */
  readonly freshMs: number;
  readonly staleMs: number;
}

/**
 * The same for everybody, and fixed: how lifetimes are learnt is another matter. How long beyond is the marketplace's own.
 */
export const WINDOWS: Readonly<Record<Kind, Windows>> = {
  browse: { freshMs: 60_000, staleMs: LISTS.staleWhileRevalidate * 1_000 },
  pitch: { freshMs: 60_000, staleMs: THINGS.staleWhileRevalidate * 1_000 },
  search: { freshMs: 60_000, staleMs: LISTS.staleWhileRevalidate * 1_000 },
};

/** How long a load takes. */
export const LOAD_MS: Readonly<Record<Kind, number>> = { browse: 25, pitch: 8, search: 40 };

/** Bytes of an answer, as the seed's pitches make them: one by itself, a page of 20 of them, fewer that match a search. */
export const BODY_BYTES: Readonly<Record<Kind, readonly [least: number, most: number]>> = {
  browse: [7_100, 7_600],
  pitch: [350, 420],
  search: [400, 7_600],
};

/** One request a millisecond: 1,000 a second. */
export const REQUEST_EVERY_MS = 1;

/** So many of a hundred requests are writes of a pitch besides. */
export const WRITES_PER_REQUEST = 0.01;

/** Share of the lists that are of one genre; the others are of all. */
export const GENRE_LISTS = 0.7;

/** A moment in 2026: caches that take 0 for "never" are not to be led astray. */
export const BEGINS_AT = 1_790_000_000_000;

/** All bodies are parts of one text: what is measured is what a cache keeps, not how much of it this machine has. */
export const TEXT = "x".repeat(65_536);
