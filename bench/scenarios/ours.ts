import { SimulatedWorld } from "../../tools/simulator/simulatedWorld.ts";
import { ATTEMPT_MS, NODE } from "./constants.ts";
import type { Guard, GuardOptions } from "./guard.ts";

/** The whole of ours: production's isolates, Collectors and owners, in the simulator. Only retries are left out: the peers have none. */
export function ours({ seed, isolates, colos }: GuardOptions): Guard {
  const regions = Math.min(3, colos);
  const world = new SimulatedWorld({ seed, isolates, colos, regions, requestsPerSecond: 0, nodes: [NODE] });
  const isolate = (index: number) => {
    const found = world.isolates[index];
    if (!found) throw new Error(`there is no isolate ${index}`);
    return found;
  };
  return {
    scheduler: world.scheduler,
    database: world.database,
    visit: ({ isolate: index, luck }) => isolate(index).request({ deadlineMs: ATTEMPT_MS, maxRetries: 0, luck }),
    isOpen: (index) => !isolate(index).state.breakers.admits(NODE, world.scheduler.now()),
  };
}
