import { ageOf, type Held } from "../rpc/held.ts";
import type { BumpsPart } from "../rpc/parts.ts";
import type { BumpKnowledge } from "./bumpKnowledge.ts";
import { processOf } from "./bumpKnowledge.ts";
import { MAX_OWN_BUMPS, OWN_BUMP_MS } from "./constants.ts";

/** Where the world's word on bumps is kept. */
interface BumpsHolder {
  readonly bumps: Held<BumpsPart> | undefined;
}

type Word = Omit<BumpKnowledge, "ageMs" | "own">;

const NO_WORD: Word = {
  incarnation: 0,
  seq: -1,
  epoch: undefined,
  latest: () => 0,
  purged: () => 0,
  live: new Map(),
  recent: new Map(),
  cover: new Set(),
};

/** What this isolate knows of bumps: the world's word, made handy once for each, and its own writes until the word has them. */
export class KnownBumps {
  readonly #holder: BumpsHolder;
  readonly #own = new Map<string, { readonly buckets: readonly number[]; readonly at: number }>();
  #count = 0;
  #part: BumpsPart | undefined;
  #word = NO_WORD;
  #ownBuckets: ReadonlyMap<string, readonly number[]> = new Map();

  constructor(holder: BumpsHolder) {
    this.#holder = holder;
  }

  /** Writes from here, ever. */
  get count(): number {
    return this.#count;
  }

  /** Those of this colo that the world's word lacks. */
  untold(): { id: string; buckets: number[] }[] {
    const own = Array.from(this.#own, ([id, { buckets }]) => ({ id, buckets: [...buckets] }));
    return own.sort((a, b) => (a.id < b.id ? -1 : 1)); // by their time, so that all isolates tell the same ones
  }

  /** A write from here was answered, or may have happened. */
  wrote(id: string, buckets: readonly number[], now: number): void {
    this.#count++;
    this.#keep(id, buckets, now);
  }

  /** The same of a neighbour's. */
  heard(id: string, buckets: readonly number[], now: number): void {
    // Neighbours tell each other: what is too old to matter must not go round for ever.
    if (this.#own.has(id) || Math.abs(now - madeAtMs(id)) > OWN_BUMP_MS) return;
    this.#keep(id, buckets, now);
  }

  #keep(id: string, buckets: readonly number[], now: number): void {
    this.#own.set(id, { buckets, at: now });
    const [oldest] = this.#own.keys();
    if (this.#own.size > MAX_OWN_BUMPS && oldest !== undefined) this.#own.delete(oldest);
    this.#settle(now);
  }

  /** As of now. Without any word its age is infinite. */
  at(now: number): BumpKnowledge {
    const held = this.#holder.bumps;
    if (held && held.part !== this.#part) {
      this.#part = held.part;
      this.#word = wordOf(held.part);
      this.#settle(now);
    }
    const [oldest] = this.#own.values();
    if (oldest && Math.abs(now - oldest.at) > OWN_BUMP_MS) this.#settle(now);
    return { ...this.#word, ageMs: held ? ageOf(held, now) : Number.POSITIVE_INFINITY, own: this.#ownBuckets };
  }

  /** Own writes that the word tells of are the world's; those that nobody will tell of any more are forgotten. */
  #settle(now: number): void {
    for (const [id, { at }] of this.#own) {
      if (this.#word.recent.has(id) || Math.abs(now - at) > OWN_BUMP_MS) this.#own.delete(id);
    }
    this.#ownBuckets = new Map(Array.from(this.#own, ([id, { buckets }]) => [id, buckets]));
  }
}

/** When a mark was made, by its id (a UUID of version 7). */
function madeAtMs(id: string): number {
  return Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}

function wordOf(part: BumpsPart): Word {
  const { incarnation, seq, databaseEpoch, buckets, purged = [], live, recent = [], cover } = part;
  const latest = new Map(buckets);
  const purges = new Map(purged);
  return {
    incarnation,
    seq,
    epoch: databaseEpoch ?? undefined,
    latest: (bucket) => latest.get(bucket) ?? 0,
    purged: (bucket) => purges.get(bucket) ?? 0,
    live: new Map(live.map(({ id, ...bump }) => [id, bump])),
    recent: new Map(recent),
    cover: new Set(cover.map(([node, generation]) => processOf(node, generation))),
  };
}
