import { wordsOf } from "../../rpc/wordsOf.ts";
import { type CacheEntry, usableUntil } from "../entry.ts";
import { writeEnvelope } from "../envelope.ts";
import { type TierPlace, tierKey } from "../tierKey.ts";
import {
  KV_CACHE_TTL_S,
  KV_FAILURES,
  KV_MIN_LIFE_MS,
  KV_MIN_TTL_S,
  KV_PAUSE_MS,
  KV_READ_MS,
  KV_WRITE_MS,
  MAX_KEPT_S,
} from "./constants.ts";
import { FailurePause } from "./failurePause.ts";
import { type Clock, KeyTurns } from "./keyTurns.ts";
import { NewestSeen } from "./newestSeen.ts";
import { readEntry } from "./readEntry.ts";
import type { Tier, TierRead, TierWrite } from "./tier.ts";
import { LATE, within } from "./within.ts";

/** What lies beside a value, for who lists the namespace. Below the 1,024 bytes that KV takes, since hashes are bounded. */
type Metadata = Pick<CacheEntry, "hash" | "loadedAt" | "freshUntil" | "errorUntil">;

/** The two methods of Workers KV that are used. */
export interface KvStore {
  get(key: string, options: { readonly type: "text"; readonly cacheTtl: number }): Promise<string | null>;
  put(
    key: string,
    value: string,
    options: { readonly expirationTtl: number; readonly metadata: Metadata },
  ): Promise<void>;
}

export interface KvTierOptions {
  /** Undefined: no namespace is bound. */
  readonly store: KvStore | undefined;
  readonly place: TierPlace;
  readonly clock: Clock;
  /** Asked once for each write, just before it: whether the day's budget allows it. */
  readonly mayWrite: () => boolean;
}

type Failed = Extract<TierRead, { kind: "failed" }>;

const TOO_OFTEN = { kind: "skipped", why: "too-often" } as const;

/**
 * Entries in Workers KV, which all the world sees: the writer's colo at once, as a rule, others up to a minute later.
 * What is written faster than KV takes it waits for its turn, and only the newest of one isolate is written: an older one
 * that waits is `too-often`, and so is the newest where other isolates took each turn.
 */
export class KvTier implements Tier {
  readonly name = "kv";
  readonly #options: KvTierOptions;
  readonly #pause = new FailurePause(KV_FAILURES, KV_PAUSE_MS);
  readonly #turns: KeyTurns;
  readonly #seen = new NewestSeen();
  #trouble: string | undefined;

  constructor(options: KvTierOptions) {
    this.#options = options;
    this.#turns = new KeyTurns(options.clock);
    if (!options.store) this.#trouble = "no KV namespace is bound";
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  async get(key: string, now: number): Promise<TierRead> {
    const { store, place } = this.#options;
    if (!store || this.#pause.isOn(now)) return this.#leftAlone();
    const name = await tierKey(place, key);
    const told = await this.#ask(() => store.get(name, { type: "text", cacheTtl: KV_CACHE_TTL_S }), KV_READ_MS, now);
    if (told.kind === "failed") return told;
    if (told.value === null) return { kind: "absent" };
    const read = readEntry(told.value, key, now);
    if (read.kind === "found") this.#seen.saw(read.entry, now);
    return read;
  }

  async put(entry: CacheEntry, now: number): Promise<TierWrite> {
    if (usableUntil(entry) - now < KV_MIN_LIFE_MS) return { kind: "skipped", why: "short-lived" };
    if (!this.#seen.admits(entry, now)) return { kind: "skipped", why: "older" };
    const { store, mayWrite } = this.#options;
    if (!store || this.#pause.isOn(now)) return this.#leftAlone();
    const text = writeEnvelope(entry);
    if (text === undefined) return { kind: "skipped", why: "too-big" };
    this.#seen.saw(entry, now); // already: none that is older is to wait in its place
    if (!(await this.#turns.take(entry.key))) return TOO_OFTEN;
    if (!mayWrite()) {
      this.#turns.done(entry.key, 0);
      return { kind: "skipped", why: "budget" };
    }
    const first = await this.#write(store, entry, text);
    if (first !== TOO_OFTEN) return first;
    // Another isolate wrote this key in the same second.
    return (await this.#turns.take(entry.key)) ? this.#write(store, entry, text) : TOO_OFTEN;
  }

  async #write(store: KvStore, entry: CacheEntry, text: string): Promise<TierWrite> {
    const { place, clock } = this.#options;
    const { key, hash, loadedAt, freshUntil, errorUntil } = entry;
    const name = await tierKey(place, key);
    const now = clock.now();
    const lifeS = Math.ceil((usableUntil(entry) - now) / 1_000);
    const metadata = { hash, loadedAt, freshUntil, errorUntil };
    const expirationTtl = Math.min(MAX_KEPT_S, Math.max(KV_MIN_TTL_S, lifeS));
    const told = await this.#ask(() => store.put(name, text, { expirationTtl, metadata }), KV_WRITE_MS, now);
    this.#turns.done(key);
    if (told.kind === "answered") return { kind: "stored" };
    return isTooMany(told.trouble) ? TOO_OFTEN : told;
  }

  async #ask<T>(
    question: () => Promise<T>,
    limitMs: number,
    now: number,
  ): Promise<{ readonly kind: "answered"; readonly value: T } | Failed> {
    try {
      const value = await within(question(), limitMs);
      if (value === LATE) return this.#failed(`no answer within ${limitMs} ms`, now);
      this.#pause.worked();
      this.#trouble = undefined;
      return { kind: "answered", value };
    } catch (error) {
      const trouble = wordsOf(error);
      return isTooMany(trouble) ? { kind: "failed", trouble } : this.#failed(trouble, now);
    }
  }

  #failed(trouble: string, now: number): Failed {
    this.#pause.failed(now);
    if (this.#pause.isOn(now)) this.#trouble = trouble;
    return { kind: "failed", trouble };
  }

  #leftAlone(): Failed {
    return { kind: "failed", trouble: this.#trouble ?? "left alone after failures" };
  }
}

/** KV's answer to a second write of a key within a second ("KV PUT failed: 429 Too Many Requests"): nothing is wrong with it. */
function isTooMany(trouble: string): boolean {
  return /\b429\b|too many requests/i.test(trouble);
}
