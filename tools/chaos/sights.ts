import type { BedIsolate } from "../bed/startBed.ts";
import { HARD_HORIZON_MS } from "./constants.ts";

/** The owners' words that a view is made of. */
export type PartName = "breaker" | "replicas" | "bumps";

/** What one isolate holds of an owner's word. */
export interface Sight {
  /** Age of the word, as the isolate reckons; null: it has none. */
  readonly ageMs: number | null;
  /** It goes by that word still. */
  readonly isHeeded: boolean;
}

/** Looks at one isolate's part of the view, by way of its admin endpoints. */
export async function look(isolate: BedIsolate, part: PartName, adminToken: string): Promise<Sight> {
  const ask = async (path: string) => {
    const response = await isolate.fetch(path, { headers: { Authorization: `Bearer ${adminToken}` } });
    if (!response.ok) throw new Error(`${isolate.name} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  switch (part) {
    case "breaker": {
      const { world, nodes } = (await ask("/admin/health")) as HealthAnswer;
      // By what it decides, not by the age it tells: that the two agree is what is watched.
      return { ageMs: world?.ageMs ?? null, isHeeded: nodes.every(({ breaker }) => breaker.source !== "local-only") };
    }
    case "replicas":
      return byAge((await ask("/admin/replicas")) as HeldAnswer);
    case "bumps":
      return byAge((await ask("/admin/cache")) as HeldAnswer);
    default:
      return part satisfies never;
  }
}

/** The map and the bumps decide nothing yet that could be seen from outside. */
function byAge({ isolate: { ageMs } }: HeldAnswer): Sight {
  return { ageMs, isHeeded: ageMs !== null && ageMs <= HARD_HORIZON_MS };
}

interface HeldAnswer {
  readonly isolate: { readonly ageMs: number | null };
}

interface HealthAnswer {
  readonly world: { readonly ageMs: number } | null;
  readonly nodes: readonly { readonly breaker: { readonly source: string } }[];
}
