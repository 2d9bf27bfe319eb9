import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MAX_VIEW_AGE_MS } from "../../../../src/cache/constants.ts";
import type { CopyStore } from "../../../../src/cache/tiers/cacheApi.ts";
import { firstWord } from "../../../../src/exchange/firstWord.ts";
import { EXCHANGE_DEADLINE_MS } from "../../../../src/rpc/constants.ts";
import type { BumpsPart } from "../../../../src/rpc/parts.ts";
import { entryOf, NOW } from "../cache/entries.ts";
import { MapTier, sharedBed } from "../cache/sharedBed.ts";
import { Bed } from "./bed.ts";
import { breakerPart, bumpsPart } from "./parts.ts";

const BUCKET = 1;
const SEQ = NOW - 1_000;
const QUIET: Partial<BumpsPart> = { seq: SEQ, version: SEQ, databaseEpoch: "1" };
const PURGED: Partial<BumpsPart> = { ...QUIET, buckets: [[BUCKET, SEQ]], purged: [[BUCKET, SEQ]] };

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** An entry that was loaded before the purge, fresh as far as its times go. */
const OLD = entryOf({
  loadedAt: NOW - 1_500,
  proof: { incarnation: 1, provenThrough: SEQ - 1, knownThrough: SEQ - 1, epoch: "1" },
});

/** An isolate with an exchange of its own, and copies of others in its colo. */
function isolate({ store, held = [OLD] }: { store?: CopyStore; held?: (typeof OLD)[] } = {}) {
  const bed = new Bed({ ...(store && { store }) });
  const colo = new MapTier("colo");
  for (const entry of held) colo.held.set(entry.key, entry);
  const known = (now: number) => bed.writes.at(now);
  const flight = {
    now: Date.now,
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    waitUntil: bed.waitUntil,
  };
  const hasWord = () => known(Date.now()).ageMs <= MAX_VIEW_AGE_MS;
  const shared = sharedBed({ colo, known, firstWord: (ports) => firstWord(bed.exchange, hasWord, ports) });
  shared.state.seq = SEQ; // what its loads prove
  const given: { as: string; cause: string | undefined; tookMs: number }[] = [];
  /** A visitor's request, from its beginning to what is done behind its answer. */
  const visit = async () => {
    const at = Date.now();
    const { as, cause } = await shared.cache.answer(shared.request({ flight }));
    given.push({ as, cause, tookMs: Date.now() - at });
    bed.request();
  };
  return { bed, colo, shared, given, visit };
}

const says = (bed: Bed, part: Partial<BumpsPart>, afterMs = 300) => {
  bed.behave = () => ({ reply: { parts: { bumps: bumpsPart(part) } }, afterMs });
};

