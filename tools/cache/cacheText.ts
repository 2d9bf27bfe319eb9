import Table from "cli-table3";
import { span } from "../admin/span.ts";
import { duration, size } from "../indexes/deploy/quantities.ts";
import type { CacheAnswer } from "./cacheAnswer.ts";

type Hot = NonNullable<CacheAnswer["hot"]>;
type Counts = Readonly<Record<string, number>>;

const NOBODY_ASKED = "Nobody asked for a shared answer yet, for all that was counted.";

/** The cache for people: what requests came to, what the tiers said, what is hot, and what somebody has to look at. */
export function cacheText(answer: CacheAnswer): string {
  const { hot, world, isolate, mode } = answer;
  const lines = [
    ...(mode === "on" ? [] : [modeLine(mode)]),
    Object.keys(world.routes).length === 0 ? NOBODY_ASKED : routesTable(world.routes),
    tiersTable(world.tiers, isolate.tiers),
    ...(hot && hot.top.length > 0 ? [keysTable(hot)] : []),
    ...(hot ? [runwayLine(hot)] : []),
    ...(hot === undefined || hot.runway.ms === null ? ownRunwayLine(isolate) : []),
    ...(hot ? [kvLine(hot, answer.kvWritesADay)] : []),
    ...leaseLine(answer),
    ...bumpsLine(answer),
    ...foreignLine(answer),
    ...countsLine("Refreshes behind answers", world.refreshes),
    ...countsLine("Observed, not given", world.observed),
    ...countsLine("Audits", world.audits),
    ...memoryLine(isolate),
    ...isolate.dearestMisses.map(
      ({ key, misses, waitedMs }) => `${duration(waitedMs)} waited there for ${key}, loaded ${misses} ×`,
    ),
    ...warnings(answer),
  ];
  return lines.join("\n");
}

function modeLine(mode: string): string {
  return mode === "observe"
    ? "The mode is observe: copies are kept and counted, and nobody is given one."
    : `The mode is ${mode}: every answer is loaded.`;
}

function routesTable(routes: CacheAnswer["world"]["routes"]): string {
  const table = newTable(["route", "requests", "hits", "fresh", "stale", "error", "loaded", "refused", "misses"]);
  for (const [route, { requests, hitRatio, results, misses }] of Object.entries(routes)) {
    const loaded = (results.loaded ?? 0) + (results.joined ?? 0);
    const { fresh = 0, stale = 0, error = 0, refused = 0 } = results;
    table.push([route, requests, percent(hitRatio), fresh, stale, error, loaded, refused, inWords(misses)]);
  }
  return table.toString();
}

function tiersTable(tiers: Readonly<Record<string, Counts>>, farther: CacheAnswer["isolate"]["tiers"]): string {
  const table = newTable(["tier", "found", "absent", "corrupt", "failed", "in the isolate that answered"]);
  for (const name of ["memory", "colo", "kv"]) {
    const { found = 0, absent = 0, corrupt = 0, failed = 0 } = tiers[name] ?? {};
    const own = farther.find((each) => each.name === name);
    const here = name === "memory" || own ? (own?.trouble ?? "works") : "not bound";
    table.push([name, found, absent, corrupt, failed, here]);
  }
  return table.toString();
}

function keysTable({ top }: Hot): string {
  const table = newTable(["hottest keys", "heat", "newest copy", "fresh for", "usable for"]);
  for (const { key, heat, copy } of top) {
    const row = copy ? [`${span(copy.ageMs)} old`, left(copy.freshForMs), left(copy.usableForMs)] : ["none", "", ""];
    table.push([key, heat, ...row]);
  }
  return table.toString();
}

function runwayLine({ runway: { ms, keys, ofHotKeys } }: Hot): string {
  const of = `${keys} of the ${ofHotKeys} hottest keys with a known copy`;
  if (ms === null) return "Runway: nobody knows a copy of any hot key.";
  return ms > 0
    ? `Runway: ${span(ms)} without the database, until the first of ${of} has none left.`
    : `Runway: none. The first of ${of} has none left.`;
}

/** Where the world's word is missing, as `/health` has it then. */
function ownRunwayLine({ runwayMs }: CacheAnswer["isolate"]): string[] {
  return runwayMs === null ? [] : [`What the isolate that answered gave last is usable for ${span(runwayMs)} more.`];
}

function kvLine({ kv: { writesToday } }: Hot, aDay: number): string {
  return `KV: ${writesToday} of today's ${aDay.toLocaleString("en")} writes (UTC) are made.`;
}

function leaseLine({ leases }: CacheAnswer): string[] {
  return leases ? [`Leases: ${leases.held} held now, ${leases.keys} keys remembered.`] : [];
}

function bumpsLine({ seq, liveBumps, purgedBuckets, cover }: CacheAnswer): string[] {
  if (seq === undefined || cover === undefined) return [];
  const proven = cover.length === 0 ? "nobody" : cover.map(([node]) => node).join(", ");
  const purged = purgedBuckets ? `; ${purgedBuckets} of 1,024 buckets purged for good once` : "";
  return [`Writes: ${liveBumps ?? 0} not seen on every node yet; what ${proven} loads is proven current${purged}.`];
}

function foreignLine({ foreignMarks }: CacheAnswer): string[] {
  if (!foreignMarks || foreignMarks.found + foreignMarks.skipped === 0) return [];
  const { found, skipped } = foreignMarks;
  const lost = skipped > 0 ? `; ${skipped} × there was too much to be read: lifetimes bound it` : "";
  return [`Written past Breakwater: ${found} marks found on the primary${lost}.`];
}

function countsLine(name: string, counts: Counts): string[] {
  return Object.keys(counts).length === 0 ? [] : [`${name}: ${inWords(counts)}.`];
}

function memoryLine({ memory }: CacheAnswer["isolate"]): string[] {
  if (!memory) return [];
  const { bytes, entries, evictions } = memory;
  return [`Memory of the isolate that answered: ${entries} copies, ${size(bytes)}, ${evictions} evicted.`];
}

function warnings({ trouble, world, isolate }: CacheAnswer): string[] {
  const { mismatch = 0 } = world.audits;
  return [
    ...(trouble === undefined ? [] : [`The object does not answer (${trouble}): what is hot is not known here.`]),
    ...(world.trouble === undefined ? [] : [`Not everything was counted: ${world.trouble}.`]),
    ...(mismatch > 0
      ? [`${mismatch} audited copies were not the database's: a tag is missing, or somebody writes past Breakwater.`]
      : []),
    ...isolate.tiers.flatMap(({ name, trouble: why }) => (why === undefined ? [] : [`${name} is left alone: ${why}.`])),
  ];
}

function newTable(head: string[]) {
  return new Table({ head, style: { head: [], border: [] } });
}

/** `expired 12, cold 3`, the most first. */
function inWords(counts: Counts): string {
  const most = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  return most.map(([name, count]) => `${name} ${count}`).join(", ");
}

function percent(share: number | null): string {
  return share === null ? "" : `${(share * 100).toFixed(1)} %`;
}

function left(ms: number): string {
  return ms > 0 ? span(ms) : "over";
}
