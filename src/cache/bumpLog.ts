import * as z from "zod/mini";
import { CLOCK_SKEW_MS } from "../rpc/constants.ts";
import type { CacheAnswer, CacheDigest } from "../rpc/digest.ts";
import type { BumpsPart } from "../rpc/parts.ts";
import { readMessage } from "../rpc/readMessage.ts";
import type { Bump } from "../rpc/report.ts";
import { compareStamps, type Stamp } from "../rpc/stamp.ts";
import { BUMP_KNOWN_MS, BUMP_LIVE_MS, MAX_KNOWN_BUMPS, MAX_LIVE_BUMPS } from "./constants.ts";

const liveSchema = z.object({ id: z.string(), seq: z.number(), buckets: z.array(z.number()), at: z.number() });

/** Additive: what an older version did not write has a default. */
const rowSchema = z.object({
  incarnation: z.number(),
  seq: z.number(),
  buckets: z._default(z.array(z.tuple([z.number(), z.number()])), []),
  live: z._default(z.array(liveSchema), []),
  known: z._default(z.array(z.tuple([z.string(), z.number()])), []),
});
type LiveBump = z.infer<typeof liveSchema>;

/**
 * Which tags were written to, in the order in which the world shall see it: each bump gets a number, larger than all
 * before it, and the buckets of its tags carry the newest. Deterministic, with rows in and out, as `WorldBreaker`.
 */
export class BumpLog {
  #incarnation: number;
  #seq: number;
  readonly #buckets: Map<number, number>;
  #live: LiveBump[];
  /** Numbers by id: a repeat gets the same one. In order of number. */
  readonly #known: Map<string, number>;

  constructor(rows: ReadonlyMap<string, string>, now: number) {
    const empty = { incarnation: now, seq: 0, buckets: [], live: [], known: [] };
    const row = readMessage(rowSchema, rows.get("bumps"), Number.POSITIVE_INFINITY) ?? empty;
    this.#incarnation = row.incarnation;
    this.#seq = row.seq;
    this.#buckets = new Map(row.buckets);
    this.#live = row.live;
    this.#known = new Map(row.known);
  }

  toRows(): Map<string, string> {
    const row: z.infer<typeof rowSchema> = {
      incarnation: this.#incarnation,
      seq: this.#seq,
      buckets: [...this.#buckets],
      live: this.#live,
      known: [...this.#known],
    };
    return new Map([["bumps", JSON.stringify(row)]]);
  }

  digest({ bumps, have, haveSeq }: CacheDigest, now: number): CacheAnswer {
    if (have && compareStamps(have, this.#stamp()) > 0) this.#incarnation = Math.max(now, have.incarnation + 1);
    this.#goBeyond(Math.max(haveSeq, have?.version ?? 0), now);
    for (const bump of bumps) this.#bump(bump, now);
    this.#expire(now);
    return { part: this.part(haveSeq) };
  }

  /** The bumps after `since`. */
  part(since = 0): BumpsPart {
    return {
      ...this.#stamp(),
      ageMs: 0,
      seq: this.#seq,
      since: since > this.#seq ? 0 : since,
      buckets: [...this.#buckets].filter(([, seq]) => seq > since || since > this.#seq),
      live: this.#live.map(({ id, seq, buckets }) => ({ id, seq, buckets })),
      cover: [],
    };
  }

  #stamp(): Stamp {
    return { incarnation: this.#incarnation, epoch: 0, version: this.#seq };
  }

  /** Numbers that this log gave before it lost its memory: none that is new may be smaller. */
  #goBeyond(seq: number, now: number): void {
    if (seq <= now + CLOCK_SKEW_MS) this.#seq = Math.max(this.#seq, seq);
  }

  /** Numbers are times where time allows, so that they go on growing in a log that lost its memory. */
  #bump({ id, buckets }: Bump, now: number): void {
    if (this.#known.has(id)) return;
    this.#seq = Math.max(this.#seq + 1, now);
    this.#known.set(id, this.#seq);
    for (const bucket of buckets) this.#buckets.set(bucket, this.#seq);
    this.#live.push({ id, seq: this.#seq, buckets, at: now });
  }

  #expire(now: number): void {
    this.#live = this.#live.filter(({ at }) => now - at < BUMP_LIVE_MS).slice(-MAX_LIVE_BUMPS);
    for (const [id, seq] of this.#known) {
      const isOld = seq < now - BUMP_KNOWN_MS || this.#known.size > MAX_KNOWN_BUMPS;
      if (!isOld) return;
      this.#known.delete(id);
    }
  }
}
