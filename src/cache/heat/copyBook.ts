import type { BumpsPart } from "../../rpc/parts.ts";
import type { HeatAnswer, HeatQuestion, Publication, Warmed } from "../../rpc/refreshLease.ts";
import { HEAT_WRITE_EVERY_MS, RUNWAY_HITS, RUNWAY_KEYS, RUNWAY_KEYS_EVERY_MS } from "../constants.ts";
import { DearMisses } from "./dearMisses.ts";
import { type HotKey, HotKeys, type KnownCopy } from "./hotKeys.ts";
import { KvBudget } from "./kvBudget.ts";
import { runway } from "./runway.ts";
import { WarmingUse } from "./warmingUse.ts";

/** Keys shown to an operator. */
const SHOWN_KEYS = 20;

/** Copies that are being written to KV at a time, and known of. */
const MAX_WRITING = 1_000;

/** What is hot, where the newest copies are, and what writing them has cost today. Deterministic, with rows in and out. */
export class CopyBook {
  readonly #hot: HotKeys;
  readonly #kv: KvBudget;
  readonly #use: WarmingUse;
  readonly #misses: DearMisses;
  /** When its rows were written last. */
  #writtenAt: number;
  /** What was known of a copy before the one that is being written now; an instance that forgot it knows of none. */
  readonly #before = new Map<string, KnownCopy>();
  #hasNews = false;
  #hasKvNews = false;
  #top: { readonly keys: readonly HotKey[]; readonly at: number } | undefined;

  constructor(rows: ReadonlyMap<string, string>, now: number) {
    this.#hot = new HotKeys(rows, now);
    this.#kv = new KvBudget(rows);
    this.#use = new WarmingUse(rows);
    this.#misses = new DearMisses(rows);
    this.#writtenAt = Number(rows.get("heat-written") ?? Number.NEGATIVE_INFINITY);
  }

