import type { BreakerPart, BumpsPart, ReplicasPart } from "../../../../src/rpc/parts.ts";

/** Parts of a view as their owners would say them, with as little in them as a test needs. */

type Node = BreakerPart["nodes"][number];

export function verdict(state: Node["state"], more: Partial<Node> = {}): Node {
  return { node: "node-1", state, epoch: 1, sinceMs: 0, forMs: 0, ...more };
}

export function breakerPart(more: Partial<BreakerPart> = {}): BreakerPart {
  return { incarnation: 1, epoch: 0, version: 0, ageMs: 0, reporters: 1, nodes: [], health: [], ...more };
}

export function replicasPart(more: Partial<ReplicasPart> = {}): ReplicasPart {
  return {
    incarnation: 1,
    epoch: 0,
    version: 0,
    ageMs: 0,
    primary: null,
    databaseEpoch: null,
    newestEpoch: null,
    trouble: null,
    sampleAgeMs: null,
    minProvableBoundMs: null,
    nodes: [],
    ...more,
  };
}

export function bumpsPart(more: Partial<BumpsPart> = {}): BumpsPart {
  return {
    incarnation: 1,
    epoch: 0,
    version: 0,
    ageMs: 0,
    seq: 0,
    since: 0,
    buckets: [],
    live: [],
    cover: [],
    ...more,
  };
}
