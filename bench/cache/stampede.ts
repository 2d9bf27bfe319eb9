import { catalogueOf } from "./catalogue.ts";
import { BEGINS_AT, WINDOWS } from "./constants.ts";
import { Site } from "./site.ts";
import { settled, VirtualClock } from "./virtualClock.ts";

const ISOLATES = 20;
const COLOS = 4;
const REQUESTS = 1_000;
const STEP_MS = 100;

/** Loads that a thousand requests of one moment made. */
export interface StampedeLoads {
  /** Of a cold key, for each isolate. */
  readonly coldPerIsolate: number;
  /** Of one whose copies went stale, or were written to: in the world; and within ten more seconds of such requests. */
  readonly staleInTheWorld: number;
  readonly staleWithin10s: number;
  readonly bumpedInTheWorld: number;
  /** Requests for stale and bumped ones that waited for a load. */
  readonly waited: number;
}

/** A thousand requests for one list at one moment, in 20 isolates of four colos: cold; when it is stale; when it was written to. */
export async function stampede(seed: number): Promise<StampedeLoads> {
  const stale = await waves(seed, "stale");
  const bumped = await waves(seed, "bumped");
  return {
    coldPerIsolate: stale.cold / ISOLATES,
    staleInTheWorld: stale.second,
    staleWithin10s: stale.later,
    bumpedInTheWorld: bumped.second,
    waited: stale.waited + bumped.waited,
  };
}

async function waves(seed: number, turned: "stale" | "bumped") {
  const items = catalogueOf(seed, 100);
  const rank = items.findIndex(({ kind }) => kind === "browse");
  const item = items[rank];
  if (!item) throw new Error("a catalogue without lists");
  const clock = new VirtualClock(BEGINS_AT);
  const site = new Site({ items, clock, isolates: ISOLATES, colos: COLOS, kvSeenAfterMs: 60_000 });

  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await settled();
      await clock.advanceTo(clock.now() + STEP_MS);
    }
  }

  /** One wave, and a second in which its loads come to their end. */
  async function wave(): Promise<number> {
    const answers = Array.from({ length: REQUESTS }, (_, request) => site.isolates[request % ISOLATES]?.ask(rank));
    await pass(1_000);
    return (await Promise.all(answers)).filter((served) => served?.as === "loaded").length;
  }

  await wave();
  const cold = site.loads;
  if (turned === "stale") await pass(WINDOWS[item.kind].freshMs);
  else site.written({ ...item, touches: item.tags }, 1);
  let waited = await wave();
  const second = site.loads - cold;
  for (let each = 0; each < 10; each++) waited += await wave();
  return { cold, second, later: site.loads - cold, waited };
}
