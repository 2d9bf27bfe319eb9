import { env, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { CacheCoordinator } from "../../../../objects/cacheCoordinator.ts";
import { LIVES, steps, until } from "./lives.ts";
import { cacheDigest, NO_DIGESTS, NODE } from "./messages.ts";
import { alarmInMs, rowsOf, statementsOf } from "./storage.ts";

afterEach(() => reset());

const MINUTELY = "* * * * *";

const SAMPLE = { node: NODE, inRecovery: false, epoch: "7", position: "4096", generation: "1", tookMs: 2, ageMs: 0 };

/** Puts a Prober that answers in the object's way, so late; notes what it is asked. It is gone with the next eviction. */
async function nodesSay(stub: DurableObjectStub, answers: readonly object[], asked: unknown[] = [], lateMs = 0) {
  const sample = async (question: string) => {
    asked.push(JSON.parse(question));
    await new Promise((resolve) => setTimeout(resolve, lateMs));
    return JSON.stringify({ answers });
  };
  await runInDurableObject(stub, (_, state) => {
    Object.defineProperty(state, "exports", { value: { Prober: { sample } }, configurable: true });
  });
}

describe.each(LIVES)("a CacheCoordinator $name", (life) => {
  const coordinator = () =>
    steps<"digest" | "admin" | "lease" | "publish" | "heat" | "warmed" | "purge" | "beginRun" | "endRun" | "runs">(
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

  test("is answered at once, and forgets by itself what all nodes hold", async () => {
    const { stub, say, open } = coordinator();
    const id = "0199a3c1-7b1e-7cc0-8f5e-3d2a9b4c5d6e";
    const answers = (held: readonly string[]) => [{ node: NODE, outcome: "ok", sample: { ...SAMPLE, held } }];
    const questions: unknown[] = [];
    await nodesSay(stub, answers([]), questions);
    // A look goes on behind its digest: were the object evicted with the answer, none would come to its end.
    const ask = async () => JSON.parse(await open().digest(JSON.stringify(cacheDigest())));
    await until(ask, (answer) => answer.part.cover.length === 1, 3_000);
    await life.between(open());
    await nodesSay(stub, [], questions, 400);
    const before = Date.now();
    const { part } = await say("digest", bumps([id, [1]]));
    expect(Date.now() - before).toBeLessThan(400);
    expect([part.live.length, await alarmInMs(stub)]).toEqual([1, expect.any(Number)]);
    await nodesSay(stub, answers([id]), questions);
    await until(
      async () => {
        await runDurableObjectAlarm(stub);
        return ask();
      },
      (answer) => answer.part.live.length === 0,
      3_000,
    );
    await life.between(open());
    const { part: after } = await ask();
    expect(questions).toContainEqual({ nodes: [NODE], marks: [id], outbox: null });
    expect(after).toMatchObject({ seq: part.seq, cover: [[NODE, "1"]], databaseEpoch: "7" });
    expect(await alarmInMs(stub)).toBeNull();
  });

  test("waits a moment for the first look, so that who asks first hears of the cover; and no longer", async () => {
    const { stub, say } = coordinator();
    await nodesSay(stub, [{ node: NODE, outcome: "ok", sample: { ...SAMPLE, held: [] } }], [], 50);
    expect((await say("digest", cacheDigest())).part.cover).toEqual([[NODE, "1"]]);
    const slow = coordinator();
    await nodesSay(slow.stub, [], [], 2_000);
    const before = Date.now();
    const { part } = JSON.parse(await slow.open().digest(JSON.stringify(cacheDigest())));
    expect(part.cover).toEqual([]);
    expect(Date.now() - before).toBeLessThan(1_500);
  });

  test("does not ring in a circle while the Prober is silent", async () => {
    const { stub, say } = coordinator();
    await say("digest", bumps(["a", [1]]));
    await nodesSay(stub, []);
    await runDurableObjectAlarm(stub);
    expect(await alarmInMs(stub)).toBeGreaterThan(500);
  });

  test("takes an operator's purge, durable before it is answered, and refuses what is none", async () => {
    const { stub, say } = coordinator();
    const { seq } = await say("purge", { wire: 1, kind: "hard", buckets: [5] });
    const { part } = await say("digest", cacheDigest());
    expect(part).toMatchObject({ seq, buckets: [[5, seq]], purged: [[5, seq]], live: [] });
    const before = await rowsOf(stub);
    for (const order of [
      "",
      "{}",
      { wire: 1, kind: "hard", buckets: [1_024] },
      { wire: 1, kind: "hard", buckets: [] },
    ]) {
      await expect(say("purge", order)).rejects.toThrow("no message that this version understands");
    }
    expect(await rowsOf(stub)).toEqual(before);
  });

  test("tells who orders a purge its whole word, with the runway", async () => {
    const { say } = coordinator();
    await say("digest", bumps(["a", [1, 2]]));
    const { seq, part } = await say("purge", { wire: 1, kind: "soft", buckets: [2] });
    expect(part).toMatchObject({ seq, since: 0, version: seq, runway: { ms: null, keys: 0 }, crons: [] });
    const numbers = new Map<number, number>(part.buckets);
    expect([numbers.size, numbers.get(2)]).toEqual([2, seq]);
  });

  test("tells which keys' misses cost most", async () => {
    const { say } = coordinator();
    await say("digest", cacheDigest({ misses: [["/a", 2, 90]] }));
    await say("warmed", { wire: 1, copies: [] });
    expect((await say("admin")).hot.dearest).toEqual([{ key: "/a", misses: 2, waitedMs: 90 }]);
  });

  test("gives one lease of a key, and lets who holds it write, an eviction between or none", async () => {
    const { say } = coordinator();
    const question = { wire: 1, key: "/api/pitches", loadedAt: 0, colo: "FRA" };
    const granted = await say("lease", question);
    expect(granted).toEqual({ kind: "granted", lease: expect.any(String), expiresInMs: 5_000 });
    const now = Date.now();
    const copy = { key: question.key, hash: "h", loadedAt: now, freshUntil: now + 60_000, errorUntil: now + 600_000 };
    const publication = { wire: 1, lease: granted.lease, ...copy };
    expect(await say("publish", publication)).toEqual({ mayWrite: true, isChanged: true, kvWritesLeft: 32_999 });
    expect((await say("lease", { ...question, loadedAt: now })).kind).toBe("granted");
    const repeated = await say("publish", publication);
    expect(repeated.mayWrite).toBe(false);
  });

  test("tells what is hot, where its copies are, and how long they last", async () => {
    const { say } = coordinator();
    await say(
      "digest",
      cacheDigest({
        heat: [
          ["/a", 5],
          ["/b", 9],
        ],
      }),
    );
    const now = Date.now();
    const copy = { hash: "h", loadedAt: now, freshUntil: now + 60_000, errorUntil: now + 600_000, isWritten: true };
    expect(await say("warmed", { wire: 1, copies: [{ key: "/a", ...copy }] })).toEqual({});
    const answer = await say("heat", { wire: 1, top: 1, kvWritesADay: 10 });
    expect(answer).toMatchObject({ keys: [{ key: "/b", loadedAt: 0 }], kvWritesLeft: 9 });
    const { part } = await say("digest", cacheDigest());
    expect(part.runway).toEqual({ ms: expect.any(Number), keys: 1 });
    expect(part.runway.ms).toBeGreaterThan(590_000);
    expect(await say("admin")).toMatchObject({
      liveBumps: 0,
      leases: { held: 0 },
      hot: { keys: 2, runway: { ofHotKeys: 2, keys: 1 }, kv: { writesToday: 1 } },
    });
  });

  test.each(["lease", "publish", "heat", "warmed"] as const)("refuses what is no message for %s", async (method) => {
    const { stub, say } = coordinator();
    await say("digest", cacheDigest());
    const before = await rowsOf(stub);
    for (const text of ["", "{}", 7, { wire: 2 }]) await expect(say(method, text)).rejects.toThrow("no message");
    expect(await rowsOf(stub)).toEqual(before);
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

test("a CacheCoordinator lets one of two warming runs have a key, until that one is over", async () => {
  const open = () =>
    env.CACHE_COORDINATOR.getByName("claims") as unknown as Record<string, (text: string) => Promise<string>>;
  const say = async (method: string, message: object) =>
    JSON.parse((await open()[method]?.(JSON.stringify(message))) ?? "");
  await say("digest", cacheDigest({ heat: [["/hot", 9]] }));
  const next = { inMs: 300_000, marginMs: 75_000 };
  const ask = (run: string, keys?: string[]) =>
    say("heat", {
      wire: 1,
      top: 9,
      claim: { run, leftMs: 20_000, subrequests: 40, isRecovering: false, next, ...(keys && { keys }) },
    });
  expect(await ask("1")).toMatchObject({ keys: [{ key: "/hot" }], joined: [], claimed: 1 });
  expect(await ask("2", ["/hot", "/other"])).toMatchObject({ joined: ["/hot"], claimed: 1 });
  expect(await say("heat", { wire: 1, top: 9 })).not.toHaveProperty("joined");
  await say("warmed", { wire: 1, copies: [], run: "1" });
  expect(await ask("3", ["/hot", "/other"])).toMatchObject({ joined: ["/other"], claimed: 1 });
});
