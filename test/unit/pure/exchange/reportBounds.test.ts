import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MAX_BUMPS, MAX_NODES, MAX_REPORT_CHARS, MAX_TAGS, TAG_BUCKETS } from "../../../../src/rpc/constants.ts";
import { readReport } from "../../../../src/rpc/readMessage.ts";
import { Bed } from "./bed.ts";
import { breakerPart, bumpsPart, replicasPart } from "./parts.ts";

const START = 1_800_000_000_000;
/** As large as counts and ages get in practice: a thousand million. */
const MUCH = 999_999_999;
const LONGEST_NODE = 31;
const LONGEST_LEASE = 40;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

test("the longest report that there can be is one that a Collector takes", async () => {
  const bed = new Bed({ id: crypto.randomUUID() });
  const stamp = { incarnation: START, epoch: MUCH, version: START };
  bed.view.adopt({ breaker: breakerPart(stamp), replicas: replicasPart(stamp), bumps: bumpsPart(stamp) }, 0, START);
  const nodes = Array.from({ length: MAX_NODES }, (_, index) => `node-${index}`.padEnd(LONGEST_NODE, "x"));
  for (const node of nodes) {
    for (const kind of ["read", "write", "check"] as const) {
      for (const outcome of ["ok", "failed", "slow", "excluded"] as const)
        bed.ledger.outcome(node, kind, outcome, MUCH);
    }
    const text = "9".repeat(20);
    const generation = "9".repeat(40);
    bed.ledger.sample({
      node,
      inRecovery: false,
      epoch: text,
      position: text,
      generation,
      tookMs: 2_000,
      at: START - MUCH,
    });
    bed.ledger.settled({ lease: "l".repeat(LONGEST_LEASE), node, epoch: MUCH, outcome: "excluded" }, START);
  }
  for (let index = 0; index < 2 * MAX_BUMPS; index++) {
    const buckets = Array.from({ length: MAX_TAGS }, (_, tag) => TAG_BUCKETS - 1 - tag);
    bed.ledger.bump({ id: `${crypto.randomUUID().slice(0, -2)}${index + 10}`, buckets }, START);
  }
  bed.standing = nodes.map((node) => ({
    node,
    epoch: MUCH,
    failedRun: MUCH,
    slowRun: MUCH,
    tripped: false,
    successAgeMs: MUCH,
    failureAgeMs: MUCH,
    queryAgeMs: MUCH,
  }));
  bed.checks = nodes;
  bed.ledger.roleChanged(START);
  bed.ledger.boundedAsked();
  bed.request();
  // A count of one digit here may have nine.
  const grown = bed.last.text.replaceAll(/"(ok|failed|slow|excluded)":1/g, `"$1":${MUCH}`);
  expect(bed.last.report.bumps).toHaveLength(MAX_BUMPS);
  expect(grown.length).toBeLessThanOrEqual(MAX_REPORT_CHARS);
  expect(readReport(grown, 0, START)).toHaveProperty("report");
});
