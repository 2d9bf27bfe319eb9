import { pathOfKey } from "../cache/cacheKey.ts";
import { hotKeyOf } from "../cache/warm/hotKeyOf.ts";
import type { WarmRefusal, WarmReport } from "../cache/warm/warmReport.ts";
import { ProblemError } from "../http/problem.ts";
import type { SharedTarget } from "../http/sharedTarget.ts";
import { MAX_TOLD_KEY_CHARS } from "../rpc/constants.ts";
import type { HeatAnswer } from "../rpc/refreshLease.ts";
import type { ToWarm } from "./warmKey.ts";

/** What a run considers, by key; and the paths that it does not, with why. */
export interface Candidates {
  readonly toWarm: ReadonlyMap<string, ToWarm>;
  readonly refused: WarmReport["skipped"];
}

/** The shared answers of these paths, each once; `known`: what is known of their copies. */
export function candidates(
  targets: (path: string) => SharedTarget | undefined,
  paths: readonly string[],
  known: HeatAnswer["keys"] = [],
): Candidates {
  const knownOf = new Map(known.map((each) => [each.key, each]));
  const toWarm = new Map<string, ToWarm>();
  const refused: WarmReport["skipped"][number][] = [];
  for (const asked of paths) {
    // A key that was hot in an older version stands for the present one.
    const path = pathOfKey(asked);
    const target = resolved(targets, path);
    if (typeof target === "string") refused.push({ path, why: target });
    else if (target.key.length > MAX_TOLD_KEY_CHARS) refused.push({ path, why: "too-long" });
    else {
      const hot = hotKeyOf(target.key, knownOf.get(target.key));
      const olderHeat = asked === target.key ? 0 : (knownOf.get(asked)?.heat ?? 0);
      const heat = Math.max(hot.heat + olderHeat, toWarm.get(target.key)?.hot.heat ?? 0);
      toWarm.set(target.key, { path, target, hot: { ...hot, heat } });
    }
  }
  return { toWarm, refused };
}

function resolved(targets: (path: string) => SharedTarget | undefined, path: string): SharedTarget | WarmRefusal {
  if (!path.startsWith("/") || path.startsWith("//")) return "no-such-route";
  try {
    return targets(path) ?? "not-shared";
  } catch (error) {
    if (error instanceof ProblemError) return error.slug === "not-found" ? "not-shared" : "invalid";
    throw error;
  }
}
