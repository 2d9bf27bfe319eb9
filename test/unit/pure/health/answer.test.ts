import { expect, test } from "vitest";
import { healthAnswer, liveAnswer, readyAnswer } from "../../../../src/health/answer.ts";
import type { HealthStatus, Verdict } from "../../../../src/health/verdict.ts";

const FACTS = { version: "1.2.3", cache: true, now: Date.UTC(2026, 10, 24) };
const said = (status: HealthStatus, ready = true): Verdict => ({
  status,
  database: true,
  ready,
  ageMs: 12,
  notes: ["n"],
});
const asking = (accept?: string) =>
  new Request("https://x/health", accept === undefined ? {} : { headers: { Accept: accept } });

test.for<[HealthStatus, string]>([
  ["healthy", "pass"],
  ["degraded", "warn"],
  ["unknown", "warn"],
  ["unhealthy", "fail"],
])("/health is 200 when %s, and says %s where health+json is asked for", async ([status, word]) => {
  const plain = healthAnswer(asking("application/json"), said(status), FACTS);
  expect([plain.status, plain.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
  expect(await plain.json()).toEqual({
    status,
    timestamp: "2026-11-24T00:00:00.000Z",
    version: "1.2.3",
    services: { database: true, cache: true, worker: true },
    notes: ["n"],
    ageMs: 12,
  });
  const draft = healthAnswer(asking("application/health+json, */*"), said(status), FACTS);
  expect([draft.status, draft.headers.get("Content-Type")]).toEqual([200, "application/health+json"]);
  expect(await draft.json()).toMatchObject({ status: word, checks: { "database:responses": [{ observedValue: 12 }] } });
});

test("/health says that there is no age where nothing was seen", async () => {
  const nothing: Verdict = { status: "unknown", database: false, ready: false, ageMs: undefined, notes: [] };
  expect(await healthAnswer(asking(), nothing, FACTS).json()).toMatchObject({ ageMs: null });
  const draft = await healthAnswer(asking("application/health+json"), nothing, FACTS).json();
  expect(JSON.stringify(draft)).not.toContain("observedValue");
});

test("/health/ready is 503 exactly when no traffic should come", () => {
  expect(readyAnswer(said("unknown", true)).status).toBe(200);
  expect(readyAnswer(said("unhealthy", false)).status).toBe(503);
});

test("/health/live is 200", async () => {
  expect(await liveAnswer().json()).toEqual({ live: true });
});
