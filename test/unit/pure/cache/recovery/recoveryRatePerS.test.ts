import { expect, test } from "vitest";
import { RECOVERY_MS, RECOVERY_REFRESHES_PER_S } from "../../../../../src/cache/constants.ts";
import { recoveryRatePerS } from "../../../../../src/cache/recovery/recoveryRatePerS.ts";

const ALL = RECOVERY_REFRESHES_PER_S;

test.each([
  ["nothing is held back where a node was always whole", Number.POSITIVE_INFINITY, 40, undefined],
  ["or is again since long", RECOVERY_MS, 40, undefined],
  ["nothing is refreshed while none is whole", 0, 40, 0],
  ["nor is it because nobody counted the isolates", 0, undefined, 0],
  ["then the isolates share what the world may", 1, 40, ALL / 40],
  ["to the end", RECOVERY_MS - 1, 40, ALL / 40],
  ["one that knows of no other has all of it", 1, undefined, ALL],
  ["also where nobody reported lately", 1, 0, ALL],
] as const)("%s", (_name, backForMs, reporters, expected) => {
  expect(recoveryRatePerS({ backForMs, reporters })).toBe(expected);
});
