import fc from "fast-check";
import { expect, test } from "vitest";
import { decideRequest } from "../../../../src/cache/decideRequest.ts";
import { FailedKeys } from "../../../../src/cache/failedKeys.ts";
import { entryOf, NOW } from "./entries.ts";
import { knowledge } from "./knowledge.ts";
import { sharedBed } from "./sharedBed.ts";

const OWED = { id: "w", seq: 0, incarnation: 0, epoch: "1", at: NOW, buckets: [1] };

test("whatever comes together: a copy that lacks what its reader wrote is given in an outage alone, and nobody waits out another's pause for it", () => {
  const any = fc.record({
    mayRead: fc.boolean(),
    isPaused: fc.boolean(),
    isOwed: fc.boolean(),
    afterMs: fc.integer({ min: 0, max: 4_000_000 }),
    maySee: fc.boolean(),
    isBumped: fc.boolean(),
    isRecovering: fc.boolean(),
  });
  fc.assert(
    fc.property(any, ({ mayRead, isPaused, isOwed, afterMs, maySee, isBumped, isRecovering }) => {
      const now = NOW + afterMs;
      const failed = new FailedKeys(() => "outage");
      const request = sharedBed().request({ owed: isOwed ? [OWED] : [] });
      if (isPaused) failed.failed(request.key, new Error("outage"), { ...request.flight, now: () => now });
      const entry = entryOf({ proof: { saw: maySee ? ["w"] : [] } });
      const known = () => knowledge({ buckets: { 1: isBumped ? 6 : 0 } });
      const around = { known, recoveryRatePerS: () => (isRecovering ? 5 : undefined), random: () => 0.5 };
      const decision = decideRequest({ ...around, mayRead: () => mayRead, failed }, request, entry, "cold", now);
      const lacks = isOwed && !maySee;
      if (decision.do === "serve") expect(decision.lacksOwed === true).toBe(lacks);
      if (lacks && mayRead) expect(decision).toMatchObject({ do: "load", cause: "bypass" });
      if (lacks && !mayRead) expect(decision.do).toBe(now < entry.errorUntil ? "serve" : "refuse");
      if (!mayRead) expect(decision.do).not.toBe("load");
      if (!lacks && isPaused && decision.do === "load") expect(now).toBeGreaterThanOrEqual(entry.errorUntil);
    }),
  );
});
