import { catalogueOf } from "./catalogue.ts";
import { BEGINS_AT, WINDOWS } from "./constants.ts";
import { Site } from "./site.ts";
import { settled, VirtualClock } from "./virtualClock.ts";

const ISOLATES = 20;
const COLOS = 4;
const REQUESTS = 1_000;

/** Loads that a stampede made: of a cold key, for each isolate; of one whose copies went stale, in the world. */
export interface StampedeLoads {
  readonly coldPerIsolate: number;
  readonly staleInTheWorld: number;
  readonly bumpedInTheWorld: number;
  /** Requests of the last two that waited for a load. */
  readonly waited: number;
}

/** A thousand requests for one list at one moment, in 20 isolates: cold, then when it is stale, then when it was written to. */
export async function stampede(seed: number): Promise<StampedeLoads> {
  const items = catalogueOf(seed, 100);
  const rank = items.findIndex(({ kind }) => kind === "browse");
  const [item, pitch] = [items[rank], items.find(({ kind }) => kind === "pitch")];
  if (!item || !pitch) throw new Error("a catalogue without lists or pitches");
  const clock = new VirtualClock(BEGINS_AT);
  const site = new Site({ items, clock, isolates: ISOLATES, colos: COLOS });
  let waited = 0;

  /** Loads of one wave of requests, and of all that comes of it within half a minute. */
  async function wave(): Promise<number> {
    const before = site.loads;
    const answers = Array.from({ length: REQUESTS }, (_, request) => site.isolates[request % ISOLATES]?.ask(rank));
    for (let step = 0; step < 300; step++) {
      await settled();
      await clock.advanceTo(clock.now() + 100);
    }
    const served = await Promise.all(answers);
    waited += served.filter((each) => each?.as === "loaded").length;
    return site.loads - before;
  }

  const cold = await wave();
  waited = 0;
  await clock.advanceTo(clock.now() + WINDOWS.browse.freshMs);
  const stale = await wave();
  site.written({ ...pitch, touches: item.tags }, 1);
  const bumped = await wave();
  return { coldPerIsolate: cold / ISOLATES, staleInTheWorld: stale, bumpedInTheWorld: bumped, waited };
}
