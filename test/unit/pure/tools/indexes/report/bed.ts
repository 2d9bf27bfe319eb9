import type { MeasuredQuery, Measurement } from "../../../../../../tools/indexes/report/measurement.ts";

/** A baseline of one query, to be changed by a test. */
export function measured(change: Partial<Measurement> = {}): Measurement {
  return {
    version: 1,
    label: "before",
    takenAt: "2026-11-01T00:00:00.000Z",
    commit: "abc",
    machine: { cpu: "cpu", cores: 2, memoryBytes: 1, system: "linux", node: "24.0.0" },
    postgres: { version: "18.4", settings: { shared_buffers: "256MB" } },
    tables: [{ name: "pitches", rows: 1_000, bytes: 1, analysed: "yes" }],
    indexes: [],
    missing: [],
    runs: 20,
    queries: [browse()],
    ...change,
  };
}

export function browse(change: Partial<MeasuredQuery> = {}): MeasuredQuery {
  return {
    name: "pitches.browse",
    sample: "rare",
    kind: "read",
    text: "a",
    tables: ["pitches"],
    indexes: [],
    buffers: 25_001,
    walBytes: 0,
    ms: Array.from({ length: 20 }, (_, round) => 100 + round),
    ...change,
  };
}

/** A hundredth of the time and of the pages. */
export const fast = (change: Partial<MeasuredQuery> = {}) =>
  browse({
    buffers: 22,
    ms: Array.from({ length: 20 }, (_, round) => 1 + round / 100),
    indexes: ["by_genre"],
    ...change,
  });
