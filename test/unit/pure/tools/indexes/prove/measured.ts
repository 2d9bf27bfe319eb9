import type { Measured } from "../../../../../../tools/indexes/prove/measure.ts";

/** A sample that was measured, as far as a test cares. */
export function measured({
  buffers,
  index = "an_index",
  isSorted = false,
  ...sample
}: Pick<Measured, "name"> & Partial<Measured> & { buffers?: number; index?: string; isSorted?: boolean }): Measured {
  return {
    shape: undefined,
    label: "common",
    kind: "read",
    plan:
      buffers === undefined
        ? undefined
        : {
            nodes: [{ kind: "Index Scan", relation: "t", index, buffers }],
            buffers,
            findingBuffers: buffers - 2,
            walBytes: 0,
            ms: 1,
            isSorted,
          },
    ...sample,
  };
}
