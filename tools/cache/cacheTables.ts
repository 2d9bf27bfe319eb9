import Table from "cli-table3";
import { span } from "../admin/span.ts";
import { size } from "../indexes/deploy/quantities.ts";
import type { CacheAnswer } from "./cacheAnswer.ts";
import { inWords } from "./inWords.ts";

type Hot = NonNullable<CacheAnswer["hot"]>;
type Counts = Readonly<Record<string, number>>;
type Memory = NonNullable<CacheAnswer["isolate"]["memory"]>;

/** What requests came to, by route; size and age of what was given. */
export function routesTable(routes: CacheAnswer["world"]["routes"]): string {
  const counted = ["route", "requests", "hits", "fresh", "stale", "error", "loaded", "refused", "misses"];
  const table = newTable([...counted, "given", "age (median, 99 %)"]);
  for (const [route, { requests, hitRatio, results, misses, bytes, servedAgeSeconds }] of Object.entries(routes)) {
    const loaded = (results.loaded ?? 0) + (results.joined ?? 0);
    const { fresh = 0, stale = 0, error = 0, refused = 0 } = results;
    const ages = servedAgeSeconds ? `${seconds(servedAgeSeconds.p50)}, ${seconds(servedAgeSeconds.p99)}` : "";
    const given = bytes ? size(Object.values(bytes).reduce((sum, each) => sum + each, 0)) : "";
    const counts = [requests, percent(hitRatio), fresh, stale, error, loaded, refused, inWords(misses)];
    table.push([route, ...counts, given, ages]);
  }
  return table.toString();
}

/** What the tiers said, and how much of what was given came from each. */
export function tiersTable(
  { tiers, bytes }: Pick<CacheAnswer["world"], "tiers" | "bytes">,
  farther: CacheAnswer["isolate"]["tiers"],
): string {
  const table = newTable(["tier", "found", "absent", "corrupt", "failed", "in the isolate that answered", "given"]);
  for (const name of ["memory", "colo", "kv"]) {
    const { found = 0, absent = 0, corrupt = 0, failed = 0 }: Counts = tiers[name] ?? {};
    const own = farther.find((each) => each.name === name);
    const here = name === "memory" || own ? (own?.trouble ?? "works") : "not bound";
    table.push([name, found, absent, corrupt, failed, here, bytes ? size(bytes[name] ?? 0) : ""]);
  }
  return table.toString();
}

export function keysTable({ top }: Hot): string {
  const table = newTable(["hottest keys", "heat", "newest copy", "fresh for", "usable for"]);
  for (const { key, heat, copy } of top) {
    const row = copy ? [`${span(copy.ageMs)} old`, left(copy.freshForMs), left(copy.usableForMs)] : ["none", "", ""];
    table.push([key, heat, ...row]);
  }
  return table.toString();
}

/** What the world's visitors waited for longest. */
export function missesTable(dearest: NonNullable<Hot["dearest"]>): string {
  const table = newTable(["dearest misses, halved each hour", "misses", "waited"]);
  for (const { key, misses, waitedMs } of dearest) table.push([key, misses, span(waitedMs)]);
  return table.toString();
}

/** What the isolate that answered holds. */
export function memoryTable(routes: NonNullable<Memory["routes"]>): string {
  const table = newTable(["in its memory", "copies", "bytes", "age (median, 90 %, most)"]);
  for (const [route, { entries, bytes, ageMs }] of Object.entries(routes)) {
    table.push([route, entries, size(bytes), [ageMs.p50, ageMs.p90, ageMs.max].map(span).join(", ")]);
  }
  return table.toString();
}

function newTable(head: string[]) {
  return new Table({ head, style: { head: [], border: [] } });
}

function percent(share: number | null): string {
  return share === null ? "" : `${(share * 100).toFixed(1)} %`;
}

function seconds(count: number): string {
  return span(count * 1_000);
}

function left(ms: number): string {
  return ms > 0 ? span(ms) : "over";
}
