import { CLAIM_MS } from "../constants.ts";
import { type CacheEntry, usableUntil } from "../entry.ts";
import { writeEnvelope } from "../envelope.ts";
import { type TierPlace, tierKey } from "../tierKey.ts";
import { CacheApi, type CopyStore } from "./cacheApi.ts";
import {
  COLO_MIN_LIFE_MS,
  COLO_PAUSE_MS,
  COLO_READ_MS,
  COLO_WRITE_MS,
  LATE_IN_A_ROW,
  MAX_CLAIMS,
  MAX_KEPT_S,
} from "./constants.ts";
import { FailurePause } from "./failurePause.ts";
import { NewestSeen } from "./newestSeen.ts";
import { readEntry } from "./readEntry.ts";
import type { Tier, TierRead, TierWrite } from "./tier.ts";
import { LATE, within } from "./within.ts";

/**
 * Entries in this colo's Cache API, which its isolates share and nobody else sees. It is given one plain `max-age`, as
 * long as anybody may want the entry: freshness is the entry's own. Where it does not work it says so, and costs nothing.
 */
export class ColoTier implements Tier {
  readonly name = "colo";
  readonly #cache: CacheApi;
  readonly #place: TierPlace;
  readonly #host: () => string;
  readonly #late = new FailurePause(LATE_IN_A_ROW, COLO_PAUSE_MS);
  readonly #seen = new NewestSeen();
  /** When this isolate claimed each key: what it could not load then it may load now. */
  readonly #claimedAt = new Map<string, number>();

  /** `host`: the Worker's own, as requests name it; the Cache API takes no other. `store` undefined: there is none. */
  constructor(store: CopyStore | undefined, place: TierPlace, host: () => string) {
    this.#cache = new CacheApi(store, COLO_PAUSE_MS);
    this.#place = place;
    this.#host = host;
  }

  get trouble(): string | undefined {
    return this.#cache.trouble;
  }

  async get(key: string, now: number): Promise<TierRead> {
    if (this.#late.isOn(now)) return this.#leftAlone();
    const name = await tierKey(this.#place, key);
    const found = await within(
      this.#cache.read(
        () => this.#urlOf(name),
        () => now,
      ),
      COLO_READ_MS,
    );
    if (found === LATE) return this.#wasLate(COLO_READ_MS, now);
    this.#late.worked();
    if (found.kind === "nothing") return { kind: "absent" };
    if (found.kind === "failed") return found;
    const read = readEntry(found.text, key, now);
    if (read.kind === "corrupt") this.#cache.doubt("an entry that is not understood");
    if (read.kind === "found") this.#seen.saw(read.entry, now);
    return read;
  }

  async put(entry: CacheEntry, now: number): Promise<TierWrite> {
    const lifeMs = usableUntil(entry) - now;
    if (lifeMs <= COLO_MIN_LIFE_MS) return { kind: "skipped", why: "short-lived" };
    if (!this.#seen.admits(entry, now)) return { kind: "skipped", why: "older" };
    if (this.#late.isOn(now)) return this.#leftAlone();
    const text = writeEnvelope(entry);
    if (text === undefined) return { kind: "skipped", why: "too-big" };
    const name = await tierKey(this.#place, entry.key);
    const trouble = await within(
      this.#cache.write(
        () => this.#urlOf(name),
        { text, keptS: Math.min(MAX_KEPT_S, Math.ceil(lifeMs / 1_000)) },
        () => now,
      ),
      COLO_WRITE_MS,
    );
    if (trouble === LATE) return this.#wasLate(COLO_WRITE_MS, now);
    this.#late.worked();
    if (trouble !== undefined) return { kind: "failed", trouble };
    this.#seen.saw(entry, now);
    return { kind: "stored" };
  }

  async claim(key: string, now: number): Promise<boolean> {
    if (this.#late.isOn(now) || Math.abs(now - (this.#claimedAt.get(key) ?? 0)) < CLAIM_MS) return true;
    const name = `${await tierKey(this.#place, key)}#claim`;
    const clock = () => now;
    const url = () => this.#urlOf(name);
    const found = await within(this.#cache.read(url, clock), COLO_READ_MS);
    if (found === LATE || found.kind === "failed") return true;
    if (found.kind === "text" && Math.abs(now - Number(found.text)) < CLAIM_MS) return false;
    this.#claimed(key, now);
    await within(
      this.#cache.write(url, { text: String(now), keptS: Math.ceil(CLAIM_MS / 1_000) }, clock),
      COLO_WRITE_MS,
    );
    return true;
  }

  #claimed(key: string, now: number): void {
    this.#claimedAt.delete(key);
    this.#claimedAt.set(key, now);
    const [oldest] = this.#claimedAt.keys();
    if (this.#claimedAt.size > MAX_CLAIMS && oldest !== undefined) this.#claimedAt.delete(oldest);
  }

  /** Escaped whole, since a path like `/a/..` would be another one to the Cache API. */
  #urlOf(name: string): string {
    return `https://${this.#host()}/.breakwater/cache/${encodeURIComponent(name)}`;
  }

  #wasLate(ms: number, now: number): { readonly kind: "failed"; readonly trouble: string } {
    const trouble = `no answer within ${ms} ms`;
    this.#late.failed(now);
    if (this.#late.isOn(now)) this.#cache.doubt(trouble);
    return { kind: "failed", trouble };
  }

  #leftAlone(): { readonly kind: "failed"; readonly trouble: string } {
    return { kind: "failed", trouble: this.trouble ?? "left alone after a failure" };
  }
}
