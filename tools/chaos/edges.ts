import type { BreakableClass, CopyFault, ObjectFault } from "../bed/bedFaults.ts";
import type { Bed } from "../bed/startBed.ts";
import type { PartName } from "./sights.ts";

/** One edge of the graph of calls, and how to cut it. */
export interface Edge {
  readonly name: string;
  /** The parts of the view whose owner cannot be heard any more; empty: its words arrive by other ways. */
  readonly silences: readonly PartName[];
  /** Cuts it in a way that chance picks, and names that way. */
  readonly cut: (bed: Bed, random: () => number) => Promise<string>;
  /** Mends it; tells how many calls met the cut. */
  readonly mend: (bed: Bed) => Promise<number>;
}

const WAYS: readonly ObjectFault[] = [
  { kind: "hang" },
  { kind: "throw" },
  { kind: "overloaded" },
  { kind: "reset" },
  { kind: "dropAnswer", by: "hang" },
];
const COPY_WAYS: readonly CopyFault[] = ["throwing", "unreadable", "swallowing", "hanging"];

/** DESIGN §2's graph: each edge by itself, and all objects at once. */
export const EDGES: readonly Edge[] = [
  objects("isolate-collector", ["Collector"], ["breaker", "replicas", "bumps"]),
  objects("collector-breaker", ["CircuitBreaker"], ["breaker"]),
  objects("collector-replicas", ["ReplicaCoordinator"], ["replicas"]),
  objects("collector-cache", ["CacheCoordinator"], ["bumps"]),
  objects("owner-prober", ["Prober"], []),
  {
    name: "colo-copy",
    silences: [],
    cut: async ({ isolates }, random) => {
      const fault = pick(COPY_WAYS, random);
      for (const isolate of isolates) await isolate.breakCopy(fault);
      return fault;
    },
    mend: async ({ isolates }) => {
      let met = 0;
      for (const isolate of isolates) met += await isolate.breakCopy(null);
      return met;
    },
  },
  objects(
    "all-objects-hung",
    ["Collector", "CircuitBreaker", "ReplicaCoordinator", "CacheCoordinator"],
    ["breaker", "replicas", "bumps"],
    [{ kind: "hang" }],
  ),
];

function objects(
  name: string,
  classes: readonly BreakableClass[],
  silences: readonly PartName[],
  ways: readonly ObjectFault[] = WAYS,
): Edge {
  return {
    name,
    silences,
    cut: async ({ host }, random) => {
      const fault = pick(ways, random);
      for (const cls of classes) await host.fault(cls, "*", fault);
      return fault.kind === "dropAnswer" ? `answers lost (${fault.by})` : fault.kind;
    },
    mend: ({ host }) => host.clear(),
  };
}

function pick<T>(all: readonly T[], random: () => number): T {
  return all[Math.floor(random() * all.length)] as T;
}
