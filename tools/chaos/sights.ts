import type { BedIsolate } from "../bed/startBed.ts";

/** The owners' words that a view is made of. */
export type PartName = "breaker" | "replicas" | "bumps";

/** What one isolate holds of an owner's word. */
export interface Sight {
  /** Age of the word, as the isolate reckons; null: it has none. */
  readonly ageMs: number | null;
  /** Where its decisions on nodes come from; only the breaker's part decides any. */
  readonly sources: readonly string[];
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
      return { ageMs: world?.ageMs ?? null, sources: nodes.map(({ breaker }) => breaker.source) };
    }
    case "replicas": {
      const { isolate: held } = (await ask("/admin/replicas")) as { isolate: { ageMs: number | null } };
      return { ageMs: held.ageMs, sources: [] };
    }
    case "bumps": {
      const { isolate: held } = (await ask("/admin/cache")) as { isolate: { ageMs: number | null } };
      return { ageMs: held.ageMs, sources: [] };
    }
    default:
      return part satisfies never;
  }
}

interface HealthAnswer {
  readonly world: { readonly ageMs: number } | null;
  readonly nodes: readonly { readonly breaker: { readonly source: string } }[];
}
