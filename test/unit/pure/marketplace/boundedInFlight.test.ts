import { expect, test } from "vitest";
import { boundedInFlight } from "../../../../src/marketplace/auth/boundedInFlight.ts";

test("lets in as many as the bound, and another when one has left", () => {
  const inFlight = boundedInFlight(2, 1_000);
  const first = inFlight.enter(0);
  expect(first).not.toBeNull();
  expect(inFlight.enter(0)).not.toBeNull();
  expect(inFlight.enter(0)).toBeNull();
  first?.();
  expect(inFlight.enter(0)).not.toBeNull();
  expect(inFlight.enter(0)).toBeNull();
});

test("forgets whoever never said it was over", () => {
  const inFlight = boundedInFlight(1, 1_000);
  const lost = inFlight.enter(0);
  expect(inFlight.enter(999)).toBeNull();
  expect(inFlight.enter(1_000)).not.toBeNull();
  lost?.(); // says so after all: it must not free the place of another
  expect(inFlight.enter(1_001)).toBeNull();
});
