import { sha256Hex } from "../rpc/sha256Hex.ts";
import { MAX_TIER_KEY_BYTES } from "./constants.ts";

/** Whose entries they are: tiers are shared by environments, and by versions while one is deployed. */
export interface TierPlace {
  readonly environment: string;
  /** Of entries and answers: what another version wrote is never met. */
  readonly version: string | number;
}

/**
 * What a tier calls a key: `production/1/api/pitches?genre=drama`, or its SHA-256 where that is longer than a tier takes.
 * Who reads under a digest compares the entry's own `key`: another one is `corrupt`, since no two keys have one digest
 * and something wrong was written there, which should be seen and is mended by the next put. Tracking parameters are in no
 * key: `cacheKey` is made of what a route's schema names.
 */
export async function tierKey({ environment, version }: TierPlace, key: string): Promise<string> {
  const place = `${encodeURIComponent(environment)}/${encodeURIComponent(version)}`;
  const text = `${place}${key}`;
  if (byteLength(text) <= MAX_TIER_KEY_BYTES) return text;
  // A key begins with a slash, so this is none that is written out.
  return `${place}:${await sha256Hex(key)}`;
}

/** Keys are ASCII as `cacheKey` makes them, but nothing here relies on it. */
function byteLength(text: string): number {
  return text.length * 3 <= MAX_TIER_KEY_BYTES ? text.length : new TextEncoder().encode(text).length;
}
