import { expect, it } from "vitest";
import { latencyOf } from "../../../../../../tools/indexes/prove/latencyOf.ts";

it.each([
  [[3], { p50: 3, p95: 3 }],
  [[4, 1, 3, 2], { p50: 2, p95: 4 }],
  [Array.from({ length: 100 }, (_, n) => 100 - n), { p50: 50, p95: 95 }],
  [[0.123_456], { p50: 0.123, p95: 0.123 }],
])("latencies by nearest rank are always some that were measured: %j", (durations, latency) => {
  expect(latencyOf(durations)).toEqual(latency);
});
