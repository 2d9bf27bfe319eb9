import type { Bed } from "../bed/startBed.ts";
import { BACK_WITHIN_MS, HARD_HORIZON_MS, LOOK_EVERY_MS, LOOK_SLACK_MS, SETTLE_WITHIN_MS } from "./constants.ts";
import type { Edge } from "./edges.ts";
import { openLoop } from "./openLoop.ts";
import { look, type PartName, type Sight } from "./sights.ts";
import { visitorsOf } from "./visitors.ts";

export interface CutOptions {
  readonly bed: Bed;
  readonly edge: Edge;
  readonly adminToken: string;
  readonly cutForMs: number;
  /** Requests a second, all isolates together. */
  readonly perSecond: number;
  readonly random: () => number;
  readonly say: (step: string) => void;
}

/** What became of one cut. Times in seconds; null where nothing of the kind is to be seen at this edge, or was. */
export interface CutReport {
  readonly cut: string;
  readonly requests: number;
  readonly failed: number;
  /** Calls that met the cut. */
  readonly met: number;
  /** After the cut: when the last isolate stopped heeding the owner's word. */
  readonly localOnlyAfterS: number | null;
  /** After the mend: when the last isolate held a word that was spoken after it. */
  readonly freshAgainAfterS: number | null;
  /** What should not have been. */
  readonly complaints: readonly string[];
}

/** Cuts one edge of a bed under load, watches its isolates fall back on themselves, mends it and watches them return. */
export async function cutEdge(options: CutOptions): Promise<CutReport> {
  const { bed, edge, adminToken, cutForMs, random, say } = options;
  const { isolates } = bed;
  const parts: readonly PartName[] = edge.silences.length > 0 ? edge.silences : ["breaker"];
  /** What each isolate holds, of the part that it has the oldest word of. */
  const sights = () => Promise.all(isolates.map(async (isolate) => oldest(await lookAtAll(isolate))));
  const lookAtAll = (isolate: (typeof isolates)[number]) =>
    Promise.all(parts.map((part) => look(isolate, part, adminToken)));

  const load = openLoop(options.perSecond, await visitorsOf(isolates, random));
  const complaints: string[] = [];
  let report = { cut: "", met: 0, localOnlyAfterS: null as number | null, freshAgainAfterS: null as number | null };
  try {
    const settledMs = await firstTime(SETTLE_WITHIN_MS, async () => (await sights()).every(isHeeded));
    if (settledMs === undefined) complaints.push("not every isolate heard the owners before the cut");
    const cut = await edge.cut(bed, random);
    say(`${edge.name} is cut: ${cut}`);
    const cutAt = performance.now();
    let localOnlyMs: number | undefined;
    await firstTime(cutForMs, async () => {
      const seen = await sights();
      const sinceCutMs = performance.now() - cutAt;
      if (edge.silences.length > 0) complaints.push(...tooTrusting(seen, sinceCutMs));
      else if (!seen.every(isHeeded)) complaints.push("an isolate lost the owner's word, which had other ways");
      if (seen.every((sight) => !isHeeded(sight))) localOnlyMs ??= sinceCutMs;
      return false;
    });
    const met = await edge.mend(bed);
    const mendedAt = performance.now();
    say(`${edge.name} is mended: ${met} calls met the cut`);
    if (met === 0) complaints.push("no call met the cut");
    const isLong = cutForMs > HARD_HORIZON_MS + LOOK_SLACK_MS;
    if (edge.silences.length > 0 && isLong && localOnlyMs === undefined) {
      complaints.push("not every isolate fell back on itself");
    }
    const freshMs = await firstTime(BACK_WITHIN_MS, async () => {
      const seen = await sights();
      const sinceMendMs = performance.now() - mendedAt;
      return seen.every((sight) => isHeeded(sight) && (sight.ageMs ?? Number.POSITIVE_INFINITY) < sinceMendMs);
    });
    if (freshMs === undefined) complaints.push("not every isolate came back");
    report = {
      cut,
      met,
      localOnlyAfterS: edge.silences.length > 0 ? seconds(localOnlyMs) : null,
      freshAgainAfterS: seconds(freshMs),
    };
  } catch (error) {
    complaints.push(`could not be watched: ${error}`);
  }
  const visits = await load.stop();
  const troubles = visits.flatMap(({ trouble }) => trouble ?? []);
  complaints.push(...troubles.slice(0, 3));
  say(`${edge.name} is done: ${visits.length} requests, ${troubles.length} failed`);
  return { ...report, requests: visits.length, failed: troubles.length, complaints: [...new Set(complaints)] };
}

/** The isolate goes by the owner's word still. */
function isHeeded({ ageMs, sources }: Sight): boolean {
  return ageMs !== null && ageMs <= HARD_HORIZON_MS && sources.every((source) => source !== "local-only");
}

/** The owner cannot have spoken since the cut: whoever thinks its word younger than that, or heeds it longer, is wrong. */
function tooTrusting(sights: readonly Sight[], sinceCutMs: number): string[] {
  return sights.flatMap((sight) => {
    const { ageMs } = sight;
    if (ageMs !== null && ageMs < sinceCutMs - LOOK_SLACK_MS) return ["a word was thought younger than it is"];
    if (isHeeded(sight) && sinceCutMs > HARD_HORIZON_MS + LOOK_SLACK_MS) return ["a word of over 60 s was heeded"];
    if (!isHeeded(sight) && ageMs !== null && ageMs <= HARD_HORIZON_MS) return ["a word under 60 s was not heeded"];
    return [];
  });
}

function oldest(sights: readonly Sight[]): Sight {
  const ages = sights.map(({ ageMs }) => ageMs ?? Number.POSITIVE_INFINITY);
  const ageMs = Math.max(...ages);
  return { ageMs: Number.isFinite(ageMs) ? ageMs : null, sources: sights.flatMap(({ sources }) => sources) };
}

/** How long until the condition held, looked at once a second; undefined: not within the time. */
async function firstTime(withinMs: number, condition: () => Promise<boolean>): Promise<number | undefined> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < withinMs) {
    const lookedAt = performance.now();
    if (await condition()) return performance.now() - startedAt;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, LOOK_EVERY_MS - (performance.now() - lookedAt))));
  }
  return undefined;
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms / 100) / 10;
}
