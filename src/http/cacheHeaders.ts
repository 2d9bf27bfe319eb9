import { type Item, serializeList, Token } from "structured-headers";
import type { CacheEntry } from "../cache/entry.ts";
import type { Seen } from "../cache/lookFarther.ts";
import type { MissCause } from "../cache/policy.ts";
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
 * keep it for the least time that its route calls fresh, and no longer (RFC 9213, 5861): no bump and no purge reaches it.
 */
export function sharedHeaders(
  { entry, as }: Pick<Served, "entry" | "as">,
  floorMs: number,
  now: number,
): Record<"ETag" | "Age" | "Cache-Control" | "CDN-Cache-Control", string> {
  const ageMs = Math.max(0, now - entry.loadedAt);
  // Of a copy rounded up, so that none says less than it lay here (RFC 9111, §5.1); what was just loaded lay nowhere.
  const ageS = as === "loaded" ? seconds(ageMs) : Math.ceil(ageMs / 1_000);
  // Whoever reads it counts the age against the lifetime (RFC 9111, §4.2): what is left stands beyond it.
  const isProven = entry.proof.provenThrough >= 0;
  const maxAgeS = !isProven ? 0 : Math.max(0, ageS + seconds(Math.min(freshMsLeft(entry, as, now), floorMs)));
  const errorS = seconds(Math.max(0, entry.errorUntil - entry.freshUntil));
  return {
    ETag: entityTag(entry),
    Age: String(ageS),
    "Cache-Control": `public, max-age=0, stale-if-error=${errorS}`,
    // Without a limit Cloudflare's gives what is old for as long as the Worker fails; the Worker has copies of its own.
    "CDN-Cache-Control": `max-age=${maxAgeS}, stale-if-error=0`,
  };
}

/** What is given for old though its time is not over was made so by a write: nothing of it is left. */
function freshMsLeft({ freshUntil }: CacheEntry, as: Served["as"], now: number): number {
  return as === "stale" || as === "error" ? Math.min(0, freshUntil - now) : freshUntil - now;
}

/** `Cache-Status` (RFC 9211): a member for each tier that was asked, the nearest to the client last. */
export function cacheStatus({ entry, as, from, nearCause, cause, isJoined, seen }: Served, now: number): string {
  const ttl = seconds(freshMsLeft(entry, as, now));
  const asked = new Map<TierName, Seen["said"]>(seen.map(({ tier, said }) => [tier, said]));
  const members = FROM_ORIGIN.flatMap((tier): Item[] => {
    if (tier === from) return [hit(tier, as, ttl)];
    const said = asked.get(tier);
    if (tier === "memory") return [missed(tier, { as, isJoined, isFilled: true, ...nearMiss(nearCause) })];
    return said ? [missed(tier, { as, isJoined, isFilled: tier === "colo", ...fartherMiss(said, cause) })] : [];
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

/** Why a tier's copy did not do, in the words of RFC 9211; `detail`: in our own. */
interface Miss {
  readonly fwd: "uri-miss" | "miss" | "stale" | "bypass";
  readonly detail: string | undefined;
}

function nearMiss(cause: MissCause | undefined): Miss {
  if (cause === "bypass") return { fwd: "bypass", detail: undefined };
  return { fwd: cause === "expired" || cause === "bumped" ? "stale" : "uri-miss", detail: cause };
}

/** `cause`: why the best of all copies did not do; undefined: it did, and lay elsewhere. */
function fartherMiss(said: Seen["said"], cause: MissCause | undefined): Miss {
  switch (said) {
    case "absent":
      return { fwd: "uri-miss", detail: undefined };
    case "corrupt":
      return { fwd: "uri-miss", detail: said };
    case "failed":
      return { fwd: "miss", detail: said }; // nobody knows what lies there
    case "found":
      return cause === "bypass" ? { fwd: "bypass", detail: undefined } : { fwd: "stale", detail: cause };
    default:
      return said satisfies never;
  }
}

interface Missed extends Miss {
  readonly as: Served["as"];
  readonly isJoined: boolean;
  readonly isFilled: boolean;
}

function missed(tier: TierName, { fwd, detail, as, isJoined, isFilled }: Missed): Item {
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
