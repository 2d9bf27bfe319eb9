import { describe, expect, test } from "vitest";
import { broken, calm, lives, report, settlement, WorldBed } from "./worldBed.ts";

describe.for(lives)("%s", ([, evicts]) => {
  const bed = () => new WorldBed(evicts);
  const history = (world: WorldBed) => world.world.transitions.map(({ evidence, by }) => [evidence, by]);
  const counted = (world: WorldBed) => world.world.node("a")?.window.totals(world.now);

  test("says of each end by time what ended", () => {
    const world = bed();
    world.openAndWait();
    for (let round = 0; round < 2; round++) {
      for (const lease of world.digest({ wantsLeases: 1 }).leases) world.settle(settlement(lease, "ok"));
    }
    world.passRamp();
    expect(history(world).slice(0, 3)).toEqual([
      ["nothing failed for 3 s of letting in more and more", ""],
      ["probe ok", ""],
      ["the wait is over", ""],
    ]);
  });

  test("says that a hold is over, whatever was going on below it, and that nobody ordered what went on", () => {
    const world = bed();
    world.hold("shadow", { owner: "ann", expiresInMs: 3_000 });
    world.digest({ reports: [broken("x", { epoch: 1 })] });
    world.pass(2_000);
    world.digest({});
    expect(history(world)[0]).toEqual(["the wait is over", ""]);
    world.pass(1_000);
    world.digest({});
    expect(history(world)[0]).toEqual(["the hold is over", "ann"]);
    const open = bed();
    open.hold("shadow", { owner: "ann", expiresInMs: 1_000 });
    open.digest({ reports: [broken("x", { epoch: 1 })] });
    open.pass(1_000);
    open.digest({});
    expect([open.state(), history(open)[0]]).toEqual(["open", ["the hold is over", "ann"]]);
  });

  const HELD = ["forced-open", "forced-closed", "shadow"] as const;

  test.for<[string, (typeof HELD)[number] | "nothing", (typeof HELD)[number] | "nothing", boolean]>([
    ["is kept below a shadow", "nothing", "shadow", true],
    ["is kept when a shadow ends", "shadow", "nothing", true],
    ["is kept from one shadow to the next", "shadow", "shadow", true],
    ["is kept when a node was forced closed: its visitors met it", "forced-closed", "nothing", true],
    ["is kept when a node that was forced closed is shadowed", "forced-closed", "shadow", true],
    ["is forgotten when a node is forced open", "nothing", "forced-open", false],
    ["is forgotten when a node is forced closed", "nothing", "forced-closed", false],
    ["is forgotten when a node was forced open: it tells of before", "forced-open", "nothing", false],
    ["is forgotten when a node that was forced open is shadowed", "forced-open", "shadow", false],
  ])("what was met %s (%s, then %s)", ([, before, after, isKept]) => {
    const world = bed();
    if (before !== "nothing") world.hold(before);
    world.digest({ reports: [report("x", { epoch: world.epoch(), failed: 3, failedRun: 3 })] });
    expect(counted(world)?.failed).toBe(3);
    if (after === "nothing") world.release();
    else world.hold(after);
    expect(counted(world)?.failed).toBe(isKept ? 3 : 0);
  });

  test("what was met is forgotten with each transition below a shadow", () => {
    const world = bed();
    world.hold("shadow");
    world.digest({ reports: [broken("x", { epoch: 1 })] });
    expect(world.world.part(world.now).nodes[0]?.would).toBe("open");
    expect(counted(world)?.failed).toBe(0);
  });

  describe("a lease that ends", () => {
    test("and was a check tells neither of a probe nor of the colo whose probe failed", () => {
      const world = bed();
      const [check] = world.digest({ checks: ["a"], wantsLeases: 1 }).leases;
      if (!check) throw new Error("no check");
      world.digest({ reports: [report("x", { colo: "FRA" }, [settlement(check, "failed")])] });
      expect([world.world.node("a")?.failedColo, world.world.node("a")?.unprovenAt]).toEqual(["", 0]);
    });

    test("and proved nothing is no failure", () => {
      const world = bed();
      world.openAndWait();
      const [lease] = world.digest({ wantsLeases: 1 }).leases;
      if (!lease) throw new Error("no lease");
      const { failureAt } = world.world.node("a") ?? {};
      world.settle(settlement(lease, "excluded"));
      expect(world.world.node("a")).toMatchObject({ failureAt, successAt: null });
    });
  });

  test("a check is granted though probes of before an order are out, and takes no place of theirs", () => {
    const world = bed();
    world.openAndWait();
    for (let probes = 0; probes < 3; probes++) world.digest({ wantsLeases: 1 });
    world.hold("forced-closed");
    expect(world.digest({ wantsLeases: 4, checks: ["a"] }).leases).toMatchObject([{ kind: "check" }]);
    const other = bed();
    other.digest({ wantsLeases: 1, checks: ["a"] });
    other.hold("forced-open");
    other.release();
    expect([1, 2, 3, 4].map(() => other.digest({ wantsLeases: 1 }).leases.length)).toEqual([1, 1, 1, 0]);
  });

  test("the alarm holds its own lease; where it takes none it changes nothing", () => {
    const world = bed();
    world.digest({ calm: [calm(["x"])] });
    const rows = new Map(world.rows);
    world.ownProbes();
    expect(world.rows).toEqual(rows);
    const open = bed();
    open.openAndWait();
    open.pass(500);
    open.ownProbes();
    expect(open.world.node("a")?.leases).toMatchObject([{ holder: "alarm", kind: "probe" }]);
  });
});

test("the first probe of all is for whoever comes: no colo's failed yet", () => {
  const world = new WorldBed(false);
  world.digest({ calm: [calm(["x", "y"], { colos: ["FRA", "AMS"] })] });
  world.hold("forced-open");
  world.release();
  const [lease] = world.digest({ wantsLeases: 1 }).leases;
  expect(lease).toMatchObject({ kind: "probe" });
  expect(lease).not.toHaveProperty("besides");
});
