import type { BumpKnowledge } from "../../src/cache/bumpKnowledge.ts";
import type { FlightPorts } from "../../src/cache/coalesce.ts";
import type { CacheEntry } from "../../src/cache/entry.ts";
import type { CacheTelemetry } from "../../src/cache/sharedCachePorts.ts";
import type { SharedRequest } from "../../src/cache/sharedRequest.ts";
import { tagBuckets } from "../../src/cache/tagBuckets.ts";
import type { Item } from "./catalogue.ts";
import { WINDOWS } from "./constants.ts";

/** What our read path is given here by a Worker's door. */

const NOTHING = () => undefined;

/** Nobody counts. */
export const SILENT: CacheTelemetry = {
  shared: NOTHING,
  sharedMiss: NOTHING,
  tierRead: NOTHING,
  refreshed: NOTHING,
  leaseless: NOTHING,
  sharedObserved: NOTHING,
  audited: NOTHING,
  servedAge: NOTHING,
  servedBytes: NOTHING,
};

/** Every write is known at once, and every node holds it. */
export class KnownAtOnce {
  readonly #newest = new Map<number, number>();
  #seq = 0;

  written({ touches }: Item, number: number): void {
    this.#seq = number;
    for (const bucket of tagBuckets(touches)) this.#newest.set(bucket, number);
  }

  readonly at = (): BumpKnowledge => ({
    incarnation: 1,
    seq: this.#seq,
    ageMs: 0,
    epoch: "1",
    latest: (bucket) => this.#newest.get(bucket) ?? 0,
    purged: () => 0,
    live: new Map(),
    recent: new Map(),
    cover: new Set(),
    own: new Map(),
  });
}

export interface RequestPorts extends Omit<FlightPorts, "waitUntil"> {
  readonly load: () => Promise<CacheEntry>;
}

export function requestOf({ key, kind, tags }: Item, { load, ...clock }: RequestPorts): SharedRequest {
  const { freshMs, staleMs } = WINDOWS[kind];
  const freshS = freshMs / 1_000;
  return {
    key,
    route: kind,
    policy: {
      fresh: { floor: freshS, ceiling: freshS },
      staleWhileRevalidate: staleMs / 1_000,
      staleIfError: 86_400,
    },
    buckets: tagBuckets(tags),
    owed: [],
    load,
    flight: { ...clock, waitUntil: NOTHING },
  };
}
