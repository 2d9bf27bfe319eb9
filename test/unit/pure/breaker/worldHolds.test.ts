import { describe, expect, test } from "vitest";
import { breakerAdmin } from "../../../../src/breaker/breakerAdmin.ts";
import { broken, calm, lives, report, settlement, WorldBed } from "./worldBed.ts";

const HELD = ["forced-open", "forced-closed", "shadow"] as const;

describe.for(lives)("%s", ([, evicts]) => {
  const bed = () => new WorldBed(evicts);
  const verdict = (world: WorldBed) => world.world.part(world.now).nodes[0];

  describe.for(HELD)("a hold (%s)", (state) => {
    test("is told to the world with its end, and to whoever gave it with the epoch it is now", () => {
      const world = bed();
      const outcome = world.hold(state);
      expect(outcome).toMatchObject({ kind: "done", node: { name: "a", state, epoch: 1, forMs: 60_000 } });
      world.pass(1_000);
      expect(verdict(world)).toMatchObject({ state, epoch: 1, sinceMs: 1_000, forMs: 59_000 });
      expect(world.state("b")).toBe("closed");
    });

    test("is history, with its owner and reason, and so is its end", () => {
      const world = bed();
      world.hold(state, { owner: "bob", reason: "the provider's maintenance" });
      const to = state === "shadow" ? "shadow (closed)" : state;
      expect(world.world.transitions[0]).toEqual({
        ...{ node: "a", from: "closed", to, at: world.now },
        ...{ evidence: "the provider's maintenance", by: "bob" },
      });
      world.pass(60_000);
      world.digest({});
      expect(world.world.transitions[0]).toMatchObject({ from: to, evidence: "the hold is over", by: "bob" });
      const [entry] = breakerAdmin(world.world, world.now).nodes;
      expect(entry?.hold).toBeNull();
    });

    test("stands in the owner's own account", () => {
      const world = bed();
      world.hold(state, { owner: "bob", reason: "a drill" });
      world.pass(10_000);
      const [entry] = breakerAdmin(world.world, world.now).nodes;
      expect(entry).toMatchObject({
        state,
        forMs: 50_000,
        hold: { owner: "bob", reason: "a drill", expiresInMs: 50_000 },
      });
      expect(entry?.would).toBe(state === "shadow" ? "closed" : undefined);
    });

    test("ends by its own alarm, also where nobody is there any more", () => {
      const world = bed();
      world.digest({});
      world.hold(state, { expiresInMs: 3_600_000 });
      expect(world.alarmInMs()).toBe(3_600_000);
      world.pass(3_600_000);
      expect(world.alarmInMs()).toBe(0);
      world.ownProbes();
      expect(world.state()).toBe(state === "forced-open" ? "half-open" : "closed");
      expect(world.alarmInMs()).toBeUndefined(); // it rests: nobody came for an hour
    });

    test("ends within a day, however long it was meant", () => {
      const world = bed();
      expect(world.hold(state, { expiresInMs: 1e12 }).node?.forMs).toBe(86_400_000);
    });

    test("of an epoch that is over is no order", () => {
      const world = bed();
      world.digest({ reports: [broken("x")] });
      const before = new Map(world.rows);
      const outcome = world.hold(state, { expectedEpoch: 0 });
      expect(outcome).toMatchObject({ kind: "stale-epoch", node: { state: "open", epoch: 1 } });
      expect(world.release({ expectedEpoch: 0 }).kind).toBe("stale-epoch");
      expect(world.rows).toEqual(before);
    });

    test("of an epoch that never was (a storage was restored) is no order", () => {
      expect(bed().hold(state, { expectedEpoch: 1 }).kind).toBe("stale-epoch");
    });

    test("given twice by one order is one", () => {
      const world = bed();
      const once = { id: "once", expectedEpoch: 0 };
      const first = world.hold(state, once);
      const rows = new Map(world.rows);
      world.pass(0);
      expect(world.hold(state, once)).toEqual(first);
      expect(world.rows).toEqual(rows);
      if (!evicts) expect(world.world.dropped.repeated).toBe(1);
    });

    test("replaces another", () => {
      const world = bed();
      world.hold("forced-open");
      world.hold(state, { owner: "bob", expiresInMs: 5_000 });
      expect(verdict(world)).toMatchObject({ state, epoch: 2, forMs: 5_000 });
    });
  });

  test("no order is taken for a node that is not configured", () => {
    const world = bed();
    expect(world.hold("forced-open", { node: "x" }).kind).toBe("unknown-node");
    expect(world.release({ node: "x" }).kind).toBe("unknown-node");
  });

  test("a release where nothing is held changes nothing", () => {
    const world = bed();
    world.digest({ reports: [broken("x")] });
    expect(world.release()).toMatchObject({ kind: "done", node: { state: "open", epoch: 1 } });
    expect(world.world.transitions).toHaveLength(1);
  });

  test("released, its end is history, with whom released it", () => {
    const world = bed();
    world.hold("forced-closed");
    world.release({ owner: "eve", reason: "it is over" });
    expect([world.state(), world.world.transitions[0]]).toMatchObject([
      "closed",
      { by: "eve", evidence: "it is over" },
    ]);
  });

  describe("forced open", () => {
    test("a node is neither probed nor checked, and opened by nothing", () => {
      const world = bed();
      world.hold("forced-open");
      world.pass(20_000);
      expect(world.digest({ wantsLeases: 4, checks: ["a"] }).leases).toEqual([]);
      expect(world.ownProbes()).toEqual([]);
      world.digest({ reports: [broken("x", { epoch: 1 })] });
      expect([world.state(), world.epoch()]).toEqual(["forced-open", 1]);
    });

    test("a node that is released is probed, and requests come back little by little", () => {
      const world = bed();
      world.digest({});
      world.hold("forced-open");
      world.release();
      expect(world.state()).toBe("half-open");
      world.pass(500);
      for (let round = 0; round < 2; round++) {
        for (const lease of world.ownProbes()) world.settle(settlement(lease, "ok"));
      }
      expect(world.state()).toBe("ramping");
      world.passRamp();
      expect(world.state()).toBe("closed");
    });

    test("a node that is released where nobody ever came is probed all the same: whoever released it waits for that", () => {
      const world = bed();
      world.hold("forced-open");
      world.pass(3_600_000);
      world.hold("forced-open");
      world.release();
      expect(world.alarmInMs()).toBe(500);
      world.pass(500);
      expect(world.ownProbes()).toMatchObject([{ node: "a", kind: "probe" }]);
    });

    test("a probe from before proves nothing", () => {
      const world = bed();
      world.openAndWait();
      const [lease] = world.digest({ wantsLeases: 1 }).leases;
      if (!lease) throw new Error("no lease");
      world.hold("forced-open");
      world.settle(settlement(lease, "failed"));
      world.release();
      world.settle(settlement({ ...lease, epoch: world.epoch() }, "failed"));
      expect(world.state()).toBe("half-open");
      if (!evicts) expect(world.world.dropped.lateSettlements).toBe(2);
    });
  });

  describe("forced closed", () => {
    test("a node is opened by no evidence; what was met decides once the order is over", () => {
      const world = bed();
      world.openAndWait();
      world.hold("forced-closed", { expiresInMs: 5_000 });
      const epoch = world.epoch();
      world.digest({ reports: [broken("opener", { epoch })] });
      expect(world.state()).toBe("forced-closed");
      world.pass(5_000);
      world.digest({});
      expect([world.state(), world.epoch()]).toEqual(["open", epoch + 2]);
      expect(world.world.transitions.slice(0, 2)).toMatchObject([
        { from: "closed", to: "open", by: "" },
        { from: "forced-closed", to: "closed", by: "ann" },
      ]);
    });

    test("a node that answered meanwhile stays closed", () => {
      const world = bed();
      world.hold("forced-closed", { expiresInMs: 5_000 });
      world.digest({ reports: [report("x", { epoch: 1, failed: 4 })] });
      world.digest({ calm: [calm(["x"])] });
      world.pass(5_000);
      world.digest({});
      expect(world.state()).toBe("closed");
    });

    test("a node is checked as any that is closed", () => {
      const world = bed();
      world.hold("forced-closed");
      expect(world.digest({ wantsLeases: 4, checks: ["a"] }).leases).toMatchObject([{ kind: "check", node: "a" }]);
    });
  });

  describe("shadowed", () => {
    test("a node goes through all its states below, told as what it would be, and stays so when the order is over", () => {
      const world = bed();
      world.hold("shadow", { expiresInMs: 600_000 });
      const would = () => [verdict(world)?.state, verdict(world)?.would];
      world.digest({ reports: [broken("x", { epoch: 1 })] });
      expect([would(), world.epoch()]).toEqual([["shadow", "open"], 2]);
      expect(world.alarmInMs()).toBe(2_500);
      world.pass(2_500);
      for (let round = 0; round < 2; round++) {
        for (const lease of world.ownProbes()) world.settle(settlement(lease, "ok"));
        if (round === 0) expect(would()).toEqual(["shadow", "half-open"]);
      }
      expect(would()).toEqual(["shadow", "ramping"]);
      world.digest({ reports: [broken("x", { epoch: world.epoch() })] });
      expect(would()).toEqual(["shadow", "open"]);
      const epoch = world.epoch();
      world.release();
      expect([world.state(), world.epoch()]).toEqual(["open", epoch + 1]);
      expect(world.world.transitions.map(({ to }) => to)).toEqual([
        ...["open", "shadow (open)", "shadow (ramping)", "shadow (half-open)", "shadow (open)", "shadow (closed)"],
      ]);
    });

    test("an isolate that never heard of it is believed by the age of the state below", () => {
      const world = bed();
      world.hold("shadow", { expiresInMs: 600_000 });
      world.digest({ reports: [broken("x", { epoch: 1 })] });
      world.pass(2_500);
      for (let round = 0; round < 2; round++) {
        for (const lease of world.ownProbes()) world.settle(settlement(lease, "ok"));
      }
      world.passRamp();
      expect(verdict(world)?.would).toBe("closed");
      world.pass(9_999); // the shadow is older than any window, the state below is not
      world.digest({ reports: [broken("x", { epoch: 0 })] });
      expect(verdict(world)?.would).toBe("closed");
      world.pass(1);
      world.digest({ reports: [broken("x", { epoch: 0 })] });
      expect(verdict(world)?.would).toBe("open");
    });

    test("evidence from before the shadow counts below it, and what is met below it counts after", () => {
      const world = bed();
      world.digest({ reports: [report("x", { failed: 3 })] });
      world.hold("shadow");
      world.digest({ reports: [report("x", { epoch: 1, failed: 1, failedRun: 4 })] });
      expect(verdict(world)?.would).toBe("closed");
      world.release();
      world.digest({ reports: [report("x", { epoch: 2, failed: 1, failedRun: 5 })] });
      expect(world.state()).toBe("open");
    });
  });

  describe("after a restore of its storage", () => {
    test("an owner that is told to reincarnate is believed, once an order", () => {
      const world = bed();
      const { incarnation } = world.world.part(world.now);
      world.pass(1_000);
      const order = { id: "again", owner: "ann", reason: "restored to yesterday" };
      const outcome = world.reincarnate(order);
      expect(outcome).toEqual({ kind: "done", incarnation: world.now });
      expect(world.world.part(world.now).incarnation).toBe(world.now);
      expect(world.world.transitions[0]).toMatchObject({
        ...{ node: "", from: String(incarnation), to: String(world.now) },
        ...{ evidence: "restored to yesterday", by: "ann" },
      });
      world.pass(1_000);
      expect(world.reincarnate(order)).toEqual(outcome);
    });

    test("it is another incarnation also where the clock stands before the last", () => {
      const world = bed();
      const { incarnation } = world.world.part(world.now);
      world.pass(-60_000);
      world.reincarnate({ id: "again", owner: "ann", reason: "restored" });
      expect(world.world.part(world.now).incarnation).toBe(incarnation + 1);
    });
  });

  test("words of another epoch decide nothing, and are counted", () => {
    const world = bed();
    world.openAndWait();
    world.digest({ reports: [broken("x", { epoch: 0 }), report("y", { epoch: 1, failed: 1, failedRun: 0 })] });
    expect(world.state()).toBe("half-open");
    if (!evicts) expect(world.world.dropped.oldEpochs).toBe(2);
    world.digest({ reports: [report("z", { epoch: 0, ok: 3 })] });
    if (!evicts) expect(world.world.dropped.oldEpochs).toBe(2);
  });
});
