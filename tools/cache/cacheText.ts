import { span } from "../admin/span.ts";
import { duration, size } from "../indexes/deploy/quantities.ts";
import type { CacheAnswer } from "./cacheAnswer.ts";
import { keysTable, memoryTable, missesTable, routesTable, tiersTable } from "./cacheTables.ts";
import { inWords } from "./inWords.ts";

type Hot = NonNullable<CacheAnswer["hot"]>;
type Counts = Readonly<Record<string, number>>;

const NOBODY_ASKED = "Nobody asked for a shared answer yet, for all that was counted.";

/** The cache for people: what requests came to, what the tiers said, what is hot, and what somebody has to look at. */
export function cacheText(answer: CacheAnswer): string {
  const { hot, world, isolate, mode } = answer;
  const lines = [
    ...(mode === "on" ? [] : [modeLine(mode)]),
    Object.keys(world.routes).length === 0 ? NOBODY_ASKED : routesTable(world.routes),
    tiersTable(world, isolate.tiers),
    ...(hot && hot.top.length > 0 ? [keysTable(hot)] : []),
    ...(hot?.dearest && hot.dearest.length > 0 ? [missesTable(hot.dearest)] : []),
    ...agesLine(world),
    ...(hot ? [runwayLine(hot)] : []),
    ...(hot === undefined || hot.runway.ms === null ? ownRunwayLine(isolate) : []),
    ...(hot ? [...warmingLine(hot), kvLine(hot, answer.kvWritesADay)] : []),
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

function agesLine({ servedAgeSeconds }: CacheAnswer["world"]): string[] {
  if (!servedAgeSeconds) return [];
  const { p50, p90, p99 } = servedAgeSeconds;
  const [median, most, nearlyAll] = [p50, p90, p99].map((age) => span(age * 1_000));
  return [`Age of the copies given: ${median} (median), 90 % up to ${most}, 99 % up to ${nearlyAll}.`];
}

/** What warming was worth. */
function warmingLine({ warming }: Hot): string[] {
  if (!warming || warming.precision === null) return [];
  const { used, warmed, precision } = warming;
  return [`Warming: of ${warmed} copies written in the last day ${used} were then asked for (${percent(precision)}).`];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
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
  const { bytes, entries, evictions, routes = {} } = memory;
  return [
    `Memory of the isolate that answered: ${entries} copies, ${size(bytes)}, ${evictions} evicted.`,
    ...(Object.keys(routes).length > 0 ? [memoryTable(routes)] : []),
  ];
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
