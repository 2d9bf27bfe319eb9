import { describe, expect, test } from "vitest";
import { broken, lives, settlement, WorldBed } from "./worldBed.ts";

describe.for(lives)("%s", ([, evicts]) => {
  const bed = () => new WorldBed(evicts);

  test("while all is closed there is nothing to ring for", () => {
    const world = bed();
    world.digest({});
    expect(world.alarmInMs()).toBeUndefined();
    expect(world.ownProbes()).toEqual([]);
  });

  test("it rings soon after an open node's wait, so that visitors have the first chance", () => {
    const world = bed();
    world.digest({ reports: [broken("x")] });
    expect(world.alarmInMs()).toBe(2_500);
    world.pass(2_500);
    expect(world.ownProbes()).toMatchObject([{ node: "a", kind: "probe", epoch: 2 }]);
    expect(world.state()).toBe("half-open");
  });

  test("it rings for the sooner of two nodes", () => {
    const world = bed();
    world.digest({ reports: [broken("x")] });
    world.pass(1_000);
    world.digest({ reports: [broken("x", { node: "b" })] });
    expect(world.alarmInMs()).toBe(1_500);
  });

  test("a node that has just become half-open is left to visitors for half a second", () => {
    const world = bed();
    world.openAndWait();
    expect(world.alarmInMs()).toBe(500);
    world.pass(500);
    expect(world.alarmInMs()).toBe(0);
  });

  test("a wait that was over long ago rings at once", () => {
    const world = bed();
    world.digest({ reports: [broken("x")] });
    world.pass(60_000);
    expect(world.alarmInMs()).toBeLessThanOrEqual(0);
  });

  test("while a visitor's probe is under way it waits for its end, and takes over where that comes to nothing", () => {
    const world = bed();
    world.openAndWait();
    world.digest({ wantsLeases: 1 });
    expect(world.alarmInMs()).toBe(3_000);
    expect(world.ownProbes()).toEqual([]);
    world.pass(3_000);
    expect(world.ownProbes()).toHaveLength(1);
  });

  test("while several visitors' probes are under way it waits for the end of the last", () => {
    const world = bed();
    world.openAndWait();
    world.digest({ wantsLeases: 1 });
    world.pass(1_000);
    world.digest({ wantsLeases: 1 });
    expect(world.alarmInMs()).toBe(3_000);
    world.pass(2_000);
    expect([world.ownProbes(), world.alarmInMs()]).toEqual([[], 1_000]);
    world.pass(1_000);
    expect(world.ownProbes()).toHaveLength(1);
  });

  test("its probes close a node without any visitor", () => {
    const world = bed();
    world.openAndWait();
    for (let round = 0; round < 2; round++) {
      const [lease] = world.ownProbes();
      if (!lease) throw new Error("no lease");
      world.settle(settlement(lease, "ok"));
    }
    expect([world.state(), world.alarmInMs()]).toEqual(["ramping", 3_000]);
    world.pass(3_000);
    expect([world.ownProbes(), world.state(), world.alarmInMs()]).toEqual([[], "closed", undefined]);
  });

  test("where nobody can ask, it does not try without end, but each three seconds", () => {
    const world = bed();
    world.openAndWait();
    const [lease] = world.ownProbes();
    if (!lease) throw new Error("no lease");
    world.settle(settlement(lease, "excluded"));
    expect(world.ownProbes()).toEqual([]);
    expect(world.alarmInMs()).toBe(3_000);
    world.pass(3_000);
    expect(world.ownProbes()).toHaveLength(1);
  });

  test("where its own lease runs out unsettled, visitors have two seconds before it takes the next", () => {
    const world = bed();
    world.openAndWait();
    expect(world.ownProbes()).toHaveLength(1);
    world.pass(3_000);
    expect(world.ownProbes()).toEqual([]);
    expect(world.alarmInMs()).toBe(2_000);
    world.pass(1_999);
    expect(world.ownProbes()).toEqual([]);
    world.pass(1);
    expect(world.ownProbes()).toHaveLength(1);
    world.pass(3_000);
    expect(world.digest({ wantsLeases: 1 }).leases).toHaveLength(1);
  });

  test("it rests after ten minutes without a digest, and a digest wakes it", () => {
    const world = bed();
    world.openAndWait();
    world.pass(500_000);
    expect(world.ownProbes()).toHaveLength(1);
    world.pass(100_000);
    if (!evicts) expect(world.alarmInMs()).toBeDefined(); // an evicted one remembers the minute alone
    world.pass(1);
    expect(world.alarmInMs()).toBeUndefined();
    expect(world.ownProbes()).toEqual([]);
    world.digest({});
    expect(world.alarmInMs()).toBeLessThanOrEqual(0);
    expect(world.digest({ wantsLeases: 1 }).leases).toHaveLength(1);
  });

  test("after a clock that was set back it still rings", () => {
    const world = bed();
    world.digest({ reports: [broken("x")] });
    world.pass(-3_600_000);
    expect(world.alarmInMs()).toBeLessThanOrEqual(500);
    expect(world.ownProbes()).toHaveLength(1);
  });

  test("after a clock that was set back it rings as soon for a node that is half-open", () => {
    const world = bed();
    world.openAndWait();
    world.pass(-3_600_000);
    expect(world.alarmInMs()).toBe(500);
  });
});
