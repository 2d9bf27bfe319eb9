import { expect, test } from "vitest";
import { type HealthFacts, healthAnswer, liveAnswer, readyAnswer } from "../../../../src/health/answer.ts";
import { nodeChecks } from "../../../../src/health/nodeChecks.ts";
import type { HealthStatus, Verdict } from "../../../../src/health/verdict.ts";
import { NOW, nodesOf, OPEN, WELL } from "./nodes.ts";

const checks = { "database:responses": nodeChecks(nodesOf([WELL, OPEN]), NOW) };
const FACTS: HealthFacts = {
  version: "1.2.3",
  cache: true,
  checks,
  isDetailed: true,
  now: Date.UTC(2026, 10, 24),
};
const said = (status: HealthStatus, ready = true): Verdict => ({
  status,
  database: true,
  ready,
  ageMs: 12,
  notes: ["node-2 is open"],
});
const asking = (accept?: string) =>
  new Request("https://x/health", accept === undefined ? {} : { headers: { Accept: accept } });

const TABLE: readonly [HealthStatus, string][] = [
  ["healthy", "pass"],
  ["degraded", "warn"],
  ["unknown", "warn"],
  ["unhealthy", "fail"],
];

test.for(TABLE)("/health is 200 when %s, and says %s where health+json is asked for", async ([status, word]) => {
  const plain = healthAnswer(asking("application/json"), said(status), FACTS);
  expect([plain.status, plain.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
  expect(await plain.json()).toEqual({
    status,
    timestamp: "2026-11-24T00:00:00.000Z",
    version: "1.2.3",
    services: { database: true, cache: true, worker: true },
    notes: ["node-2 is open"],
    ageMs: 12,
  });
  const draft = healthAnswer(asking("Application/Health+JSON, */*"), said(status), FACTS);
  expect([draft.status, draft.headers.get("Content-Type")]).toEqual([200, "application/health+json"]);
  expect(await draft.json()).toEqual({
    status: word,
    version: "1.2.3",
    releaseId: "1.2.3",
    notes: ["node-2 is open"],
    checks,
  });
});

test.for(TABLE)("a stranger learns of %s, and of no node, note, version or age", async ([status, word]) => {
  const hidden = { ...FACTS, isDetailed: false };
  expect(await healthAnswer(asking(), said(status), hidden).json()).toEqual({
    status,
    timestamp: "2026-11-24T00:00:00.000Z",
    services: { database: true, cache: true, worker: true },
    notes: [],
  });
  expect(await healthAnswer(asking("application/health+json"), said(status), hidden).json()).toEqual({ status: word });
  expect(await readyAnswer(said(status), false).json()).toEqual({ ready: true, status, notes: [] });
});

test("/health says that there is no age where nothing was seen", async () => {
  const nothing: Verdict = { status: "unknown", database: false, ready: false, ageMs: undefined, notes: [] };
  expect(await healthAnswer(asking(), nothing, FACTS).json()).toMatchObject({ ageMs: null });
});

test("/health/ready is 503 exactly when no traffic should come, and says why", async () => {
  expect(readyAnswer(said("unknown", true), true).status).toBe(200);
  const unready = readyAnswer(said("unhealthy", false), true);
  expect([unready.status, await unready.json()]).toEqual([
    503,
    { ready: false, status: "unhealthy", notes: ["node-2 is open"] },
  ]);
});

test("/health/live is 200", async () => {
  expect(await liveAnswer().json()).toEqual({ live: true });
});
