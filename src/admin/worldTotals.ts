import { ObjectAccess } from "../exchange/objectAccess.ts";
import type { IsolateState } from "../isolate.ts";
import type { TelemetryData } from "../telemetry/telemetryData.ts";
import { askCollectors, collectorNames } from "./collectors.ts";

/** What one Collector counted. */
export interface CollectorTotals {
  readonly data: TelemetryData;
  readonly checkpointAgeMs: number | null;
  readonly reporters: number;
}

/** The totals of all Collectors; `trouble`: some of them are missing, so that sums would be too small. */
export interface WorldTotals {
  readonly totals: readonly CollectorTotals[];
  /** How long the slowest answer took: they are as old as that at most. */
  readonly ageMs: number;
  readonly trouble?: string;
}

/**
 * Asks all Collectors of the last 24 hours for what they counted: also while Breakwater is off, since sums that fell to
 * nothing and came back would be counted a second time.
 */
export async function worldTotals(state: IsolateState): Promise<WorldTotals> {
  if (!(state.objects instanceof ObjectAccess)) return { totals: [], ageMs: 0 };
  const { names, trouble } = await collectorNames(state);
  const words = await askCollectors(state, names, "totals");
  const totals: CollectorTotals[] = [];
  const silent: string[] = [];
  let ageMs = 0;
  for (const [name, word] of words) {
    if (!word.said) {
      silent.push(name);
      continue;
    }
    totals.push(word.said as unknown as CollectorTotals); // of this Worker, of another version at most
    ageMs = Math.max(ageMs, word.ageMs);
  }
  const missing = trouble ?? (silent.length > 0 ? `No answer from ${silent.join(", ")}.` : undefined);
  return { totals, ageMs, ...(missing === undefined ? {} : { trouble: missing }) };
}
