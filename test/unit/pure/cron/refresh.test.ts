import { describe, expect, test } from "vitest";
import { MAX_BATCHES, REFRESH_MS, STATEMENT_MS } from "../../../../src/cron/constants.ts";
import { markedStep } from "../../../../src/cron/markedStep.ts";
import { type RefreshStep, refresh } from "../../../../src/cron/refresh.ts";
import { query } from "../../../../src/database/query.ts";
import { TransportFailure } from "../../../../src/database/transport.ts";
import { type Rows, scripted } from "./scripted.ts";

const FIRST: RefreshStep = query("app.first", "SELECT …");
const SECOND: RefreshStep = query("app.second", "SELECT …");

describe("what an application keeps up to date", () => {
  test("is sent step by step, each until it answers 0", async () => {
    const { work, sent } = scripted({
      "app.first": (nth) => [[[5_000, 200, 0][nth]]],
      "app.second": () => [[0]],
    });
    expect(await refresh(work, [FIRST, SECOND])).toEqual({
      outcome: "ok",
      note: "done",
      detail: { "app.first": 5_200, "app.second": 0 },
    });
    expect(sent.map(({ name }) => name)).toEqual(["app.first", "app.first", "app.first", "app.second"]);
    expect(sent.every(({ ms }) => ms === STATEMENT_MS)).toBe(true);
  });

  test.for([[[]], [[FIRST]], [[FIRST, SECOND]]])(
    "was skipped when there is nothing to do (%#)",
    async ([steps = []]) => {
      const { work } = scripted({ "app.first": () => [[0]], "app.second": () => [[0]] });
      expect(await refresh(work, steps)).toMatchObject({ outcome: "skipped", note: "nothing to do" });
    },
  );

  test("goes on after a step that failed, and has failed", async () => {
    const { work } = scripted({
      "app.first": (nth) => (nth === 0 ? [[3]] : new Error("no")),
      "app.second": (nth) => [[[7, 0][nth]]],
    });
    expect(await refresh(work, [FIRST, SECOND])).toEqual({
      outcome: "failed",
      note: "left over: app.first; app.first: no",
      detail: { "app.first": 3, "app.second": 7 },
    });
  });

  test("has not failed where somebody's lock was in its way: it is left over", async () => {
    const locked = new TransportFailure("sql", "canceling statement due to lock timeout", { sqlstate: "55P03" });
    const { work, sent } = scripted({ "app.first": () => locked });
    expect(await refresh(work, [FIRST])).toEqual({
      outcome: "skipped",
      note: "left over: app.first",
      detail: { "app.first": 0 },
    });
    expect(sent).toHaveLength(1);
  });

  test.for([[[]], [[["5"]]], [[[null]]], [[[]]]])(
    "has failed where a step does not say how much it did: %j",
    async ([rows = []]) => {
      const { work, sent } = scripted({ "app.first": () => rows });
      expect(await refresh(work, [FIRST])).toMatchObject({ outcome: "failed" });
      expect(sent).toHaveLength(1);
    },
  );

  const TAGS = ["counted"];
  const locked = new TransportFailure("sql", "canceling statement due to lock timeout", { sqlstate: "55P03" });
  test.for<[string, (nth: number) => Rows | Error, number]>([
    ["once for each statement that did something", (nth) => [[[5, 2, 0][nth]]], 2],
    ["not where nothing was to be done", () => [[0]], 0],
    ["not where it was kept out by somebody's lock", () => locked, 0],
    ["where nobody knows what became of it", () => new Error("gone"), 1],
  ])("is told to have touched its tags %s", async ([, answer, times]) => {
    const { work, wrote } = scripted({ "app.first": answer });
    await refresh(work, [{ ...FIRST, tags: TAGS }]);
    expect(wrote).toEqual(Array.from({ length: times }, () => TAGS));
    const untold = scripted({ "app.first": answer });
    await refresh(untold.work, [FIRST]);
    expect(untold.wrote).toEqual([]);
    const late = scripted({ "app.first": answer }, 0);
    await refresh(late.work, [{ ...FIRST, tags: TAGS }]);
    expect([late.wrote, late.sent]).toEqual([[], []]);
  });

  test("leaves its mark in the statement that changes what it touches", () => {
    const step = query<{ readonly done: number }>("app.first", "SELECT f($1, $2) AS done", ["a", 7]);
    const { name, text, values } = markedStep(step, { id: "m", tags: TAGS });
    expect([name, values]).toEqual(["app.first", ["a", 7, "m", TAGS]]);
    expect(text).toMatch(/SELECT f\(\$1, \$2\) AS done\n.*SELECT \$3::uuid, \$4::text\[\] FROM step WHERE done > 0/s);
  });

  test("takes half of the run's time at most, and says what is left", async () => {
    const { work, sent } = scripted({ "app.first": () => [[1]] }, 10 * REFRESH_MS);
    expect(await refresh(work, [FIRST, SECOND])).toMatchObject({
      outcome: "ok",
      note: "left over: app.first, app.second",
    });
    expect(sent).toHaveLength(REFRESH_MS / 100);
  });

  test("ends with the run", async () => {
    const { work, sent } = scripted({ "app.first": () => [[1]] }, 950);
    await refresh(work, [FIRST]);
    expect(sent).toHaveLength(10);
    expect(sent.at(-1)?.ms).toBe(50);
  });

  test("is stopped where there is always more to do", async () => {
    const { work, sent } = scripted({ "app.first": () => [[1]] }, Number.POSITIVE_INFINITY);
    const timeless = { ...work, now: () => 0 };
    expect(await refresh(timeless, [FIRST])).toMatchObject({ note: "left over: app.first" });
    expect(sent).toHaveLength(MAX_BATCHES);
  });
});
