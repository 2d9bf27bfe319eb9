import * as z from "zod/mini";
import { CacheApi, type CopyStore } from "../cache/tiers/cacheApi.ts";
import { MAX_DIGEST_CHARS, WIRE } from "../rpc/constants.ts";
import { type Parts, partsSchema } from "../rpc/parts.ts";
import { readMessage } from "../rpc/readMessage.ts";
import { type Bump, bumpSchema } from "../rpc/report.ts";
import { COLO_ABSENT_MS, COLO_KEPT_S, COLO_SKEW_MS, MAX_TOLD_BUMPS } from "./constants.ts";

const copySchema = z.object({
  wire: z.literal(WIRE),
  parts: partsSchema,
  storedAt: z.number(),
  refreshAfter: z.number(),
  /** Writes that the objects were not told of yet, by id, with the buckets they touch. Older versions did not say. */
  own: z.optional(z.array(bumpSchema).check(z.maxLength(MAX_TOLD_BUMPS))),
});

/** What a copy says beside the view. */
export interface CopyNews {
  /** Until when nobody with nothing to tell needs to ask for a newer one. */
  readonly refreshAfter: number;
  readonly own: readonly Bump[];
}

/** A view as a neighbour left it. Ages in it are as of `storedAt`. */
export type ColoCopy = z.infer<typeof copySchema>;

/** Where an isolate is. */
export interface Place {
  readonly host: string;
  readonly colo: string;
}

/**
 * The view of this colo, in its Cache API: what one isolate heard, all of them know. Where it does not work (not every
 * Worker may use the Cache API) it is absent, and nothing else changes. Never rejects.
 */
export class ColoCopyShelf {
  readonly #cache: CacheApi;
  readonly #keyOf: (place: Place) => string;

  /** `keyOf`: a URL under the Worker's own host that says environment, wire version and colo. */
  constructor(store: CopyStore | undefined, keyOf: (place: Place) => string) {
    this.#cache = new CacheApi(store, COLO_ABSENT_MS);
    this.#keyOf = keyOf;
  }

  /** Why there is none, or undefined. */
  get trouble(): string | undefined {
    return this.#cache.trouble;
  }

  /** The copy, and how long it has been there at most; undefined: none that can be believed. */
  async read(place: Place, now: () => number): Promise<{ copy: ColoCopy; elapsedMs: number } | undefined> {
    const found = await this.#cache.read(() => this.#keyOf(place), now);
    if (found.kind !== "text") return undefined;
    const copy = readMessage(copySchema, found.text, MAX_DIGEST_CHARS);
    if (!copy) return this.#cache.doubt("a copy that is not understood");
    if (copy.storedAt > now() + COLO_SKEW_MS) return this.#cache.doubt("a copy from the future");
    return { copy, elapsedMs: Math.max(0, now() - copy.storedAt) + COLO_SKEW_MS };
  }

  /** Leaves a copy for the neighbours. The first time it is read back, to see that this works here at all. */
  async write(place: Place, parts: Parts, { refreshAfter, own }: CopyNews, now: () => number): Promise<void> {
    const told = own.length === 0 ? {} : { own: own.slice(-MAX_TOLD_BUMPS) };
    const copy: ColoCopy = { wire: WIRE, parts, storedAt: now(), refreshAfter, ...told };
    await this.#cache.write(() => this.#keyOf(place), { text: JSON.stringify(copy), keptS: COLO_KEPT_S }, now);
  }
}

/** The key of a colo's copy: one colo, one environment, one wire version. */
export function coloCopyKey(host: string, environment: string, colo: string): string {
  return `https://${host}/.breakwater/view/${WIRE}/${encodeURIComponent(environment)}/${encodeURIComponent(colo)}`;
}
