import { expect, test } from "vitest";
import { CollectorRegister } from "../../../../src/breaker/collectorRegister.ts";
import type { BreakerDigest } from "../../../../src/rpc/digest.ts";
import { NOW, WorldBed } from "./worldBed.ts";

const DAY_MS = 86_400_000;

const digest = (collector: string, numbered: { life?: string; seq?: number } = {}): BreakerDigest => ({
  ...{ wire: 1, collector, reporters: 1, reports: [], calm: [], checks: [], wantsLeases: 0 },
  ...numbered,
});

test("a digest that says its life without its number makes nothing of before new again", () => {
  const register = new CollectorRegister([]);
  expect(register.hear(digest("c", { life: "l", seq: 7 }), NOW)).toBe(true);
  for (const half of [{ life: "l" }, { seq: 1 }]) {
    expect(register.hear(digest("c", half), NOW)).toBe(true);
    expect(register.hear(digest("c", { life: "l", seq: 7 }), NOW)).toBe(false);
  }
});

test("a Collector is known for a day to the millisecond", () => {
  const register = new CollectorRegister([]);
  register.hear(digest("old"), NOW);
  register.hear(digest("new"), NOW + DAY_MS);
  expect(register.names()).toEqual(["old", "new"]);
  register.hear(digest("new"), NOW + DAY_MS + 1);
  expect(register.names()).toEqual(["new"]);
});

test("rows are in the order of their names, whoever was heard last, and times stay as coarse", () => {
  const register = new CollectorRegister([]);
  for (const name of ["b", "c", "a"]) register.hear(digest(name), NOW);
  const row = register.toRow();
  expect(row.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  for (const name of ["c", "a", "b", "a"]) register.hear(digest(name), NOW + 1);
  expect(register.toRow()).toEqual(row);
});

test("after an eviction the one that was heard of longest ago is forgotten first, whatever its name", () => {
  const world = new WorldBed(false);
  world.digest({ collector: "z" });
  world.pass(1_200_000);
  world.digest({ collector: "a" });
  world.evict();
  for (let at = 0; at < 511; at++) world.digest({ collector: `m${at}` });
  expect(world.world.collectors()).toContain("a");
  expect(world.world.collectors()).not.toContain("z");
});
