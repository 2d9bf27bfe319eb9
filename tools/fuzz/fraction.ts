import fc from "fast-check";

const PARTS = 2 ** 20;

/** From 0 to 1, all alike: `fc.double` would nearly always be next to 0, where most doubles are. */
export const fraction: fc.Arbitrary<number> = fc
  .noBias(fc.integer({ min: 0, max: PARTS - 1 }))
  .map((part) => part / PARTS);
