import type { Found } from "../aside.ts";
import { type Compared, compare } from "./compare.ts";
import { SCENARIOS } from "./scenarios.ts";
import { scenarioTable } from "./table.ts";

/** A site of some size: enough isolates that what happens by chance in one happens in some. */
const WORLD = { isolates: 240, colos: 8, requestsPerSecond: 10 } as const;

/** Every scenario, its figures by its name. */
export async function playAll(seed: number, say: (what: string) => void): Promise<Found> {
  const { isolates, colos, requestsPerSecond } = WORLD;
  const lines = [
    `Nodes in trouble before ${isolates} isolates in ${colos} colos, ${requestsPerSecond} requests a second each; ours beside cockatiel in each isolate (a share of 10 s, or a run of 5). Less is better.`,
  ];
  const figures: Record<string, Compared> = {};
  for (const scenario of SCENARIOS) {
    say(`${scenario.name}: ${scenario.what}`);
    const compared = await compare(scenario, { ...WORLD, seed });
    figures[scenario.name] = compared;
    lines.push(scenarioTable(scenario, compared));
  }
  return { text: lines.join("\n"), figures };
}
