import { describe, expect, test } from "vitest";
import { tagBuckets } from "../../../../src/cache/tagBuckets.ts";
import { NOW } from "./call.ts";
import { sharedVisits, THINGS } from "./sharedVisits.ts";

const THING = "/things/a";
const BUCKETS = tagBuckets(["thing:a"]);
const [BUCKET = 0] = BUCKETS;

/** The copy that the colo has of it, after these visits. */
async function copyAfter(visits: ReturnType<typeof sharedVisits>, times = 1) {
  for (let nth = 0; nth < times; nth++) await visits.visit(THING);
  const [copy] = visits.colo.held.values();
  if (!copy) throw new Error("nothing was kept");
  return copy;
}

describe("what is kept", () => {
  test("is the answer with its route's windows, from when its load began, and what the load proved", async () => {
    expect(await copyAfter(sharedVisits())).toEqual({
      schema: expect.any(Number),
      key: "/things/%61",
      status: 200,
      body: '{"id":"a","version":1}',
      hash: expect.stringMatching(/^[0-9a-f]{36}$/),
      buckets: BUCKETS,
      loadedAt: NOW,
      loadMs: 0,
      freshMs: 10_000,
      freshUntil: NOW + 10_000,
      staleUntil: NOW + 70_000,
      errorUntil: NOW + 3_610_000,
      proof: { incarnation: 1, provenThrough: 5, knownThrough: 5, epoch: "1", saw: [] },
    });
  });

  test("of nothing found lives a time of its own, in which it is never old", async () => {
    const visits = sharedVisits();
    visits.state.database = "has nothing";
    const { status, body, freshMs, freshUntil, staleUntil, errorUntil } = await copyAfter(visits);
    expect({ status, body, freshMs, freshUntil, staleUntil, errorUntil }).toEqual({
      status: 404,
      body: "not-found",
      freshMs: 5_000,
      freshUntil: NOW + 5_000,
      staleUntil: NOW + 5_000,
      errorUntil: NOW + 5_000,
    });
  });

  test("is nothing where the load failed", async () => {
    const visits = sharedVisits();
    visits.state.database = "fails";
    expect((await visits.visit(THING)).status).toBe(503);
    expect([visits.colo.held.size, visits.memory.stats().entries]).toEqual([0, 0]);
  });

  test("of a node that could not say what it holds proves nothing", async () => {
    const visits = sharedVisits();
    visits.state.facts = undefined;
    expect((await copyAfter(visits)).proof).toMatchObject({ provenThrough: -1, knownThrough: 5, epoch: "" });
  });
});

test.for([0, 33])("an answer of %s tags is told as the mistake it is, and kept nowhere", async (count) => {
  const tags = () => Array.from({ length: count }, (_, nth) => `t:${nth}`);
  const visits = sharedVisits(
    THINGS.map((each) => (each.shared ? { ...each, shared: { ...each.shared, tags } } : each)),
  );
  const { status, reported } = await visits.visit(THING);
  expect([status, reported]).toEqual([
    500,
    [new Error(`/things/:id: a shared answer has 1 to 32 tags, not ${count}.`)],
  ]);
  expect(visits.colo.held.size).toBe(0);
});

describe("a load", () => {
  test("reads as anybody, and asks for no marks where nothing is live", async () => {
    const visits = sharedVisits();
    await visits.visit(THING);
    expect(visits.state.reads).toEqual([{ freshness: "any", bumps: [] }]);
  });

  test("asks for the marks that its answer may lack, and keeps those that it saw", async () => {
    const visits = sharedVisits();
    const live = { seq: 5, buckets: BUCKETS };
    visits.state.known = {
      live: new Map([
        ["m", live],
        ["other", { seq: 4, buckets: [BUCKET + 1] }],
      ]),
    };
    visits.state.facts = { held: [0], process: "1.1", epoch: "1" };
    expect((await copyAfter(visits)).proof).toMatchObject({ provenThrough: 5, saw: ["m"] });
    expect(visits.state.reads).toEqual([{ freshness: "any", bumps: ["m"] }]);
  });

  test("behind an answer takes it from the primary, where a replica lacks what everybody waits for", async () => {
    const visits = sharedVisits();
    await visits.visit(THING);
    const live = new Map([["m", { seq: 6, buckets: BUCKETS }]]);
    visits.state.known = { seq: 6, live, buckets: { [BUCKET]: 6 } };
    const stale = await visits.visit(THING);
    expect(stale.headers.get("cache-status")).toContain("detail=refreshing");
    expect(visits.state.reads.slice(1)).toEqual([
      { freshness: "any", bumps: ["m"] },
      { freshness: "strict", bumps: ["m"] },
    ]);
  });

  test("for who is owed writes reads as a session, and asks for those alone that touch it", async () => {
    const visits = sharedVisits();
    visits.state.owed = [
      { id: "mine", seq: 0, incarnation: 0, epoch: "1", at: NOW, buckets: BUCKETS },
      { id: "elsewhere", seq: 0, incarnation: 0, epoch: "1", at: NOW, buckets: [BUCKET + 1] },
    ];
    visits.state.facts = { held: [0], process: "1.1", epoch: "1" };
    expect((await copyAfter(visits)).proof.saw).toEqual(["mine"]);
    expect(visits.state.reads).toEqual([{ freshness: "session", bumps: ["mine"] }]);
  });
});

describe("the next lifetime", () => {
  const bump = ({ state }: ReturnType<typeof sharedVisits>) => {
    state.version++;
    state.known = { seq: 6, buckets: { [BUCKET]: 6 } };
  };

  test("is learnt from no answer of nothing", async () => {
    const visits = sharedVisits();
    visits.state.database = "has nothing";
    await visits.visit(THING);
    visits.state.now += 5_000;
    visits.state.database = "answers";
    expect((await copyAfter(visits)).freshMs).toBe(10_000);
  });

  test("is half as long again after the same answer; then halved where nobody announced a change, kept where a write did", async () => {
    for (const [meanwhile, expected] of [
      [({ state }: ReturnType<typeof sharedVisits>) => void state.version++, 10_000],
      [bump, 15_000],
    ] as const) {
      const visits = sharedVisits();
      await visits.visit(THING);
      visits.state.now += 70_001;
      expect((await copyAfter(visits)).freshMs).toBe(15_000);
      visits.state.now += 80_000;
      meanwhile(visits);
      await visits.visit(THING);
      expect([...visits.colo.held.values()][0]?.freshMs).toBe(expected);
    }
  });
});