  /**
   * What is to be stored now: what KV took at once, since an eviction must not forget it; the rest, where there is news
   * of it, unless the last time was a moment ago and it can wait.
   */
  toRows(now: number, canWait = true): Map<string, string> {
    const kv = this.#hasKvNews ? this.#kv.toRows() : [];
    this.#hasKvNews = false;
    const isDue = !canWait || Math.abs(now - this.#writtenAt) >= HEAT_WRITE_EVERY_MS;
    if (!this.#hasNews || !isDue) return new Map(kv);
    this.#hasNews = false;
    this.#writtenAt = now;
    return new Map([
      ...kv,
      ...this.#hot.toRows(now),
      ...this.#use.toRows(now),
      ...this.#misses.toRows(),
      ["heat-written", String(now)],
    ]);
  }

  heated(heat: readonly (readonly [key: string, hits: number])[], now: number): void {
    if (heat.length === 0) return;
    this.#hot.add(heat, now);
    for (const [key, hits] of heat) if (hits > 0) this.#use.wanted(key, now);
    this.#hasNews = true;
  }

  missed(misses: readonly (readonly [key: string, misses: number, waitedMs: number])[], now: number): void {
    if (misses.length === 0) return;
    this.#misses.add(misses, now);
    this.#hasNews = true;
  }

  /** Whether what was loaded is worth a write to KV: within what has fallen due of the day's budget, the hottest first. */
  isWriteDue({ key, hash, willWrite = true, kvWritesADay }: Publication, now: number): boolean {
    const allowed = willWrite ? this.#kv.refreshes(now, kvWritesADay) : "none";
    if (allowed === "none" || (allowed === "hottest" && !this.#isHottest(key, now))) return false;
    return this.#kv.isDue(key, hash, now);
  }

  /** A copy was loaded that its holder may write where others see it. Whether it is another than the one known before. */
  published({ key, hash, loadedAt, freshUntil, errorUntil, willWrite = true }: Publication, now: number): boolean {
    const before = this.#hot.copyOf(key);
    if (hash !== "") this.#use.replaced(key);
    if (willWrite) {
      // What is written nowhere all see it is no copy that anybody may count on.
      this.#hot.copied(key, { hash, loadedAt, freshUntil, errorUntil }, now);
      this.#wrote(key, hash, now);
      this.#remember(key, before);
    }
    this.#hasNews = true;
    return before?.hash !== hash;
  }

  /** The write of a published copy failed, or KV has a newer one: what was known before is what there is. */
  unwritten({ key, hash, loadedAt }: Pick<Publication, "key" | "hash" | "loadedAt">): void {
    if (this.#hot.copyOf(key)?.loadedAt === loadedAt) this.#hot.restored(key, this.#before.get(key));
    this.#kv.failed(key, hash);
    this.#hasKvNews = true;
    this.#hasNews = true;
  }

  /** A warming run's copies. A load that failed (no hash) is none. */
  warmed({ copies }: Warmed, now: number): void {
    for (const { key, hash, loadedAt, freshUntil, errorUntil, isWritten } of copies) {
      if (!isWritten) continue;
      this.#wrote(key, hash, now);
      if (hash === "") continue;
      this.#use.warmed(key, now);
      this.#hot.copied(key, { hash, loadedAt, freshUntil, errorUntil }, now);
    }
    this.#hasNews = true;
  }

  heat({ top, kvWritesADay }: HeatQuestion, now: number): HeatAnswer {
    const none = { loadedAt: 0, freshUntil: 0, errorUntil: 0, hash: "" };
    const keys = this.#hot.hottest(top, now).map(({ key, heat, copy = none }) => ({ key, heat: round(heat), ...copy }));
    return { keys, kvWritesLeft: this.kvWritesLeft(now, kvWritesADay) };
  }

  kvWritesLeft(now: number, aDay?: number): number {
    this.#hasKvNews ||= aDay !== undefined && aDay !== this.#kv.aDay;
    return this.#kv.left(now, aDay);
  }

  runway(now: number): NonNullable<BumpsPart["runway"]> {
    return runway(this.#hottest(now), now);
  }

  admin(now: number) {
    const top = this.#hot.hottest(SHOWN_KEYS, now).map(({ key, heat, copy }) => ({
      key,
      heat: round(heat),
      copy: copy
        ? { ageMs: now - copy.loadedAt, freshForMs: copy.freshUntil - now, usableForMs: copy.errorUntil - now }
        : null,
    }));
    const hot = this.#hottest(now);
    return {
      keys: this.#hot.size,
      top,
      runway: { ...this.runway(now), ofHotKeys: hot.length },
      dearest: this.#misses.dearest(SHOWN_KEYS, now),
      warming: this.#use.lastDay(now),
      kv: { writesToday: this.#kv.writes(now), writesADay: this.#kv.aDay, writesLeft: this.#kv.left(now) },
    };
  }

  #wrote(key: string, hash: string, now: number): void {
    this.#kv.wrote(key, hash, now);
    this.#hasKvNews = true;
  }

  /** Of the writes under way: they end within seconds. */
  #remember(key: string, before: KnownCopy | undefined): void {
    this.#before.delete(key);
    if (!before) return;
    this.#before.set(key, before);
    const [oldest] = this.#before.keys();
    if (this.#before.size > MAX_WRITING && oldest !== undefined) this.#before.delete(oldest);
  }

  #isHottest(key: string, now: number): boolean {
    return this.#hottest(now).some((hot) => hot.key === key);
  }

  /** Which keys are the hottest changes slowly; what is known of their copies is as of now. */
  #hottest(now: number): readonly HotKey[] {
    if (!this.#top || Math.abs(now - this.#top.at) >= RUNWAY_KEYS_EVERY_MS) {
      this.#top = { keys: this.#hot.hottest(RUNWAY_KEYS, now, RUNWAY_HITS), at: now };
    }
    return this.#top.keys.map((hot) => ({ ...hot, copy: this.#hot.copyOf(hot.key) }));
  }
}

function round(heat: number): number {
  return Math.round(heat * 10) / 10;
}
