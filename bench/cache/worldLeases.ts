import type { LeaseAnswer, LeaseQuestion, Publication, Published } from "../../src/rpc/refreshLease.ts";

const LEASE_MS = 5_000;
/** Who is refused looks again after this. */
const AGAIN_MS = 1_000;

/** The rights to load a key anew, as one object gives them to the world: one at a time, and none twice. */
export class WorldLeases {
  readonly #given = new Map<string, { readonly lease: string; readonly until: number }>();
  readonly #published = new Map<string, { readonly hash: string; readonly loadedAt: number }>();
  readonly #now: () => number;
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  ask({ key, loadedAt }: Pick<LeaseQuestion, "key" | "loadedAt">): LeaseAnswer {
    const now = this.#now();
    const published = this.#published.get(key);
    if (published && published.loadedAt > loadedAt) {
      return { kind: "published", loadedAt: published.loadedAt, afterMs: AGAIN_MS };
    }
    const given = this.#given.get(key);
    if (given && now < given.until) return { kind: "taken", afterMs: AGAIN_MS };
    const lease = `${++this.#count}`;
    this.#given.set(key, { lease, until: now + LEASE_MS });
    return { kind: "granted", lease, expiresInMs: LEASE_MS };
  }

  publish({ key, lease, hash, loadedAt }: Omit<Publication, "wire">): Published {
    const before = this.#published.get(key);
    const mayWrite = this.#given.get(key)?.lease === lease;
    if (mayWrite) {
      this.#given.delete(key);
      this.#published.set(key, { hash, loadedAt });
    }
    return { mayWrite, isChanged: before?.hash !== hash };
  }
}
