import type { BumpKnowledge } from "../../../../src/cache/bumpKnowledge.ts";

interface Changes extends Partial<Omit<BumpKnowledge, "latest" | "purged">> {
  readonly buckets?: Readonly<Record<number, number>>;
  readonly purges?: Readonly<Record<number, number>>;
}

/** A fresh word up to bump 5 of the first life, in epoch 1, with one replica that holds everything that is over. */
export function knowledge({ buckets = {}, purges = {}, ...changes }: Changes = {}): BumpKnowledge {
  return {
    incarnation: 1,
    seq: 5,
    ageMs: 0,
    epoch: "1",
    latest: (bucket) => buckets[bucket] ?? 0,
    purged: (bucket) => purges[bucket] ?? 0,
    live: new Map(),
    recent: new Map(),
    cover: new Set(["b/1.1"]),
    own: new Map(),
    ...changes,
  };
}
