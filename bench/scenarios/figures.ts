import { WELL_SHARE } from "./constants.ts";
import type { Played } from "./play.ts";
import type { Scenario } from "./scenarios.ts";

/** What one guard made of one scenario. Shares are of all requests from the trouble's beginning on. */
export interface Figures {
  /** Isolates whose breaker opened, and when: the first, and on average. */
  readonly openedShare: number;
  readonly openFirstS: number | null;
  readonly openMeanS: number | null;
  /** Refused, though the node would have answered. */
  readonly wronglyRefusedShare: number;
  /** Sent to the node, and not answered. */
  readonly harmed: number;
  readonly harmedShare: number;
  /** What reached the node, a second, while it answered nothing. */
  readonly loadWhileDownPerS: number | null;
  readonly mostProbes: number;
  /** From the trouble's end until, from then on, nearly all are answered. */
  readonly recoverS: number;
  /** What reached the node in the first second in which it answered a visitor again after the trouble. */
  readonly firstSecondPerS: number;
  /** The most that reached it in any second until it had recovered. */
  readonly peakPerS: number;
}

/** Of a look at the answered share, and of a peak's place. */
const GRAIN_S = 0.25;

export function figuresOf({ requests, reachedS, openedS, mostProbes }: Played, scenario: Scenario): Figures {
  const since = requests.filter(({ atS }) => atS >= 0);
  const opened = openedS.filter((at) => at !== undefined && at < scenario.lastsS) as number[];
  const recoveredS = recoverS(since, scenario.lastsS);
  const againS = since.reduce((at, each) => (isAgain(each, scenario) ? Math.min(at, each.atS) : at), Infinity);
  const harmed = since.filter(({ end }) => end === "failed").length;
  const wronglyRefused = since.filter(({ end, isAnswerable }) => end === "refused" && isAnswerable).length;
  const isDown = (atS: number) => atS >= 0 && atS < scenario.lastsS && scenario.isDown(atS);
  const downS = slices(0, scenario.lastsS).filter((at) => isDown(at)).length * GRAIN_S;
  return {
    openedShare: rounded(opened.length / openedS.length),
    openFirstS: opened.length === 0 ? null : rounded(Math.min(...opened)),
    openMeanS: opened.length === 0 ? null : rounded(opened.reduce((sum, at) => sum + at, 0) / opened.length),
    wronglyRefusedShare: rounded(wronglyRefused / since.length),
    harmed,
    harmedShare: rounded(harmed / since.length),
    loadWhileDownPerS: downS === 0 ? null : rounded(reachedS.filter(isDown).length / downS),
    mostProbes,
    recoverS: recoveredS,
    firstSecondPerS: reachedS.filter((at) => at >= againS && at < againS + 1).length,
    peakPerS: peakPerS(reachedS.filter((at) => at >= scenario.lastsS && at < scenario.lastsS + recoveredS)),
  };
}

function isAgain({ atS, end }: Played["requests"][number], { lastsS }: Scenario): boolean {
  return atS >= lastsS && end === "answered";
}

function recoverS(requests: Played["requests"], endS: number): number {
  const answered = new Map<number, { all: number; well: number }>();
  for (const { atS, end } of requests) {
    if (atS < endS) continue;
    const slice = Math.floor((atS - endS) / GRAIN_S);
    const counts = answered.get(slice) ?? { all: 0, well: 0 };
    counts.all++;
    if (end === "answered") counts.well++;
    answered.set(slice, counts);
  }
  const bad = [...answered].filter(([, { all, well }]) => well < WELL_SHARE * all).map(([slice]) => slice);
  return (Math.max(-1, ...bad) + 1) * GRAIN_S;
}

function peakPerS(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let most = 0;
  let from = 0;
  for (const [index, at] of sorted.entries()) {
    while ((sorted[from] ?? at) < at - 1) from++;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

function slices(fromS: number, toS: number): number[] {
  return Array.from({ length: Math.round((toS - fromS) / GRAIN_S) }, (_, index) => fromS + index * GRAIN_S);
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
