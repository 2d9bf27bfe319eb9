import { expect, test } from "vitest";
import { RampGate } from "../../../../src/breaker/rampGate.ts";

const NOW = 1_700_000_000_000;

test("a ramp has failed where more came back bad than good, as the bad ones tell, and another begins anew", () => {
  const gate = new RampGate();
  gate.hasRoom("first", 5, NOW, 0);
  const [good, bad] = [false, true];
  expect([bad, good, good, bad, bad].map((end) => gate.hasFailed(end))).toEqual([true, false, false, false, true]);
  expect(gate.hasFailed(good), "bad ones are still more: it is not news").toBe(false);
  gate.hasRoom("second", 5, NOW, 0);
  expect([good, good, bad, bad, bad].map((end) => gate.hasFailed(end))).toEqual([false, false, false, false, true]);
  gate.hasRoom("third", 5, NOW, 0);
  expect(gate.hasFailed(good) || gate.hasFailed(bad)).toBe(false);
});