describe("an isolate that has no word of bumps", () => {
  test("gives no copy that was purged for good: the copy waits for the first exchange", async () => {
    const { bed, given, visit } = isolate();
    says(bed, PURGED);
    visit();
    await pass(299);
    expect([given, bed.sent.length]).toEqual([[], 1]);
    await pass(1);
    expect(given).toEqual([{ as: "loaded", cause: "purged", tookMs: 300 }]);
  });

  test("gives a copy that nothing speaks against, once the word is there", async () => {
    const { bed, given, visit } = isolate();
    says(bed, QUIET);
    visit();
    await pass(300);
    expect(given).toEqual([{ as: "fresh", cause: undefined, tookMs: 300 }]);
  });

  test("waits for the exchange that another request began, by looking", async () => {
    const { bed, given, visit } = isolate();
    says(bed, PURGED);
    visit();
    await pass(100);
    visit();
    await pass(220);
    expect(given.map(({ as, cause }) => [as, cause])).toEqual([
      ["loaded", "purged"],
      ["fresh", undefined], // what the first one loaded
    ]);
    expect(bed.sent).toHaveLength(1);
  });

  test("takes a neighbour's, without a call", async () => {
    const kept = new Map<string, string>();
    const store: CopyStore = {
      match: async (key) => (kept.has(key) ? new Response(kept.get(key)) : undefined),
      put: async (key, response) => void kept.set(key, await response.text()),
    };
    const neighbour = isolate({ store, held: [] });
    neighbour.bed.behave = () => ({ reply: { parts: { breaker: breakerPart(), bumps: bumpsPart(PURGED) } } });
    neighbour.visit();
    await pass(200);
    expect(kept.size).toBe(1);
    const { bed, shared, given } = isolate({ store });
    const answer = shared.cache.answer(
      shared.request({ flight: { now: Date.now, sleep: (ms) => pass(ms).then(() => {}), waitUntil: bed.waitUntil } }),
    );
    await pass(0);
    expect([(await answer).cause, bed.sent, given]).toEqual(["purged", [], []]);
  });

  test.each([
    ["fails", (bed: Bed) => (bed.behave = () => ({ trouble: "failed", afterMs: 50 })), 50],
    ["does not answer", (bed: Bed) => (bed.behave = () => ({ reply: {}, afterMs: 60_000 })), EXCHANGE_DEADLINE_MS],
    ["never ends", (bed: Bed) => (bed.behave = () => "died"), EXCHANGE_DEADLINE_MS],
    ["brings no word of bumps", (bed: Bed) => (bed.behave = () => ({ reply: {}, afterMs: 50 })), 50],
  ])("gives the copy blindly where that exchange %s", async (_what, behaves, tookMs) => {
    const { bed, given, visit } = isolate();
    behaves(bed);
    visit();
    await pass(tookMs);
    // By its lifetime alone, as wherever nothing is heard.
    expect(given).toEqual([{ as: tookMs < 500 ? "fresh" : "stale", cause: undefined, tookMs }]);
  });

  test("does not wait again after an exchange without a word", async () => {
    const { bed, colo, given, shared, visit } = isolate();
    bed.behave = () => ({ reply: {}, afterMs: 50 });
    visit();
    await pass(50);
    shared.memory.drop(OLD.key);
    visit();
    await pass(0);
    expect([given[1]?.tookMs, bed.sent.length, colo.reads]).toEqual([0, 1, 2]);
  });

  test("waits as well when it was asked for nothing in the time that a word holds", async () => {
    const { bed, colo, given, shared, visit } = isolate({ held: [] });
    says(bed, QUIET);
    visit();
    await pass(MAX_VIEW_AGE_MS + 30_000);
    shared.memory.drop(OLD.key);
    colo.held.set(OLD.key, { ...OLD, freshUntil: Date.now() + 60_000, errorUntil: Date.now() + 90_000 });
    const seq = SEQ + 1;
    shared.state.seq = seq;
    says(bed, { ...PURGED, seq, version: seq, purged: [[BUCKET, seq]] });
    visit();
    await pass(300);
    expect(given[1]).toEqual({ as: "loaded", cause: "purged", tookMs: 300 });
  });

  test("calls nobody for what lies in its memory, and waits for nobody before a load", async () => {
    const { bed, given, visit } = isolate({ held: [] });
    says(bed, QUIET);
    visit();
    await pass(0);
    expect(given).toEqual([{ as: "loaded", cause: "cold", tookMs: 0 }]);
    visit();
    await pass(0);
    expect([given[1]?.as, bed.sent.length]).toEqual(["fresh", 1]);
  });
});

test("a copy farther away that was loaded after the purge is given instead", async () => {
  const { bed, shared, given, visit } = isolate();
  const since = entryOf({
    loadedAt: NOW - 500,
    hash: "new",
    proof: { ...OLD.proof, provenThrough: SEQ, knownThrough: SEQ },
  });
  shared.kv.held.set(since.key, since);
  says(bed, PURGED);
  visit();
  await pass(300);
  expect(given).toMatchObject([{ as: "fresh", tookMs: 300 }]);
  expect([shared.memory.peek(since.key, Date.now())?.hash, shared.state.loads]).toEqual(["new", []]);
});
