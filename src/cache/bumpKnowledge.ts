/** What an isolate knows of bumps at one moment: the world's word as it holds it, and its own writes that the word lacks. */
export interface BumpKnowledge {
  readonly incarnation: number;
  /** All bumps up to here are in it. */
  readonly seq: number;
  /** How long ago its owner said it, in milliseconds. */
  readonly ageMs: number;
  /** The database's epoch as the owner of bumps last saw it; undefined: it did not say. */
  readonly epoch: string | undefined;
  /** The newest number of a bucket's bumps; 0: none is known. */
  readonly latest: (bucket: number) => number;
  /** The newest number of a bucket's purges for good; 0: none. */
  readonly purged: (bucket: number) => number;
  /** Bumps that not every node in rotation is known to hold, by id. */
  readonly live: ReadonlyMap<string, { readonly seq: number; readonly buckets: readonly number[] }>;
  /** Numbers of the last minute's bumps, by id. */
  readonly recent: ReadonlyMap<string, number>;
  /** Processes that hold every bump that is no longer live: `node/generation`. */
  readonly cover: ReadonlySet<string>;
  /** This isolate's own writes that are not in the word yet, by id, with the buckets they touch. */
  readonly own: ReadonlyMap<string, readonly number[]>;
}

/** A process of a node, as `cover` names it. */
export function processOf(node: string, generation: string): string {
  return `${node}/${generation}`;
}
