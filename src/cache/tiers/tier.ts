import type { CacheEntry } from "../entry.ts";

/** From the nearest to the farthest. */
const TIERS = ["memory", "colo", "kv"] as const;
export type TierName = (typeof TIERS)[number];

/** What a tier says of a key. `corrupt`: something lies there that is no entry of this key. `failed`: it could not be asked. */
export type TierRead =
  | { readonly kind: "found"; readonly entry: CacheEntry }
  | { readonly kind: "absent" }
  | { readonly kind: "corrupt" }
  | { readonly kind: "failed"; readonly trouble: string };

/** `skipped`: it lives too short for this tier, is too big, or was written a moment ago. */
export type TierWrite =
  | { readonly kind: "stored" }
  | { readonly kind: "skipped"; readonly why: "short-lived" | "too-big" | "too-often" | "budget" | "older" }
  | { readonly kind: "failed"; readonly trouble: string };

/**
 * A place where entries lie. It never rejects and never waits longer than its own limit: a tier that fails is a miss of
 * that tier, and what lies there stays. It lengthens no life and never puts an older answer over a newer one that it knows of.
 */
export interface Tier {
  readonly name: TierName;
  /** The entry of this key, expired ones excepted. `now`: milliseconds since 1970. */
  get(key: string, now: number): Promise<TierRead>;
  put(entry: CacheEntry, now: number): Promise<TierWrite>;
  /**
   * Claims the key's next load for whoever asks, for a few seconds; false: somebody else did. Not exact: two that ask at one
   * moment may both be told so. Without it nobody is kept from loading.
   */
  claim?(key: string, now: number): Promise<boolean>;
  /** Why it is not in use now; undefined: it is. */
  readonly trouble: string | undefined;
}
