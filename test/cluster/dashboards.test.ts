import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVERY_FIVE_MINUTES } from "../../src/cronTriggers.ts";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

interface Person {
  readonly id: string;
  readonly token: string;
}

describe("what is counted every five minutes, over a real cluster", () => {
  let system: TestSystem;
  let database: Client;
  let send: ReturnType<typeof clientOf>;
  let [creator, investor]: Person[] = [];
  let pitchId: string;
  let drafted: string;

  beforeAll(async () => {
    system = await startTestSystem(200);
    send = clientOf(system.worker.url);
    database = new Client({ connectionString: (await system.cluster.resolve("primary")).connectionString });
    await database.connect();
    creator = await signUp(send);
    investor = await signUp(send, "investor");
    const { token } = creator;
    drafted = (await send("/api/pitches", { token, json: { ...PITCH, title: "Unseen" } })).body.id;
    pitchId = (await send("/api/pitches", { token, json: { ...PITCH, genre: "western" } })).body.id;
    await send(`/api/pitches/${pitchId}/publish`, { method: "POST", token });
  });
  afterAll(async () => {
    await database?.end();
    await system?.stop();
  });

  /** A path below the pitch, asked by the investor; throws unless it was taken. */
  async function act(method: string, path: string, json?: unknown): Promise<{ id: string }> {
    const token = investor?.token ?? "";
    const { status, body } = await send(`/api/pitches/${pitchId}/${path}`, {
      method,
      token,
      ...(json ? { json } : {}),
    });
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }
  const dashboard = async () => (await send("/api/me/dashboard", { token: creator?.token ?? "" })).body;
  const pitch = async () => (await send(`/api/pitches/${pitchId}`, { token: creator?.token ?? "" })).body;
  const westerns = async () => {
    const { body } = await send("/api/genres");
    return body.items.find(({ genre }: { genre: string }) => genre === "western").pitches;
  };
  const refresh = (at?: Date) => system.worker.scheduled(EVERY_FIVE_MINUTES, at);
  const inReplicas = (check: () => Promise<unknown>) => expect.poll(check, { timeout: 10_000 });

  it("is on the dashboard of its creator after the cron, and on the pitch", async () => {
    expect(await dashboard()).toMatchObject({ totals: { pitches: 0, views: 0 }, topPitches: [] });
    await act("POST", "views");
    await act("POST", "views"); // a reload
    await send(`/api/pitches/${pitchId}/views`, { method: "POST" });
    await act("PUT", "like");
    await act("PUT", "save");
    await act("POST", "investments", { amount: 250_000 });
    const { id } = await act("POST", "nda-requests", { message: "Please." });
    const token = creator?.token ?? "";
    await send(`/api/nda-requests/${id}/decision`, { token, json: { decision: "approve" } });
    await send(`/api/users/${creator?.id}/follow`, { method: "PUT", token: investor?.token ?? "" });
    expect(await pitch()).toMatchObject({ views: 0, likes: 0 });

    const before = Date.now();
    await refresh();
    const seen = await dashboard();
    expect(Date.parse(seen.asOf)).toBeGreaterThanOrEqual(before - 1);
    expect(seen).toMatchObject({
      totals: {
        pitches: 2,
        published: 1,
        followers: 1,
        views: 2,
        likes: 1,
        saves: 1,
        investments: 1,
        invested: 250_000,
      },
      nda: { requested: 1, approved: 1, declined: 0, pending: 0 },
      topPitches: [
        { id: pitchId, title: PITCH.title, views: 2, likes: 1 },
        { id: drafted, title: "Unseen", views: 0, likes: 0 },
      ],
    });
    expect(seen.viewsByDay).toHaveLength(30);
    expect(seen.viewsByDay.at(-1)).toEqual({ day: new Date().toISOString().slice(0, 10), views: 2 });
    expect(await pitch()).toMatchObject({ views: 2, likes: 1 });
  });

  it("trends and counts in its genre as long as it is published", async () => {
    const first = async () => (await send("/api/trending?limit=1")).body.items[0];
    await inReplicas(first).toMatchObject({ id: pitchId, title: PITCH.title, views: 2 });
    const before = await westerns();
    const { body } = await send("/api/genres");
    expect([body.items.length, Number.isNaN(Date.parse(body.asOf))]).toEqual([13, false]);
    await send(`/api/pitches/${pitchId}/archive`, { method: "POST", token: creator?.token ?? "" });
    await inReplicas(first).not.toMatchObject({ id: pitchId }); // at once: what is not published is not shown
    await refresh();
    await inReplicas(westerns).toBe(before - 1);
    expect(await dashboard()).toMatchObject({ totals: { pitches: 2, published: 0, views: 2 } });
    await send(`/api/pitches/${pitchId}/publish`, { method: "POST", token: creator?.token ?? "" });
    await refresh();
    await inReplicas(westerns).toBe(before);
  });

  it("is counted once for a scheduled time, however often that is delivered, also where no object knows of it", async () => {
    const at = new Date();
    await act("DELETE", "like");
    await Promise.all([1, 2, 3].map(() => refresh(at)));
    expect(await pitch()).toMatchObject({ likes: 0 });
    await act("PUT", "like");
    const lone = await system.another({}, { hasObjects: false });
    await Promise.all([refresh(at), lone.scheduled(EVERY_FIVE_MINUTES, at)]);
    expect(await pitch()).toMatchObject({ likes: 0 });
    await Promise.all([1, 2].map(() => lone.scheduled(EVERY_FIVE_MINUTES, new Date(at.getTime() + 1))));
    expect(await pitch()).toMatchObject({ likes: 1 });
    const { rows } = await database.query("SELECT count(*)::int AS n FROM statistics_changes");
    expect(rows).toEqual([{ n: 0 }]);
  });

  it("is in the cron's record, with what became of it", async () => {
    await act("POST", "views");
    await act("DELETE", "save");
    await refresh();
    const { body } = await send("/admin/cron", { token: ADMIN_TOKEN });
    const { runs } = body.crons.find(({ cron }: { cron: string }) => cron === EVERY_FIVE_MINUTES);
    expect(runs[0]).toMatchObject({
      outcome: "ok",
      note: expect.stringMatching(/^refresh: done; statistics: .+; warming: /),
      detail: { "statistics.fold": 1 },
    });
  });

  it("keeps what it has counted where a count fails, says so, and takes statistics all the same", async () => {
    await database.query("ALTER TABLE public.creator_statistics ADD CONSTRAINT no_more CHECK (saves < 1) NOT VALID");
    await act("PUT", "save");
    await refresh();
    const { body } = await send("/admin/cron", { token: ADMIN_TOKEN });
    const { runs } = body.crons.find(({ cron }: { cron: string }) => cron === EVERY_FIVE_MINUTES);
    expect(runs[0]).toMatchObject({
      outcome: "failed",
      note: expect.stringMatching(
        /^refresh: left over: statistics.fold; statistics.fold: .*no_more.*; statistics: (?!nothing)/,
      ),
      detail: { "statistics.fold": 0, remaining: 0 },
    });
    await database.query("ALTER TABLE public.creator_statistics DROP CONSTRAINT no_more");
    await refresh();
    expect(await dashboard()).toMatchObject({ totals: { saves: 1 } });
  });

  it("has no dashboard for others than creators", async () => {
    expect((await send("/api/me/dashboard", { token: investor?.token ?? "" })).status).toBe(403);
    expect((await send("/api/me/dashboard")).status).toBe(401);
  });
});
