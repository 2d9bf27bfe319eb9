import { afterEach, describe, expect, test, vi } from "vitest";
import { query } from "../../../../src/database/query.ts";
import { write } from "../../../../src/database/write.ts";
import { answerOf, bed, errorOf, failure, type Reply, result, sqlError, THREE } from "./bed.ts";

afterEach(() => {
  vi.useRealTimers();
});

const NO_PARTITION = sqlError("23514", { table: "marks" });
const insert = query("pitches.insert", "INSERT INTO pitches VALUES (1)");
const ENSURE = "breakwater.ensure-partitions";

/** Writes to a primary that lacks today's partition; `made`: what it says when partitions are made, `then` afterwards. */
function writeInto(made: Reply, then: Reply) {
  let partitionsMade = false;
  const bedOf = bed({
    roles: { ...THREE },
    reply: ({ statements, isBatch }) => {
      if (statements[0]?.name === ENSURE) {
        partitionsMade = true;
        return made;
      }
      if (!isBatch) return result();
      return partitionsMade ? then : NO_PARTITION;
    },
  });
  return { ...bedOf, batches: () => bedOf.sent.filter(({ isBatch }) => isBatch) };
}

describe("a write that finds no partition for its mark", () => {
  test("makes the partitions and is sent once more, with the same mark", async () => {
    const made = writeInto(result(["made"], [4]), [result(), result()]);
    const done = await answerOf(write(made.scope, [insert], { tags: ["pitches"] }));
    const marks = made.batches().map(({ statements }) => statements[0]?.values[0]);
    expect(made.sent.map(({ node }) => node)).toEqual(["p", "p", "p"]);
    expect(marks).toHaveLength(2);
    expect(new Set(marks).size).toBe(1);
    expect(done).toMatchObject({ kind: "committed", mark: marks[0] });
  });

  test.for<[string, Reply, Reply]>([
    ["nobody may make them", sqlError("42501"), [result()]],
    ["they are missing still", result(["made"], [0]), NO_PARTITION],
  ])("where %s says so, and wrote nothing", async ([, made, then]) => {
    const written = writeInto(made, then);
    expect((await errorOf(write(written.scope, [insert], { tags: ["pitches"] }))).code).toBe("configuration");
    expect(written.batches().length).toBeLessThanOrEqual(2);
    expect(written.waiting).toEqual([]);
  });

  test("whose second try loses its answer is of unknown outcome", async () => {
    const written = writeInto(result(["made"], [4]), failure("connection"));
    expect((await errorOf(write(written.scope, [insert], { tags: ["pitches"] }))).code).toBe("unknown-outcome");
    expect(written.batches()).toHaveLength(2);
  });
});
