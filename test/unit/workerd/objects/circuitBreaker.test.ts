import { env, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { CircuitBreaker } from "../../../../objects/circuitBreaker.ts";
import { MAX_LEASES, RAMP_MS } from "../../../../src/breaker/constants.ts";
import { LIVES, steps, until } from "./lives.ts";
import { breakerDigest, NO_DIGESTS, NODE, outcomes, standing, trouble } from "./messages.ts";
import { alarmInMs, rowsOf, statementsOf } from "./storage.ts";

/** Longer than a node stays open the first time, with jitter and a busy machine. */
const OPEN_WAIT_MS = 6_000;

afterEach(() => reset()); // alarms would go on ringing beside the next test

describe.each(LIVES)("a CircuitBreaker $name", (life) => {
  const breaker = () => steps<"digest" | "admin">(env.CIRCUIT_BREAKER as unknown as DurableObjectNamespace, life);

  test("answers a calm digest with a closed node, its health, and itself under one incarnation", async () => {
    const { say } = breaker();
    const calm = { node: NODE, ok: 5, excluded: 0, successAgeMs: 20, queryAgeMs: 20, reporters: ["a"] };
    const first = await say("digest", breakerDigest({ calm: [calm] }));
    const second = await say("digest", breakerDigest());
    expect(first.part.nodes).toEqual([expect.objectContaining({ node: NODE, state: "closed", epoch: 0 })]);
    expect(first.part.health[0].successAgeMs).toBeLessThan(1_000);
    expect(second.part.incarnation).toBe(first.part.incarnation);
    expect([first.leases, second.leases]).toEqual([[], []]);
  });

  test("opens at five failures, once: a repeat of the report changes nothing", async () => {
    const { stub, say } = breaker();
    const digest = breakerDigest({ reports: [trouble("a", 1)] });
    const first = await say("digest", digest);
    const again = await say("digest", digest);
    expect([first.part.nodes[0].state, first.part.nodes[0].epoch]).toEqual(["open", 1]);
    expect([again.part.nodes[0].state, again.part.nodes[0].epoch]).toEqual(["open", 1]);
    expect(await alarmInMs(stub)).toBeGreaterThan(0);
    const { transitions } = await say("admin");
    expect(transitions).toHaveLength(1);
    expect(transitions[0]).toMatchObject({ node: NODE, from: "closed", to: "open" });
    expect(transitions[0].evidence).toContain("5 failed");
  });

  test("waits for a quorum where three asked the node, and opens when it is there", async () => {
    const { say } = breaker();
    // Long before any of them failed: in one millisecond nobody could say which was first.
    const calm = { node: NODE, ok: 9, excluded: 0, successAgeMs: 1_000, queryAgeMs: 1_000, reporters: ["a", "b", "c"] };
    await say("digest", breakerDigest({ calm: [calm] }));
    const states = [];
    for (const id of ["a", "b", "c"]) {
      const { part } = await say("digest", breakerDigest({ reports: [trouble(id, 2)] }));
      states.push(part.nodes[0].state);
    }
    expect(states).toEqual(["closed", "closed", "open"]);
  });

  test("leases a probe to each that asks when the wait is over, three at most, and lets requests in after two good ones", async () => {
    const { say } = breaker();
    await say("digest", breakerDigest({ reports: [trouble("a", 1)] }));
    const ask = () => say("digest", breakerDigest({ wantsLeases: 4 }));
    let { leases, part } = await until(ask, (answer) => answer.leases.length > 0, OPEN_WAIT_MS);
    expect(leases).toEqual([expect.objectContaining({ kind: "probe", node: NODE, epoch: 2 })]);
    const others = [await ask(), await ask(), await ask()];
    expect(others.map((answer) => answer.leases.length)).toEqual([1, 1, 0]);
    for (const seq of [2, 3]) {
      const settle = leases.map((lease: { id: string; epoch: number }) => {
        return { lease: lease.id, node: NODE, epoch: lease.epoch, outcome: "ok" };
      });
      const settled = { id: "a", seq, outcomes: [], standing: [standing()], settle };
      ({ leases, part } = await say("digest", breakerDigest({ reports: [settled], wantsLeases: 4 })));
    }
    expect(part.nodes[0]).toMatchObject({ state: "ramping", epoch: 3 });
    expect(part.nodes[0].forMs).toBeGreaterThan(2_000);
    const isOver = (answer: { part: { nodes: { state: string }[] } }) => answer.part.nodes[0]?.state === "closed";
    const last = await until(ask, isOver, RAMP_MS + 1_000);
    expect(last).toMatchObject({ leases: [] });
    const { transitions } = await say("admin");
    const states = transitions.map(({ to }: { to: string }) => to);
    expect(states).toEqual(["closed", "ramping", "half-open", "open"]);
  }, 15_000);

  test("opens for longer after a bad probe, and heeds a settlement once", async () => {
    const { say } = breaker();
    await say("digest", breakerDigest({ reports: [trouble("a", 1)] }));
    const ask = () => say("digest", breakerDigest({ wantsLeases: 1 }));
    const { leases } = await until(ask, (answer) => answer.leases.length > 0, OPEN_WAIT_MS);
    const settle = [{ lease: leases[0].id, node: NODE, epoch: leases[0].epoch, outcome: "failed" }];
    const bad = (seq: number) => ({ id: "a", seq, outcomes: [], standing: [], settle });
    const first = await say("digest", breakerDigest({ reports: [bad(2)] }));
    const again = await say("digest", breakerDigest({ reports: [bad(3)] }));
    expect(first.part.nodes[0]).toMatchObject({ state: "open", epoch: 3 });
    expect(first.part.nodes[0].forMs).toBeGreaterThan(3_000);
    expect(again.part.nodes[0]).toMatchObject({ state: "open", epoch: 3 });
  });

  test("grants one check of a node that nobody asked lately", async () => {
    const { say } = breaker();
    const digest = breakerDigest({ checks: [NODE], wantsLeases: 4 });
    const first = await say("digest", digest);
    const second = await say("digest", digest);
    expect(first.leases).toEqual([expect.objectContaining({ kind: "check", node: NODE })]);
    expect(second.leases).toEqual([]);
  });

  test("takes a new incarnation where somebody holds a later word than it remembers", async () => {
    const { say } = breaker();
    const { part } = await say("digest", breakerDigest());
    const have = { incarnation: part.incarnation, epoch: 9, version: 0 };
    const after = await say("digest", breakerDigest({ have }));
    const later = await say("digest", breakerDigest({ have }));
    expect(after.part.incarnation).toBeGreaterThan(part.incarnation);
    expect(later.part.incarnation).toBe(after.part.incarnation);
  });

  test("leaves words alone that it does not know, and nodes that are configured elsewhere", async () => {
    const { say } = breaker();
    const strange = { ...trouble("a", 1), later: 1, outcomes: [outcomes({ node: "node-9", failed: 50, later: 1 })] };
    const { part } = await say("digest", breakerDigest({ reports: [{ ...strange, standing: [] }], later: {} }));
    expect(part.nodes.map(({ node, state }: { node: string; state: string }) => [node, state])).toEqual([
      [NODE, "closed"],
    ]);
  });

  test.each(NO_DIGESTS)("refuses a digest that is %s, and nothing changes", async (_, text) => {
    const { stub, say } = breaker();
    await say("digest", breakerDigest({ reports: [trouble("a", 1)] }));
    const before = await rowsOf(stub);
    await expect(say("digest", text)).rejects.toThrow("no digest that this version understands");
    expect(await rowsOf(stub)).toEqual(before);
  });

  test("may ring twice: the alarm proves nothing without a Prober's answer, and rings again", async () => {
    const { stub, say } = breaker();
    await say("digest", breakerDigest({ reports: [trouble("a", 1)] }));
    for (let ring = 0; ring < 2; ring++) {
      expect(await runDurableObjectAlarm(stub)).toBe(true);
      await life.between(stub);
      const { nodes } = await say("admin");
      expect(["open", "half-open"]).toContain(nodes[0].state);
      expect(nodes[0].leases.length).toBeLessThanOrEqual(MAX_LEASES);
      expect(await alarmInMs(stub)).not.toBeNull();
    }
  });

  test("closes without any visitor: the alarm probes, and two rings at once do no harm", async () => {
    const { stub, say } = breaker();
    await say("digest", breakerDigest({ reports: [trouble("a", 1)] }));
    const ring = () =>
      runInDurableObject(stub, async (instance, state) => {
        const answer = JSON.stringify({ answers: [{ node: NODE, outcome: "ok" }] });
        Object.defineProperty(state, "exports", {
          value: { Prober: { sample: async () => answer } },
          configurable: true,
        });
        const { alarm } = instance as unknown as { alarm(): Promise<void> };
        await Promise.all([alarm.call(instance), alarm.call(instance)]);
      });
    const ask = async () => {
      await ring();
      await life.between(stub);
      return say("admin");
    };
    const { transitions } = await until(ask, ({ nodes }) => nodes[0].state === "closed", OPEN_WAIT_MS + RAMP_MS);
    const states = transitions.map(({ to }: { to: string }) => to);
    expect(states).toEqual(["closed", "ramping", "half-open", "open"]);
    await ring(); // an evicted instance does not know of an alarm that its last life set: that one rings once more
    expect(await alarmInMs(stub)).toBeNull();
  }, 15_000);
});

test("a CircuitBreaker starts with one SELECT", async () => {
  const stub = env.CIRCUIT_BREAKER.getByName(crypto.randomUUID());
  await stub.digest(JSON.stringify(breakerDigest({ reports: [trouble("a", 1)] })));
  const statements = await runInDurableObject(stub, (_, state) =>
    statementsOf(state.storage, () => new CircuitBreaker(state, env)),
  );
  expect(statements).toEqual([expect.stringMatching(/^SELECT/)]);
});
