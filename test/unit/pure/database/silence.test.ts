import { expect, test } from "vitest";
import { REQUEST_DEADLINE_MS } from "../../../../src/database/constants.ts";
import { Silence } from "../../../../src/database/silence.ts";

test("a node that owes nothing is not silent", () => {
  const silence = new Silence();
  expect(silence.ofMs("a", 1_000)).toBe(0);
  silence.began("a", 1_000);
  silence.ended("a", 1_000, true, 1_010);
  expect(silence.ofMs("a", 9_000)).toBe(0);
});

test("a node is silent since the oldest attempt that it owes", () => {
  const silence = new Silence();
  silence.began("a", 1_000);
  silence.began("a", 1_200);
  expect([silence.ofMs("a", 1_300), silence.ofMs("b", 1_300)]).toEqual([300, 0]);
  silence.ended("a", 1_000, false, 1_350);
  expect(silence.ofMs("a", 1_400)).toBe(200);
});

test("one answer ends the silence, for those that still wait too", () => {
  const silence = new Silence();
  silence.began("a", 1_000);
  silence.began("a", 1_100);
  silence.ended("a", 1_100, true, 1_500);
  expect(silence.ofMs("a", 1_600)).toBe(100);
});

test("an attempt whose request died with it is not held against the node for ever", () => {
  const silence = new Silence();
  silence.began("a", 1_000);
  expect(silence.ofMs("a", 1_000 + REQUEST_DEADLINE_MS - 1)).toBe(REQUEST_DEADLINE_MS - 1);
  expect(silence.ofMs("a", 1_000 + REQUEST_DEADLINE_MS)).toBe(0);
  silence.began("a", 10_000);
  expect(silence.ofMs("a", 10_001)).toBe(1);
});
