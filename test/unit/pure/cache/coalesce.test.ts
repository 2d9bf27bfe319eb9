import { describe, expect, test, vi } from "vitest";
import { Coalescer } from "../../../../src/cache/coalesce.ts";

const never = new Promise<never>(() => {});

function bed() {
  let now = 0;
  const kept: Promise<unknown>[] = [];
  const timers: { at: number; ring: () => void }[] = [];
  const ports = {
    now: () => now,
    sleep: (ms: number) => new Promise<void>((ring) => timers.push({ at: now + ms, ring })),
    waitUntil: (work: Promise<unknown>) => void kept.push(work),
  };
  const pass = async (ms: number) => {
    now += ms;
    for (const { at, ring } of timers) if (at <= now) ring();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return { ports, pass, kept, coalescer: new Coalescer<string>(1_000, 3_000) };
}

describe("loads of one key", () => {
  test("are one for a hundred who want it, and the next one loads again", async () => {
    const { ports, coalescer, kept } = bed();
    const load = vi.fn(async () => "answer");
    const all = await Promise.all(Array.from({ length: 100 }, () => coalescer.run("k", load, ports)));
    expect(load).toHaveBeenCalledTimes(1);
    expect(all.map(({ value }) => value)).toEqual(Array(100).fill("answer"));
    expect(all.filter(({ role }) => role === "joined")).toHaveLength(99);
    expect(kept).toHaveLength(1);
    await coalescer.run("k", load, ports);
    expect(load).toHaveBeenCalledTimes(2);
  });

  test("of other keys are their own", async () => {
    const { ports, coalescer } = bed();
    const [a, b] = await Promise.all(["a", "b"].map((key) => coalescer.run(key, async () => key, ports)));
    expect([a?.value, b?.value]).toEqual(["a", "b"]);
  });

  test("that hang are waited for by nobody beyond his second: he loads alone", async () => {
    const { ports, coalescer, pass } = bed();
    void coalescer.run("k", () => never, ports);
    const follower = coalescer.run("k", async () => "own", ports);
    await pass(999);
    expect(await Promise.race([follower, Promise.resolve("waits")])).toBe("waits");
    await pass(1);
    expect(await follower).toEqual({ value: "own", role: "alone" });
  });

  test("that are slow are one more each second, and whichever ends first is everybody's", async () => {
    const { ports, coalescer, pass } = bed();
    const loads: ((answer: string) => void)[] = [];
    const load = () => new Promise<string>((ends) => loads.push(ends));
    const all = Promise.all(Array.from({ length: 100 }, () => coalescer.run("k", load, ports)));
    await pass(1_000);
    expect(loads).toHaveLength(2);
    await pass(1_000);
    expect(loads).toHaveLength(3);
    loads[0]?.("first");
    expect((await all).map(({ value }) => value)).toEqual(Array(100).fill("first"));
  });

  test("that all hang end for each with a load of its own, after three seconds", async () => {
    const { ports, coalescer, pass } = bed();
    const hanging = Array.from({ length: 3 }, () => coalescer.run("k", () => never, ports));
    const patient = coalescer.run("k", async () => "own", ports);
    void Promise.allSettled(hanging);
    for (let second = 0; second < 2; second++) await pass(1_000);
    expect(await Promise.race([patient, Promise.resolve("waits")])).toBe("waits");
    await pass(1_000);
    expect(await patient).toEqual({ value: "own", role: "alone" });
  });

  test("that began too long ago are joined by nobody", async () => {
    const { ports, coalescer, pass } = bed();
    void coalescer.run("k", () => never, ports);
    await pass(3_001);
    expect(await coalescer.run("k", async () => "new", ports)).toEqual({ value: "new", role: "leader" });
  });

  test("that fail are one error for all who waited, and none for who comes next", async () => {
    const { ports, coalescer } = bed();
    const gone = new Error("gone");
    const failing = () => Promise.reject(gone);
    const ends = await Promise.allSettled([coalescer.run("k", failing, ports), coalescer.run("k", failing, ports)]);
    expect(ends).toEqual([
      { status: "rejected", reason: gone },
      { status: "rejected", reason: gone },
    ]);
    expect((await coalescer.run("k", async () => "well", ports)).value).toBe("well");
  });
});
