import { describe, expect, test } from "vitest";
import type { Lease } from "../../../../src/rpc/reply.ts";
import { broken, calm, lives, report, settlement, WorldBed } from "./worldBed.ts";

describe.for(lives)("%s", ([, evicts]) => {
  const bed = (nodes?: string[]) => new WorldBed(evicts, nodes);

  /** A world whose node `a` is half-open. */
  function halfOpen(): WorldBed {
    const world = bed();
    world.openAndWait();
    expect([world.state(), world.epoch()]).toEqual(["half-open", 2]);
    return world;
  }

  function lease(world: WorldBed, wantsLeases = 4): Lease {
    const [granted] = world.digest({ wantsLeases }).leases;
    if (!granted) throw new Error("no lease");
    return granted;
  }

  describe("a probe lease", () => {
    test("is granted to three askers in the world, one each, until one is settled or expires", () => {
      const world = halfOpen();
      const first = lease(world);
      expect(first).toMatchObject({ kind: "probe", node: "a", epoch: 2, expiresInMs: 3_000 });
      world.pass(1_000);
      const others = [lease(world), lease(world)];
      expect(new Set([first, ...others].map(({ id }) => id)).size).toBe(3);
      world.pass(1_999);
      const fourth = () => world.digest({ wantsLeases: 4, collector: "d" }).leases;
      expect(fourth()).toEqual([]);
      world.pass(1);
      expect(fourth()).toHaveLength(1);
      expect(fourth()).toEqual([]);
      world.settle(settlement(others[0] ?? first, "ok"));
      expect(fourth()).toHaveLength(1);
      expect(fourth()).toEqual([]);
    });

    test("keeps its place when an order is given or taken back: whoever holds it may be asking still", () => {
      const world = halfOpen();
      const old = [lease(world), lease(world), lease(world)];
      world.hold("shadow");
      expect(world.digest({ wantsLeases: 4 }).leases).toEqual([]);
      expect([world.ownProbes(), world.alarmInMs()]).toEqual([[], 3_000]);
      const [first] = old;
      if (first) world.settle(settlement(first, "failed"));
      expect([world.world.part(world.now).nodes[0]?.would, world.epoch()]).toEqual(["half-open", 3]);
      expect(world.digest({ wantsLeases: 4 }).leases).toHaveLength(1);
      world.release();
      expect(world.digest({ wantsLeases: 4 }).leases).toEqual([]);
      world.pass(3_000);
      expect(world.digest({ wantsLeases: 4 }).leases).toHaveLength(1);
    });

    test("of before an order makes the alarm wait only where there is no place, and then for the first that ends", () => {
      const world = halfOpen();
      for (let probes = 0; probes < 3; probes++) {
        lease(world);
        world.pass(500);
      }
      world.hold("shadow");
      expect(world.alarmInMs()).toBe(1_500);
      const other = halfOpen();
      lease(other);
      other.hold("shadow");
      expect(other.alarmInMs()).toBe(500);
      other.pass(500);
      expect(other.ownProbes()).toHaveLength(1);
    });

    test("is granted to nobody who does not want one", () => {
      expect(halfOpen().digest({ wantsLeases: 0 }).leases).toEqual([]);
    });

    test("is not granted while the node is closed, or its wait is not over", () => {
      const world = bed();
      expect(world.digest({ wantsLeases: 4 }).leases).toEqual([]);
      world.digest({ reports: [broken("x")] });
      world.pass(1_999);
      expect(world.digest({ wantsLeases: 4 }).leases).toEqual([]);
      world.pass(1);
      expect(world.digest({ wantsLeases: 4 }).leases).toHaveLength(1);
    });

    test("is granted for each node, as many as are wanted", () => {
      const world = bed();
      world.digest({ reports: [broken("x"), broken("x", { node: "b" })] });
      world.pass(2_000);
      expect(world.digest({ wantsLeases: 1 }).leases.map(({ node }) => node)).toEqual(["a"]);
      expect(world.digest({ wantsLeases: 4 }).leases.map(({ node }) => node)).toEqual(["a", "b"]);
    });

    test("that expired was neither success nor failure", () => {
      const world = halfOpen();
      const late = lease(world);
      world.pass(3_000);
      world.settle(settlement(late, "ok"));
      world.settle(settlement(late, "failed"));
      expect([world.state(), world.epoch()]).toEqual(["half-open", 2]);
      if (!evicts) expect(world.world.dropped.lateSettlements).toBe(2);
    });

    test("does not outlive a clock that was set back", () => {
      const world = halfOpen();
      for (let held = 0; held < 3; held++) lease(world);
      world.pass(-3_600_000);
      expect(world.digest({ wantsLeases: 4 }).leases).toHaveLength(1);
    });
  });

  describe("a settlement", () => {
    test("of two good probes lets requests in, and three seconds without a failure close it", () => {
      const world = halfOpen();
      world.settle(settlement(lease(world), "ok"));
      expect(world.state()).toBe("half-open");
      world.settle(settlement(lease(world), "ok"));
      expect([world.state(), world.epoch()]).toEqual(["ramping", 3]);
      expect(world.world.transitions[0]).toMatchObject({ from: "half-open", to: "ramping", evidence: "probe ok" });
      expect(world.world.part(world.now)).toMatchObject({
        nodes: [{ state: "ramping", sinceMs: 0, forMs: 3_000 }, {}],
        health: [{ successAgeMs: 0 }, {}],
      });
      world.pass(2_999);
      world.digest({});
      expect(world.state()).toBe("ramping");
      world.pass(1);
      world.digest({});
      expect([world.state(), world.epoch()]).toEqual(["closed", 4]);
      expect(world.world.transitions[0]).toMatchObject({ from: "ramping", to: "closed", by: "" });
    });

    test.for(["failed", "slow"] as const)("of a bad probe (%s) reopens for longer", (outcome) => {
      const world = halfOpen();
      world.settle(settlement(lease(world), "ok"));
      world.settle(settlement(lease(world), outcome));
      expect([world.state(), world.epoch()]).toEqual(["open", 3]);
      expect(world.world.part(world.now)).toMatchObject({
        nodes: [{ forMs: 4_000 }, {}],
        health: [{ failureAgeMs: 0 }, {}],
      });
    });

    test("of a probe that proved nothing gives the lease back at once", () => {
      const world = halfOpen();
      world.settle(settlement(lease(world), "excluded"));
      expect([world.state(), world.epoch()]).toEqual(["half-open", 2]);
      expect(world.digest({ wantsLeases: 1 }).leases).toHaveLength(1);
    });

    test("comes with a report, and counts once however often that comes", () => {
      const world = halfOpen();
      const told = report("x", { epoch: 2 }, [settlement(lease(world), "ok")]);
      world.digest({ reports: [told, told] });
      world.digest({ reports: [told] });
      expect(world.state()).toBe("half-open");
    });

    test("counts once, whoever repeats it", () => {
      const world = halfOpen();
      const once = settlement(lease(world), "ok");
      world.settle(once);
      world.settle(once);
      expect(world.state()).toBe("half-open");
    });

    test.for<[string, (lease: Lease) => Lease]>([
      ["of a lease that nobody holds", (own) => ({ ...own, id: "other" })],
      ["of another node", (own) => ({ ...own, node: "b" })],
      ["of a node that is not configured", (own) => ({ ...own, node: "x" })],
      ["of an older epoch", (own) => ({ ...own, epoch: 0 })],
    ])("%s is dropped and counted", ([, forged]) => {
      const world = halfOpen();
      const own = lease(world);
      world.settle(settlement(forged(own), "failed"));
      expect(world.state()).toBe("half-open");
      if (!evicts) expect(world.world.dropped.lateSettlements).toBe(1);
      world.settle(settlement(own, "ok"));
      world.settle(settlement(lease(world), "ok"));
      expect(world.state()).toBe("ramping");
    });

    test("of a lease from before the node opened again is dropped", () => {
      const world = halfOpen();
      const old = lease(world);
      world.settle(settlement(old, "failed"));
      world.pass(4_000);
      world.digest({});
      expect(world.epoch()).toBe(4);
      world.settle(settlement({ ...old, epoch: 4 }, "ok"));
      world.settle(settlement(old, "ok"));
      const fresh = lease(world);
      world.settle(settlement(fresh, "ok"));
      expect(world.state()).toBe("half-open");
    });
  });

  describe("after a probe that a colo's isolate failed", () => {
    /** Half-open again, after isolates of these colos opened it and one of FRA probed it in vain. */
    function failedByFra(...colos: string[]): WorldBed {
      const world = bed();
      world.digest({ calm: [calm(colos, { colos })] });
      world.digest({ reports: colos.map((colo) => broken(colo, { colo })) });
      world.pass(2_000);
      const end = settlement(lease(world), "failed");
      world.digest({ reports: [report("FRA", { epoch: 2, colo: "FRA" }, [end])] });
      world.pass(4_000);
      expect([world.digest({}).leases, world.state()]).toEqual([[], "half-open"]);
      return world;
    }

    /** Half-open, after isolates of these colos opened it; whoever probes it in vain says where it is. */
    function halfOpenedBy(...colos: string[]) {
      const world = bed();
      world.digest({ calm: [calm(colos, { colos })] });
      world.digest({ reports: colos.map((colo) => broken(colo, { colo })) });
      world.pass(2_000);
      const fails = (colo: string) => {
        const end = settlement(lease(world), "failed");
        world.digest({ reports: [report(`${colo} 2`, { epoch: world.epoch(), colo }, [end])] });
        return world.state();
      };
      return { world, fails };
    }

    test("another colo's word is heard before it is open again, where two asked", () => {
      const { fails } = halfOpenedBy("FRA", "AMS");
      expect([fails("FRA"), fails("FRA"), fails("AMS")]).toEqual(["half-open", "half-open", "open"]);
    });

    test("it is open again at once where one colo asked, or nobody knows which", () => {
      expect(halfOpenedBy("FRA").fails("FRA")).toBe("open");
      expect(halfOpenedBy("FRA", "AMS").fails("")).toBe("open");
    });

    test("a failure of the phase before is no second opinion", () => {
      const { world, fails } = halfOpenedBy("FRA", "AMS");
      expect([fails("FRA"), fails("AMS")]).toEqual(["half-open", "open"]);
      world.pass(5_000);
      expect([fails("FRA"), fails("AMS")]).toEqual(["half-open", "open"]);
    });

    test("the next one is for another colo first, until one of another fails too or the node is closed", () => {
      const world = failedByFra("FRA", "AMS");
      const second = world.digest({ wantsLeases: 4 }).leases;
      expect(second).toMatchObject([{ kind: "probe", besides: "FRA" }]);
      const end = second.map((each) => settlement(each, "failed"));
      world.digest({ reports: [report("AMS", { epoch: 4, colo: "AMS" }, end)] });
      world.pass(6_000);
      expect(world.digest({ wantsLeases: 4 }).leases).toMatchObject([{ besides: "AMS" }]);
      world.pass(3_000);
      for (let round = 0; round < 2; round++) world.settle(settlement(lease(world), "ok"));
      world.passRamp();
      expect([world.state(), world.world.node("a")?.failedColo]).toEqual(["closed", ""]);
    });

    test("one that was good says nothing of its colo", () => {
      const world = failedByFra("FRA", "AMS");
      const [granted] = world.digest({ wantsLeases: 1 }).leases;
      if (!granted) throw new Error("no lease");
      world.digest({ reports: [report("AMS", { epoch: world.epoch(), colo: "AMS" }, [settlement(granted, "ok")])] });
      expect(world.world.node("a")?.failedColo).toBe("FRA");
    });

    test("the next one is for whoever comes where no other colo asked, or our own probe failed since", () => {
      const [granted] = failedByFra("FRA").digest({ wantsLeases: 4 }).leases;
      expect([granted?.kind, granted?.besides]).toEqual(["probe", undefined]);
      const world = failedByFra("FRA", "AMS");
      for (const own of world.ownProbes()) world.settle(settlement(own, "failed"));
      world.pass(6_000);
      expect(lease(world)).not.toHaveProperty("besides");
    });

    test("a check is for whoever comes", () => {
      const world = failedByFra("FRA", "AMS");
      const { leases } = world.digest({ wantsLeases: 4, checks: ["b"] });
      expect(leases.map(({ kind, besides }) => [kind, besides])).toEqual([
        ["probe", "FRA"],
        ["check", undefined],
      ]);
    });
  });

  describe("a check", () => {
    const ask = (world: WorldBed, checks = ["a"]) =>
      world.digest({ checks, wantsLeases: 4 }).leases.map(({ node, kind }) => [node, kind]);

    test("is granted once per node in ten seconds, in the world", () => {
      const world = bed();
      expect(ask(world, ["a", "b", "a"])).toEqual([
        ["a", "check"],
        ["b", "check"],
      ]);
      world.pass(9_999);
      expect(ask(world)).toEqual([]);
      world.pass(1);
      expect(ask(world)).toEqual([["a", "check"]]);
    });

    test("is not granted where somebody was answered in the last ten seconds", () => {
      const world = bed();
      world.digest({ calm: [calm(["x"], { successAgeMs: 1_000 })] });
      world.pass(8_999);
      expect(ask(world)).toEqual([]);
      world.pass(1);
      expect(ask(world)).toEqual([["a", "check"]]);
    });

    test("is granted each two seconds where the last word was a failure, also while failures are told", () => {
      const world = bed();
      world.digest({ reports: [report("x", { failed: 1, failureAgeMs: 0, successAgeMs: 100 })] });
      expect(ask(world)).toEqual([["a", "check"]]);
      world.pass(1_999);
      world.digest({ reports: [report("y", { failed: 1, failureAgeMs: 0, successAgeMs: 5_000 })] });
      expect(ask(world)).toEqual([]);
      world.pass(1);
      expect(ask(world)).toEqual([["a", "check"]]);
      world.pass(1_999);
      expect(ask(world)).toEqual([]);
      world.pass(1);
      expect(ask(world)).toEqual([["a", "check"]]);
      expect(world.world.node("a")?.liveLeases(world.now)).toHaveLength(1);
    });

    test("is not granted while the node is not closed: its probes tell", () => {
      const world = halfOpen();
      world.pass(20_000);
      for (let probes = 0; probes < 3; probes++) expect(ask(world)).toEqual([["a", "probe"]]);
      expect(ask(world)).toEqual([]);
    });

    test("is not granted while the node ramps up: its visitors tell", () => {
      const world = halfOpen();
      for (let round = 0; round < 2; round++) world.settle(settlement(lease(world), "ok"));
      world.pass(2_000);
      expect(ask(world)).toEqual([]);
      world.pass(1_000);
      expect(ask(world, ["a"])).toEqual([]); // a probe was answered 3 s ago
      world.pass(7_000);
      expect(ask(world)).toEqual([["a", "check"]]);
    });

    test("may be settled, and changes no state then", () => {
      const world = bed();
      const [check] = world.digest({ checks: ["a"], wantsLeases: 1 }).leases;
      if (!check) throw new Error("no check");
      world.pass(500);
      world.settle(settlement(check, "failed"));
      expect([world.state(), world.world.part(world.now).health[0]?.failureAgeMs]).toEqual(["closed", 0]);
    });

    test("waits where no more leases are wanted", () => {
      const world = halfOpen();
      expect(world.digest({ checks: ["b"], wantsLeases: 1 }).leases.map(({ kind }) => kind)).toEqual(["probe"]);
    });
  });
});

test("a health cache's ages are never younger after an eviction, and at most 20 s older", () => {
  for (const restart of [false, true]) {
    const world = new WorldBed(false);
    for (let second = 0; second < 60; second++) {
      world.pass(1_000);
      world.digest({ calm: [calm(["x"], { successAgeMs: 200, queryAgeMs: 300 })] });
      const told = world.world.part(world.now).health[0];
      if (restart) world.evict();
      const after = world.world.part(world.now).health[0];
      for (const key of ["successAgeMs", "queryAgeMs"] as const) {
        const [before, now] = [told?.[key] ?? 0, after?.[key] ?? 0];
        expect(now).toBeGreaterThanOrEqual(before);
        expect(now - before).toBeLessThan(20_001);
      }
    }
  }
});
