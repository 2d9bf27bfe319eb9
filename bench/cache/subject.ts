import type { Item } from "./catalogue.ts";

/** What the database said. */
export interface Loaded {
  readonly rank: number;
  /** When the load began, and how many writes there had been by then: it shows those, and none that came later. */
  readonly loadedAt: number;
  readonly writes: number;
  readonly body: string;
}

/** An answer. `isKnownOld`: the cache says itself that it may be old; undefined: it does not say. */
export interface Told {
  readonly loaded: Loaded;
  readonly isKnownOld?: boolean;
}

/** The world around a cache. */
export interface World {
  readonly items: readonly Item[];
  readonly maxBytes: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly load: (rank: number) => Promise<Loaded>;
}

/** A cache that is compared: ours or another. */
export interface Subject {
  readonly ask: (rank: number) => Promise<Told>;
  /** A pitch was written; `number`: how many writes there were with it. */
  readonly written: (pitch: Item, number: number) => unknown;
}

export type MakeSubject = (world: World) => Promise<Subject> | Subject;
