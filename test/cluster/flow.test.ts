import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EVERY_FIVE_MINUTES } from "../../src/cronTriggers.ts";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { startTestSystem, type TestSystem } from "./support/system.ts";

/** Longer than any test here: what a replica would answer is what was there before. */
const LAG_MS = 120_000;

let system: TestSystem;
let send: ReturnType<typeof clientOf>;

beforeAll(async () => {
  system = await startTestSystem(1_000, { cache: "on" });
  send = clientOf(system.worker.url);
});
afterAll(() => system.stop());

describe.for([
  ["with replicas that keep up", 0],
  ["with replicas that are two minutes behind", LAG_MS],
] as const)("a creator and an investor, %s", ([, lagMs]) => {
  beforeAll(async () => {
    for (const node of ["node-2", "node-3"]) await system.cluster.lag(node, lagMs);
  });

  test("come from the request for an NDA to an answered message, and each sees what the other did at once", async () => {
    const creator = await signUp(send);
    const investor = await signUp(send, "investor");
    const asCreator = (path: string, json?: unknown, method?: string) =>
      send(path, { token: creator.token, ...(json === undefined ? {} : { json }), ...(method ? { method } : {}) });
    const asInvestor = (path: string, json?: unknown) =>
      send(path, { token: investor.token, ...(json === undefined ? {} : { json }) });

    const pitch = (await asCreator("/api/pitches", PITCH)).body.id;
    await asCreator(`/api/pitches/${pitch}/publish`, undefined, "POST");
    const document = { kind: "script", title: "First draft", storageKey: `scripts/${pitch}`, bytes: 1_000 };
    expect((await asCreator(`/api/pitches/${pitch}/documents`, document)).status).toBe(201);
    expect((await asInvestor(`/api/pitches/${pitch}/full`)).status).toBe(403);

    const request = (await asInvestor(`/api/pitches/${pitch}/nda-requests`, { message: "May I?" })).body;
    expect(request.status).toBe("pending");
    expect((await asCreator("/api/nda-requests?box=in")).body.items[0]).toMatchObject({ id: request.id });
    const decided = await asCreator(`/api/nda-requests/${request.id}/decision`, { decision: "approve" });
    expect(decided.body.status).toBe("approved");
    expect((await asInvestor(`/api/pitches/${pitch}/full`)).body.documents).toMatchObject([{ title: "First draft" }]);

    const thread = (await asInvestor("/api/conversations", { recipientId: creator.id, pitchId: pitch, message: "Hi" }))
      .body.id;
    expect((await asCreator("/api/me/conversations")).body.items[0]).toMatchObject({ id: thread, unread: 1 });
    await asCreator(`/api/conversations/${thread}/messages`, { body: "Hello" });
    const { items } = (await asInvestor(`/api/conversations/${thread}/messages`)).body;
    expect(items.map(({ body }: { body: string }) => body)).toEqual(["Hello", "Hi"]);

    const told = (await asInvestor("/api/me/notifications")).body;
    expect(told.items.map(({ kind }: { kind: string }) => kind)).toEqual(["message", "nda-approved"]);
    const read = await asInvestor("/api/me/notifications/read", {
      ids: told.items.map(({ id }: { id: string }) => id),
    });
    expect([told.unread, read.body.unread]).toEqual([2, 0]);

    expect((await asCreator("/api/me/dashboard")).body.nda).toMatchObject({ approved: 0 });
    await send(`/api/pitches/${pitch}/views`, { method: "POST" });
    await system.worker.scheduled(EVERY_FIVE_MINUTES);
    const dashboard = (await asCreator("/api/me/dashboard")).body;
    expect(dashboard.nda).toMatchObject({ requested: 1, approved: 1, declined: 0, pending: 0 });
    expect(dashboard.totals).toMatchObject({ pitches: 1, published: 1, views: 1 });
    expect(dashboard.topPitches).toMatchObject([{ id: pitch, views: 1 }]);
  });
});
