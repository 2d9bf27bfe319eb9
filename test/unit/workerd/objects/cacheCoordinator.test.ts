import { env, reset, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { CacheCoordinator } from "../../../../objects/cacheCoordinator.ts";
import { LIVES, steps } from "./lives.ts";
import { cacheDigest, NO_DIGESTS } from "./messages.ts";
import { rowsOf, statementsOf } from "./storage.ts";

afterEach(() => reset());

const MINUTELY = "* * * * *";

describe.each(LIVES)("a CacheCoordinator $name", (life) => {
  const coordinator = () =>
    steps<"digest" | "admin" | "beginRun" | "endRun" | "runs">(
      env.CACHE_COORDINATOR as unknown as DurableObjectNamespace,
      life,
    );
  const bumps = (...all: readonly (readonly [string, readonly number[]])[]) =>
    cacheDigest({ bumps: all.map(([id, buckets]) => ({ id, buckets })) });

  test("numbers bumps in the world's order", async () => {
    const { say } = coordinator();
    const first = await say("digest", bumps(["a", [1, 2]]));
    const second = await say("digest", bumps(["b", [2, 3]], ["c", [4]]));
    expect(second.part.seq).toBeGreaterThan(first.part.seq);
    expect(second.part.incarnation).toBe(first.part.incarnation);
    const numbers = new Map<number, number>(second.part.buckets);
    expect([...numbers.keys()].sort()).toEqual([1, 2, 3, 4]);
    expect(numbers.get(1)).toBe(first.part.seq);
    expect(numbers.get(2)).toBeGreaterThan(first.part.seq);
    expect(numbers.get(4)).toBe(second.part.seq);
  });

  test("gives a repeated bump no second number", async () => {
    const { say } = coordinator();
    const first = await say("digest", bumps(["a", [1]]));
    const again = await say("digest", bumps(["a", [1]]));
    expect(again.part.seq).toBe(first.part.seq);
  });

  test("tells only what came after what is known", async () => {
    const { say } = coordinator();
    const first = await say("digest", bumps(["a", [1]]));
    await say("digest", bumps(["b", [2]]));
    const { part } = await say("digest", cacheDigest({ haveSeq: first.part.seq }));
    expect(part.since).toBe(first.part.seq);
    expect(part.buckets.map(([bucket]: [number]) => bucket)).toEqual([2]);
  });

  test("takes a new incarnation where somebody holds a later word than it remembers", async () => {
    const { say } = coordinator();
    const { part } = await say("digest", cacheDigest());
    const have = { incarnation: part.incarnation, epoch: 0, version: part.version + 1 };
    const after = await say("digest", cacheDigest({ have }));
    expect(after.part.incarnation).toBeGreaterThan(part.incarnation);
  });

  test.each(NO_DIGESTS)("refuses a digest that is %s, and nothing changes", async (_, text) => {
    const { stub, say } = coordinator();
    await say("digest", bumps(["a", [1]]));
    const before = await rowsOf(stub);
    await expect(say("digest", text)).rejects.toThrow("no digest that this version understands");
    expect(await rowsOf(stub)).toEqual(before);
  });

  test.each([[-1], [1_024], [1.5]])("refuses a bump of bucket %s", async (bucket) => {
    const { stub, say } = coordinator();
    await say("digest", bumps(["a", [1]]));
    const before = await rowsOf(stub);
    await expect(say("digest", bumps(["b", [bucket]]))).rejects.toThrow("no digest");
    expect(await rowsOf(stub)).toEqual(before);
  });

  test("grants a cron's scheduled time once, while it runs and when it is done", async () => {
    const { say } = coordinator();
    const run = { cron: MINUTELY, scheduledTime: 60_000, runner: "a", leaseMs: 30_000 };
    expect(await say("beginRun", run)).toMatchObject({ granted: true });
    expect(await say("beginRun", { ...run, runner: "b" })).toEqual(
      expect.objectContaining({ granted: false, reason: "running" }),
    );
    await say("endRun", { ...run, outcome: "ok", note: "", detail: { seen: 3 } });
    expect(await say("beginRun", { ...run, runner: "b" })).toMatchObject({ granted: false, reason: "done" });
    const next = await say("beginRun", { ...run, scheduledTime: 120_000 });
    expect(next).toMatchObject({ granted: true, lastDetail: { seen: 3 } });
    const { crons } = await say("runs");
    expect(crons[0].runs.map(({ outcome }: { outcome: string }) => outcome)).toEqual(["running", "ok"]);
  });

  test("tells beside the bumps how long ago the last run of each cron ended", async () => {
    const { say } = coordinator();
    expect((await say("digest", cacheDigest())).part.crons).toEqual([]);
    const run = { cron: MINUTELY, scheduledTime: 60_000, runner: "a", leaseMs: 30_000 };
    await say("beginRun", run);
    expect((await say("digest", cacheDigest())).part.crons).toEqual([]); // it may never end
    await say("endRun", { ...run, outcome: "failed", note: "", detail: {} });
    const first = (await say("digest", cacheDigest())).part.crons;
    expect(first).toEqual([{ cron: MINUTELY, endedAgeMs: expect.any(Number) }]);
    expect(first[0].endedAgeMs).toBeLessThan(5_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const [later] = (await say("digest", cacheDigest())).part.crons;
    expect(later.endedAgeMs).toBeGreaterThanOrEqual(first[0].endedAgeMs + 100);
  });

  test("counts the end of a run that was never begun as a stray, and keeps no run of it", async () => {
    const { say } = coordinator();
    await say("endRun", { cron: MINUTELY, scheduledTime: 60_000, runner: "a", outcome: "ok", note: "", detail: {} });
    const { crons, strayEnds } = await say("runs");
    expect([strayEnds, crons.flatMap(({ runs }: { runs: [] }) => runs)]).toEqual([1, []]);
  });

  test.each([
    ["beginRun", "{"],
    ["beginRun", "{}"],
    ["beginRun", JSON.stringify({ cron: MINUTELY, scheduledTime: 1, runner: "a", leaseMs: 9_000_000 })],
    ["endRun", "7"],
    ["endRun", JSON.stringify({ cron: MINUTELY, scheduledTime: 1, runner: "a", outcome: "splendid", note: "" })],
  ] as const)("refuses %s of %s", async (method, text) => {
    const { stub, say } = coordinator();
    await say("runs");
    const before = await rowsOf(stub);
    await expect(say(method, text)).rejects.toThrow("no cron run that this version understands");
    expect(await rowsOf(stub)).toEqual(before);
  });
});

test("a CacheCoordinator starts with one SELECT", async () => {
  const stub = env.CACHE_COORDINATOR.getByName(crypto.randomUUID());
  await stub.digest(JSON.stringify(cacheDigest({ bumps: [{ id: "a", buckets: [1] }] })));
  const statements = await runInDurableObject(stub, (_, state) =>
    statementsOf(state.storage, () => new CacheCoordinator(state, env)),
  );
  expect(statements).toEqual([expect.stringMatching(/^SELECT/)]);
});
