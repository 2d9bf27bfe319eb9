import { type Item, serializeDictionary, serializeList, Token } from "structured-headers";
import type { CacheEntry } from "../cache/entry.ts";
import type { Seen } from "../cache/lookFarther.ts";
import type { Served } from "../cache/sharedRequest.ts";
import type { TierName } from "../cache/tiers/tier.ts";

/** What a tier is called in `Cache-Status`. */
const NAMES: Readonly<Record<TierName, Token>> = {
  memory: new Token("breakwater-memory"),
  colo: new Token("breakwater-colo"),
  kv: new Token("breakwater-kv"),
};

/** In the order of RFC 9211: whoever is nearest to the origin first. */
const FROM_ORIGIN: readonly TierName[] = ["kv", "colo", "memory"];

/** The entity tag: of the answer's content, the same in every tier and colo. */
function entityTag({ hash }: Pick<CacheEntry, "hash">): string {
  return `"${hash}"`;
}

/** Whether the client holds this very answer (RFC 9110, §13.1.2: weak comparison; a list, or `*`). */
export function isNotModified(ifNoneMatch: string | null, entry: Pick<CacheEntry, "hash">): boolean {
  if (ifNoneMatch === null) return false;
  if (ifNoneMatch.trim() === "*") return true;
  const tags = ifNoneMatch.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => tag.replace(/^W\//, "") === entityTag(entry));
}

/**
 * What the answer may be kept for, and how old it is. Browsers ask again each time, since no bump reaches them, and go on
 * with what they have where nobody answers. A cache of Cloudflare's in front of the Worker, where one is switched on, may
 * keep it for the least time that its route calls fresh (RFC 9213, 5861).
 */
export function sharedHeaders(entry: CacheEntry, floorMs: number, now: number): Record<string, string> {
  const ageS = seconds(Math.max(0, now - entry.loadedAt));
  // Whoever reads it counts the age against the lifetime (RFC 9111, §4.2): what is left stands beyond it.
  const maxAgeS = Math.max(0, ageS + seconds(Math.min(entry.freshUntil - now, floorMs)));
  const staleS = seconds(Math.max(0, entry.staleUntil - entry.freshUntil));
  const errorS = seconds(Math.max(0, entry.errorUntil - entry.freshUntil));
  const stale: [string, Item][] = [
    ["stale-while-revalidate", [staleS, new Map()]],
    ["stale-if-error", [errorS, new Map()]],
  ];
  return {
    ETag: entityTag(entry),
    Age: String(ageS),
    "Cache-Control": `public, max-age=0, stale-if-error=${errorS}`,
    "CDN-Cache-Control": serializeDictionary(new Map<string, Item>([["max-age", [maxAgeS, new Map()]], ...stale])),
  };
}

/** `Cache-Status` (RFC 9211): a member for each tier that was asked, the nearest to the client last. */
export function cacheStatus({ entry, as, from, cause, isJoined, seen }: Served, now: number): string {
  const ttl = Math.floor((entry.freshUntil - now) / 1_000);
  const asked = new Map<TierName, Seen["said"]>(seen.map(({ tier, said }) => [tier, said]));
  const members = FROM_ORIGIN.flatMap((tier): Item[] => {
    if (tier === from) return [hit(tier, as, ttl)];
    if (tier === "memory") return [missed(tier, { as, cause, isJoined, isFilled: true })];
    const said = asked.get(tier);
    return said === undefined ? [] : [missed(tier, { as, cause, isJoined, isFilled: tier === "colo", said })];
  });
  return serializeList(members);
}

function hit(tier: TierName, as: Served["as"], ttl: number): Item {
  const detail = as === "stale" ? "refreshing" : as === "error" ? "stale-if-error" : undefined;
  return [
    NAMES[tier],
    new Map<string, boolean | number | Token>([
      ["hit", true],
      ["ttl", ttl],
      ...(detail === undefined ? [] : [["detail", new Token(detail)] as const]),
    ]),
  ];
}

interface Missed {
  readonly as: Served["as"];
  readonly cause: Served["cause"];
  readonly isJoined: boolean;
  readonly isFilled: boolean;
  readonly said?: Seen["said"];
}

function missed(tier: TierName, { as, cause, isJoined, isFilled, said }: Missed): Item {
  const isStale = cause === "expired" || cause === "bumped";
  const fwd = cause === "bypass" ? "bypass" : isStale && said !== "absent" ? "stale" : "uri-miss";
  const detail =
    said === "corrupt" || said === "failed" ? said : cause === undefined || cause === "bypass" ? undefined : cause;
  return [
    NAMES[tier],
    new Map<string, boolean | Token>([
      ["fwd", new Token(fwd)],
      ...(isFilled && as === "loaded" ? [["stored", true] as const] : []),
      ...(isJoined ? [["collapsed", true] as const] : []),
      ...(detail === undefined ? [] : [["detail", new Token(detail)] as const]),
    ]),
  ];
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
