import type { Bed } from "../bed/startBed.ts";
import {
  BACK_WITHIN_MS,
  HARD_HORIZON_MS,
  LOOK_EVERY_MS,
  LOOK_SLACK_MS,
  SETTLE_WITHIN_MS,
  SPOKEN_LATE_MS,
} from "./constants.ts";
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

type Watched = Pick<CutReport, "cut" | "met" | "localOnlyAfterS" | "freshAgainAfterS">;
type Complain = (...complaints: readonly string[]) => void;
/** What each isolate holds of each part that is watched. */
type LookAround = () => Promise<Sight[]>;

/** Cuts one edge of a bed under load, watches its isolates fall back on themselves, mends it and watches them return. */
export async function cutEdge(options: CutOptions): Promise<CutReport> {
  const { bed, edge, random, say } = options;
  const load = openLoop(options.perSecond, await visitorsOf(bed.isolates, random));
  const complaints = new Set<string>();
  const complain: Complain = (...each) => {
    for (const complaint of each) complaints.add(complaint);
  };
  let watched: Watched = { cut: "", met: 0, localOnlyAfterS: null, freshAgainAfterS: null };
  try {
    watched = await watch(options, complain);
  } catch (error) {
    complain(`could not be watched: ${error}`);
  }
  const visits = await load.stop();
  const troubles = visits.flatMap(({ trouble }) => trouble ?? []);
  complain(...troubles.slice(0, 3));
  say(`${edge.name} is done: ${visits.length} requests, ${troubles.length} failed`);
  return { ...watched, requests: visits.length, failed: troubles.length, complaints: [...complaints] };
}

async function watch(options: CutOptions, complain: Complain): Promise<Watched> {
  const { bed, edge, adminToken, random, say } = options;
  const parts: readonly PartName[] = edge.silences.length > 0 ? edge.silences : ["breaker"];
  const lookAround: LookAround = () =>
    Promise.all(bed.isolates.flatMap((isolate) => parts.map((part) => look(isolate, part, adminToken))));
  const settledMs = await firstTime(SETTLE_WITHIN_MS, async () =>
    (await lookAround()).every(({ isHeeded }) => isHeeded),
  );
  if (settledMs === undefined) complain("not every isolate heard the owners before the cut");

  const cut = await edge.cut(bed, random);
  say(`${edge.name} is cut: ${cut}`);
  const localOnlyMs = await watchCut(options, lookAround, complain);
  const met = await edge.mend(bed);
  say(`${edge.name} is mended: ${met} calls met the cut`);
  if (met === 0) complain("no call met the cut");
  const freshMs = await watchReturn(lookAround);
  if (freshMs === undefined) complain("not every isolate came back");
  return { cut, met, localOnlyAfterS: seconds(localOnlyMs), freshAgainAfterS: seconds(freshMs) };
}

/** For as long as the edge is cut. Tells when the last isolate stopped heeding the owner's word. */
async function watchCut(
  { edge, cutForMs }: CutOptions,
  lookAround: LookAround,
  complain: Complain,
): Promise<number | undefined> {
  const cutAt = performance.now();
  const isSilenced = edge.silences.length > 0;
  let localOnlyMs: number | undefined;
  await firstTime(cutForMs, async () => {
    const lookedAt = performance.now();
    const sights = await lookAround();
    if (isSilenced) complain(...tooTrusting(sights, lookedAt - cutAt));
    else if (!sights.every(({ isHeeded }) => isHeeded))
      complain("an isolate lost the owner's word, which had other ways");
    if (isSilenced && !sights.some(({ isHeeded }) => isHeeded)) localOnlyMs ??= performance.now() - cutAt;
    return false;
  });
  const isLong = cutForMs > HARD_HORIZON_MS + LOOK_SLACK_MS;
  if (isSilenced && isLong && localOnlyMs === undefined) complain("not every isolate fell back on itself");
  return localOnlyMs;
}

/** Tells when the last isolate held a word that was spoken after the mend. */
function watchReturn(lookAround: LookAround): Promise<number | undefined> {
  const mendedAt = performance.now();
  return firstTime(BACK_WITHIN_MS, async () => {
    const lookedAt = performance.now();
    const isBack = ({ ageMs }: Sight) => ageMs !== null && ageMs < lookedAt - mendedAt;
    return (await lookAround()).every((sight) => sight.isHeeded && isBack(sight));
  });
}

/** The owner cannot have spoken since the cut: whoever thinks its word younger than that, or heeds it longer, is wrong. */
function tooTrusting(sights: readonly Sight[], sinceCutMs: number): string[] {
  return sights.flatMap(({ ageMs, isHeeded }) => {
    if (ageMs !== null && ageMs < sinceCutMs - SPOKEN_LATE_MS) return ["a word was thought younger than it is"];
    if (isHeeded && sinceCutMs > HARD_HORIZON_MS + SPOKEN_LATE_MS) return ["a word of over 60 s was heeded"];
    if (!isHeeded && ageMs !== null && ageMs <= HARD_HORIZON_MS) return ["a word under 60 s was not heeded"];
    return [];
  });
}

/** How long until the condition held, looked at every two seconds; undefined: not within the time. */
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
