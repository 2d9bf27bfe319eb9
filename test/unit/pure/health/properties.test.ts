import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { healthAnswer, readyAnswer } from "../../../../src/health/answer.ts";
import { nodeChecks } from "../../../../src/health/nodeChecks.ts";
import { verdict } from "../../../../src/health/verdict.ts";
import { breakerStates } from "../../../../src/rpc/parts.ts";
import { breakerPart, replicasPart } from "../exchange/parts.ts";
import { askHealth, healthIsolate } from "./isolate.ts";
import { NOW, nodesOf } from "./nodes.ts";

afterEach(() => {
  vi.useRealTimers();
});

const PROVES_MS = 90_000;
const ASLEEP_MS = 240_000;

/** Ages around every bound there is, and any others. */
const age = fc.oneof(
  fc.constantFrom(0, 1, 10_000, 44_999, 45_000, 45_001, 89_999, 90_000, 90_001, 239_999, 240_000, 240_001),
  fc.integer({ min: -5_000, max: 10_000_000 }),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const state = fc.constantFrom(...breakerStates);

const seen = fc
  .record({
    answered: maybe(age),
    failed: maybe(age),
    queried: maybe(age),
    times: fc.integer({ min: 0, max: 9 }),
    misconfigured: fc.boolean(),
    maySleep: fc.boolean(),
    state,
    word: fc.nat(60_000),
    behind: maybe(age),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));

test("whatever was seen, the verdict claims no more than the table, and /health is 200", () => {
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 4 }), fc.constantFrom(0, 1), fc.boolean(), (all, runwayMs, isDetailed) => {
      const nodes = nodesOf(all);
      const said = verdict(nodes, runwayMs, NOW);
      const checks = { "database:responses": nodeChecks(nodes, NOW) };
      const facts = { version: "1", cache: true, checks, isDetailed, now: NOW };
      for (const Accept of ["application/json", "application/health+json"]) {
        const request = new Request("https://x/health", { headers: { Accept } });
        expect(healthAnswer(request, said, facts).status).toBe(200);
      }
      const isReady = said.status !== "unhealthy" && said.ageMs !== undefined;
      expect(said.ready).toBe(isReady);
      expect(readyAnswer(said, isDetailed).status).toBe(isReady ? 200 : 503);

      const answeredMs = nodes.flatMap(({ evidence: { lastSuccessAt } }) =>
        lastSuccessAt === undefined ? [] : [NOW - lastSuccessAt],
      );
      const isAsleep = nodes.some(
        ({ maySleep, evidence: { lastQueryAt } }) =>
          maySleep && (lastQueryAt === undefined || NOW - lastQueryAt > ASLEEP_MS),
      );
      if (said.status === "healthy" && !isAsleep) expect(Math.min(...answeredMs)).toBeLessThanOrEqual(PROVES_MS);
      if (said.status === "healthy" || said.status === "unhealthy") {
        expect(said.database).toBe(said.status === "healthy");
      }
      for (const check of checks["database:responses"]) {
        if (check.status === "pass" && check.state !== "asleep") {
          expect(check.observedValue).toBeLessThanOrEqual(PROVES_MS / 2);
        }
        expect("output" in check).toBe(check.status !== "pass");
      }
    }),
    { numRuns: 2_000 },
  );
});

test("whatever an isolate saw and heard, /health is 200, and healthy only on evidence younger than 90 s", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
  const failure = fc.constantFrom(undefined, "slow", "infrastructure", "configuration", "caller", "abort", "role");
  const event = fc.oneof(
    fc.record({ kind: fc.constant("wait" as const), ms: fc.oneof(fc.nat(5_000), fc.nat(200_000)) }),
    fc.record({ kind: fc.constant("attempt" as const), failure, of: fc.constantFrom("read", "write", "check") }),
    fc.record({
      kind: fc.constant("word" as const),
      state,
      ageMs: fc.nat(70_000),
      forMs: fc.nat(600_000),
      seenMs: fc.option(age),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 20 }), async (events) => {
      const { state: isolate, database } = healthIsolate();
      let answeredAt = Number.NEGATIVE_INFINITY;
      let epoch = 0;
      for (const each of events) {
        const now = Date.now();
        if (each.kind === "wait") vi.setSystemTime(now + each.ms);
        if (each.kind === "attempt") {
          database.observe("node-1", { failure: each.failure, kind: each.of, now });
          const isAnswer = each.failure === undefined || each.failure === "caller" || each.failure === "role";
          if (isAnswer) answeredAt = now;
        }
        if (each.kind === "word") {
          const successAgeMs = each.seenMs === null ? null : Math.abs(each.seenMs);
          const health = [{ node: "node-1", successAgeMs, failureAgeMs: null, queryAgeMs: null }];
          const nodes = [{ node: "node-1", state: each.state, epoch: ++epoch, sinceMs: 0, forMs: each.forMs }];
          database.view.adopt(
            { breaker: breakerPart({ epoch, nodes, health }), replicas: replicasPart() },
            each.ageMs,
            now,
          );
          if (successAgeMs !== null) answeredAt = Math.max(answeredAt, now - each.ageMs - successAgeMs);
        }
        const { status, body } = await askHealth(isolate);
        expect(status).toBe(200);
        if (body.status === "healthy") expect(Date.now() - answeredAt).toBeLessThanOrEqual(PROVES_MS);
        const ready = await askHealth(isolate, { path: "/health/ready" });
        expect(ready.status).toBe(body.status === "unhealthy" || body.ageMs === null ? 503 : 200);
      }
    }),
    { numRuns: 200 },
  );
});
