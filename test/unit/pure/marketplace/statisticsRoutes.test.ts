import { describe, expect, test } from "vitest";
import { GENRES } from "../../../../src/marketplace/lists.ts";
import { ask, NOW, pitchRow, USER } from "./ask.ts";

const AS_OF = "2026-11-01T11:55:00.123Z";
const DAY_MS = 86_400_000;

const NOTHING = {
  as_of: null,
  pitches: 0,
  published: 0,
  followers: 0,
  views: 0,
  likes: 0,
  saves: 0,
  nda_pending: 0,
  nda_approved: 0,
  nda_declined: 0,
  nda_withdrawn: 0,
  investments: 0,
  invested: 0,
  views_by_day: [],
  top_pitches: [],
};

const dashboardOf = (row: object, role = "creator") =>
  ask("/api/me/dashboard", {
    signedIn: true,
    script: {
      rows: {
        "accounts.session": [{ ...USER, role, expires_at: "2026-12-01T00:00:00.000Z" }],
        "statistics.dashboard": [row],
      },
    },
  });

describe("the dashboard", () => {
  test("has totals, each of the last 30 days, NDAs and the most viewed, by one query", async () => {
    const top = { id: pitchRow().id, title: "Star", views: 40, likes: 3 };
    const { status, body, database } = await dashboardOf({
      ...NOTHING,
      as_of: AS_OF,
      pitches: 7,
      published: 5,
      followers: 2,
      views: 90,
      likes: 8,
      saves: 4,
      nda_pending: 1,
      nda_approved: 2,
      nda_declined: 3,
      nda_withdrawn: 4,
      investments: 2,
      invested: 5_000_000_000,
      views_by_day: [
        { day: "2026-11-01", views: 5 },
        { day: "2026-10-03", views: 9 },
      ],
      top_pitches: [top],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      asOf: AS_OF,
      totals: {
        pitches: 7,
        published: 5,
        followers: 2,
        views: 90,
        likes: 8,
        saves: 4,
        investments: 2,
        invested: 5_000_000_000,
      },
      nda: { requested: 10, approved: 2, declined: 3, pending: 1 },
      topPitches: [top],
    });
    const days = Array.from({ length: 30 }, (_, ago) => new Date(NOW - ago * DAY_MS).toISOString().slice(0, 10));
    expect(body.viewsByDay.map(({ day }: { day: string }) => day)).toEqual(days.reverse());
    expect(body.viewsByDay.filter(({ views }: { views: number }) => views > 0)).toEqual([
      { day: "2026-10-03", views: 9 },
      { day: "2026-11-01", views: 5 },
    ]);
    const asked = database.asked.filter((each) => each.kind === "read").map(({ query }) => query);
    expect(asked).toMatchObject([
      { name: "accounts.session" },
      { name: "statistics.dashboard", values: [USER.id, "2026-10-03", 5] },
    ]);
  });

  test("is zeros, as of no time, for who has nothing where nothing was counted yet", async () => {
    const { status, body } = await dashboardOf(NOTHING);
    expect(status).toBe(200);
    expect(body).toMatchObject({ asOf: null, nda: { requested: 0 }, topPitches: [] });
    expect(body.viewsByDay).toHaveLength(30);
  });

  test.each(["investor", "production"])("is not for the role %s, and nothing is read for it", async (role) => {
    const { status, database } = await dashboardOf(NOTHING, role);
    expect(status).toBe(403);
    expect(database.asked).toHaveLength(1);
  });

  test("is for who is signed in", async () => {
    expect((await ask("/api/me/dashboard")).status).toBe(401);
  });
});

describe("trending pitches", () => {
  const trending = (rows: readonly object[], limit = "") =>
    ask(`/api/trending${limit}`, { script: { rows: { "statistics.trending": rows } } });

  test("are list items, in the database's order", async () => {
    const { status, body, database } = await trending(
      [
        { ...pitchRow(), as_of: AS_OF },
        { ...pitchRow({ id: "0198c0de-0000-7000-8000-000000000002" }), as_of: AS_OF },
      ],
      "?limit=2",
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ asOf: AS_OF, items: [{ title: "Star", likes: 1, views: 2 }, {}] });
    expect(database.asked).toMatchObject([{ query: { values: [2] }, options: { freshness: "any" } }]);
  });

  test.each([null, AS_OF])("are none where there are none, as of %s", async (asOf) => {
    const { status, body } = await trending([{ as_of: asOf, id: null }]);
    expect([status, body]).toEqual([200, { asOf, items: [] }]);
  });

  test.each(["0", "101", "x"])("refuse the limit %s", async (limit) => {
    expect((await trending([], `?limit=${limit}`)).status).toBe(400);
  });
});

describe("genres", () => {
  test("are all there, also those without a pitch", async () => {
    const rows = [
      { as_of: AS_OF, genre: "drama", published: 12 },
      { as_of: AS_OF, genre: "western", published: 3 },
    ];
    const { status, body } = await ask("/api/genres", { script: { rows: { "statistics.genres": rows } } });
    expect(status).toBe(200);
    expect(body.asOf).toBe(AS_OF);
    expect(body.items.map(({ genre }: { genre: string }) => genre)).toEqual([...GENRES]);
    expect(body.items.filter(({ pitches }: { pitches: number }) => pitches > 0)).toEqual([
      { genre: "drama", pitches: 12 },
      { genre: "western", pitches: 3 },
    ]);
  });

  test("have none, as of no time, where nothing was counted yet", async () => {
    const rows = [{ as_of: null, genre: null, published: null }];
    const { body } = await ask("/api/genres", { script: { rows: { "statistics.genres": rows } } });
    expect(body).toMatchObject({ asOf: null });
    expect(body.items.every(({ pitches }: { pitches: number }) => pitches === 0)).toBe(true);
  });
});
