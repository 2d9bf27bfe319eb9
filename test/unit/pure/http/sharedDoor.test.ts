import { describe, expect, test } from "vitest";
import { tagBuckets } from "../../../../src/cache/tagBuckets.ts";
import { sharedRequest } from "../../../../src/http/sharedDoor.ts";
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

  test("of nothing found is given for a time of its own, and lies longer, in the place of older copies", async () => {
    const visits = sharedVisits();
    visits.state.database = "has nothing";
    const { status, body, freshMs, freshUntil, staleUntil, errorUntil, maskUntil } = await copyAfter(visits);
    expect({ status, body, freshMs, freshUntil, staleUntil, errorUntil, maskUntil }).toEqual({
      status: 404,
      body: "not-found",
      freshMs: 5_000,
      freshUntil: NOW + 5_000,
      staleUntil: NOW + 5_000,
      errorUntil: NOW + 5_000,
      maskUntil: NOW + 150_000,
    });
  });

  test("of what is gone lies for as long as its copy could have been given, also where the route keeps no such answer", async () => {
    for (const negative of [5, 0]) {
      const visits = sharedVisits();
      const before = await copyAfter(visits);
      visits.state.database = "has nothing";
      visits.state.now += 1_000;
      const ask = visits.ask(THING);
      const request = sharedRequest(visits.door, { ...ask, shared: { ...ask.shared, negative } });
      const { status, body, freshUntil, errorUntil, maskUntil } = await request.load({ as: "proven", before });
      const until = NOW + 1_000 + negative * 1_000;
      expect([status, body, freshUntil, errorUntil]).toEqual([404, "not-found", until, until]);
      expect(maskUntil).toBe(before.errorUntil);
    }
  });

  test("is nothing where nothing was found, nothing lay there, and the route keeps no such answer", async () => {
    const visits = sharedVisits();
    visits.state.database = "has nothing";
    const ask = visits.ask(THING);
    const request = sharedRequest(visits.door, { ...ask, shared: { ...ask.shared, negative: 0 } });
    await expect(request.load({ as: "any", before: undefined })).rejects.toThrow("not-found");
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
    visits.state.facts = { held: [0], process: "1.1", epoch: "1", isPrimary: false };
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

  const lacking = async () => {
    const visits = sharedVisits();
    await visits.visit(THING);
    visits.state.known = { seq: 6, live: new Map([["m", { seq: 6, buckets: BUCKETS }]]), buckets: { [BUCKET]: 6 } };
    visits.state.reads = [];
    return visits;
  };

  test.for([
    ["of the primary, which would say the same again", [true], 1],
    ["of a replica", [false], 2],
    ["of both", [true, false], 4],
  ] as const)("behind an answer proves nothing, and asks the primary but where all was %s", async ([, by, reads]) => {
    const visits = await lacking();
    const ask = visits.ask(THING);
    const answer: typeof ask.shared.answer = async (context) => {
      for (const _ of by.slice(1)) await ask.shared.answer(context);
      return ask.shared.answer(context);
    };
    const isPrimary = (nth: number) => by[(nth - 1) % by.length] ?? false;
    visits.state.factsOf = (nth) => ({ held: [], process: "2.1", epoch: "1", isPrimary: isPrimary(nth) });
    const request = sharedRequest(visits.door, { ...ask, shared: { ...ask.shared, answer } });
    const entry = await request.load({ as: "proven", before: undefined });
    expect([entry.proof.provenThrough, visits.state.reads.length]).toEqual([-1, reads]);
  });

  test("behind an answer is what the replica said, unproven, where the primary is away", async () => {
    const visits = sharedVisits();
    await visits.visit(THING);
    const live = new Map([["m", { seq: 6, buckets: BUCKETS }]]);
    visits.state.known = { seq: 6, live, buckets: { [BUCKET]: 6 } };
    visits.state.database = "has no primary";
    const request = sharedRequest(visits.door, visits.ask(THING));
    const entry = await request.load({ as: "proven", before: undefined });
    expect([entry.body, entry.proof.provenThrough]).toEqual(['{"id":"a","version":1}', -1]);
    expect(visits.state.reads.slice(1).map((read) => read?.freshness)).toEqual(["any", "strict"]);
  });

  test.for([
    ["any", 0, "strict"],
    ["owed", 119_999, "strict"],
    ["proven", 119_999, "strict"],
    ["any", 120_000, "any"],
  ] as const)("as %s, %i ms after a hard purge, reads %s", async ([as, ms, freshness]) => {
    const visits = sharedVisits();
    visits.state.known = { seq: NOW, buckets: { [BUCKET]: NOW }, purges: { [BUCKET]: NOW } };
    visits.state.now += ms;
    await sharedRequest(visits.door, visits.ask(THING)).load({ as, before: undefined });
    expect(visits.state.reads.map((read) => read?.freshness)).toEqual([freshness]);
  });

  test("of what was found gone is not shown on the word of a replica that may be behind", async () => {
    const visits = sharedVisits();
    visits.state.database = "has nothing";
    const before = await copyAfter(visits);
    visits.state.database = "answers";
    const live = new Map([["m", { seq: 6, buckets: BUCKETS }]]);
    visits.state.known = { seq: 6, live, buckets: { [BUCKET]: 6 } };
    visits.state.reads = [];
    const request = sharedRequest(visits.door, visits.ask(THING));
    expect((await request.load({ as: "any", before })).status).toBe(200);
    expect(visits.state.reads.map((read) => read?.freshness)).toEqual(["any", "strict"]);
    visits.state.database = "has no primary";
    await expect(request.load({ as: "any", before })).rejects.toThrow("no node answered");
    visits.state.facts = { held: [], process: "1.1", epoch: "1", isPrimary: true }; // its own word is enough
    expect((await request.load({ as: "any", before })).status).toBe(200);
  });

  test("a moment after a hard purge is refused while the primary is away, though a replica would answer", async () => {
    const visits = sharedVisits();
    visits.state.known = { seq: NOW, buckets: { [BUCKET]: NOW }, purges: { [BUCKET]: NOW } };
    visits.state.database = "has no primary";
    expect((await visits.visit(THING)).status).toBe(503);
  });

  test("for who is owed writes reads as a session, and asks for those alone that touch it", async () => {
    const visits = sharedVisits();
    visits.state.owed = [
      { id: "mine", seq: 0, incarnation: 0, epoch: "1", at: NOW, buckets: BUCKETS },
      { id: "elsewhere", seq: 0, incarnation: 0, epoch: "1", at: NOW, buckets: [BUCKET + 1] },
    ];
    visits.state.facts = { held: [0], process: "1.1", epoch: "1", isPrimary: false };
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
