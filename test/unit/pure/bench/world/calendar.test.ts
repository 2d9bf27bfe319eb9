import { expect, test } from "vitest";
import { Calendar } from "../../../../../bench/world/calendar.ts";

test.for([
  ["in the tick of its time", 25, 30],
  ["exactly then", 30, 30],
  ["in the next, where its time has passed", 5, 20],
] as const)("whoever is filed is looked at %s", ([, dueAt, tick]) => {
  const calendar = new Calendar<{ dueAt: number }>(10);
  const item = { dueAt };
  calendar.file(item, 12);
  const taken = [20, 30, 40].filter((now) => calendar.take(now).includes(item));
  expect(taken).toEqual([tick]);
});
