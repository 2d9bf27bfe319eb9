import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { clientOf, type Got } from "./support/client.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

const NODES = ["node-1", "node-2", "node-3"];
const WITHIN_MS = 20_000;
const HEALTH_JSON = { Accept: "application/health+json" };

let system: TestSystem;
let send: ReturnType<typeof clientOf>;

beforeAll(async () => {
  system = await startTestSystem(50);
  send = clientOf(system.worker.url);
});
afterAll(() => system?.stop());

const isSaid = (status: string) => until(async () => (await send("/health")).body.status === status, WITHIN_MS);

/** An order's news comes at the pace of a quiet site, 20 to 50 s; a scrape exchanges at once. */
const isHeard = (status: string) =>
  until(async () => {
    await send("/metrics", { token: ADMIN_TOKEN });
    return (await send("/health")).body.status === status;
  }, WITHIN_MS);

interface Check {
  readonly componentId: string;
  readonly status: string;
  readonly output?: string;
}
const checksOf = ({ body }: Got, key: string): readonly Check[] => body.checks[key] ?? [];

describe("/health of the whole system", () => {
  it("has a check for each node and object, and for each cron once it ran", async () => {
    expect(await isSaid("healthy")).toBe(true);
    await system.worker.scheduled("* * * * *");
    let seen: Got | undefined;
    const hasBeat = async () => {
      seen = await send("/health", { headers: HEALTH_JSON });
      return checksOf(seen, "crons:lastRun").length > 0;
    };
    expect(await until(hasBeat, 60_000)).toBe(true);
    expect(seen?.body.status).toBe("pass");
    const statusesOf = (key: string) =>
      Object.fromEntries(checksOf(seen as Got, key).map(({ componentId, status }) => [componentId, status]));
    expect(statusesOf("database:responses")).toEqual({ "node-1": "pass", "node-2": "pass", "node-3": "pass" });
    expect(statusesOf("coordination:word")).toEqual({ breaker: "pass", replicas: "pass", cache: "pass" });
    expect(statusesOf("crons:lastRun")).toEqual({ "* * * * *": "pass" });
  }, 90_000);

  it("tells strangers the status alone where EXPOSE_HEALTH says so, and admins everything", async () => {
    const { url } = await system.another({ EXPOSE_HEALTH: "admin" });
    const ask = clientOf(url);
    for (const path of ["/health", "/health/ready"]) {
      for (const headers of [{}, HEALTH_JSON]) {
        const stranger = await ask(path, { headers });
        expect(JSON.stringify(stranger.body)).not.toMatch(/node-|version|checks|ageMs/);
      }
    }
    const admin = await ask("/health", { token: ADMIN_TOKEN, headers: HEALTH_JSON });
    expect(checksOf(admin, "database:responses").map(({ componentId }) => componentId)).toEqual(NODES);
  });

  it("says unhealthy, and why, while an operator holds every node open, and healthy when it is taken back", async () => {
    const breaker = async () => (await send("/admin/breaker", { token: ADMIN_TOKEN })).body;
    const epochOf = async (node: string) =>
      (await breaker()).nodes.find(({ name }: { name: string }) => name === node).epoch;
    for (const node of NODES) {
      const json = {
        node,
        state: "forced-open",
        reason: "a test",
        expiresInS: 600,
        expectedEpoch: await epochOf(node),
      };
      expect((await send("/admin/breaker/hold", { token: ADMIN_TOKEN, json })).status).toBe(200);
    }
    expect(await isHeard("unhealthy")).toBe(true);
    expect((await send("/health")).body).toMatchObject({
      services: { database: false },
      notes: [...NODES.map((node) => `${node} is held open by order`), "no hot answer is left to give"],
    });
    expect((await send("/health/ready")).status).toBe(503);
    expect((await send("/api/pitches?limit=1")).status).toBe(503);
    for (const node of NODES) {
      const json = { node, expectedEpoch: await epochOf(node) };
      expect((await send("/admin/breaker/release", { token: ADMIN_TOKEN, json })).status).toBe(200);
    }
    expect(await isHeard("healthy")).toBe(true);
  });
});
