import { expect, test } from "vitest";
import { writeEnvelope } from "../../../src/cache/envelope.ts";
import { MissCosts } from "../../../src/cache/missCosts.ts";
import type { SharedRequest } from "../../../src/cache/sharedRequest.ts";
import { DatabaseState } from "../../../src/database/databaseState.ts";
import { ObjectAccess } from "../../../src/exchange/objectAccess.ts";
import type { IsolateState } from "../../../src/isolate.ts";
import { openExchange } from "../../../src/openExchange.ts";
import { openShared } from "../../../src/openShared.ts";
import type { ObjectBindings } from "../../../src/rpc/stubs.ts";
import { entryOf } from "./cache/entries.ts";
import { bumpsPart } from "./exchange/parts.ts";

/** What a new isolate gives of a copy in KV, where its Collector tells of this purge, or of none. */
async function givenBy(purged: [number, number][]) {
  const loadedAt = Date.now() - 1_000;
  const copy = entryOf({ loadedAt, proof: { provenThrough: 5, knownThrough: 5 } });
  const bumps = bumpsPart({ seq: 9, version: 9, databaseEpoch: "1", purged });
  const reply = JSON.stringify({ wire: 1, ack: 1, parts: { bumps }, nextInMs: 5_000, shards: 1 });
  let calls = 0;
  const exchange = async () => {
    calls++;
    return reply;
  };
  const objects = new ObjectAccess(
    { COLLECTOR: { getByName: () => ({ exchange }) } } as unknown as ObjectBindings,
    "enam",
  );
  const open = () => {
    throw new Error("no node is asked here");
  };
  const database = new DatabaseState([{ name: "a", maySleep: false, open }]);
  const config = {
    mode: "on",
    modes: { breaker: "on", replicas: "on", cache: "on" },
    environment: "test",
    cacheKvWritesADay: 0,
    cacheAuditOneIn: 0,
  };
  const { instruments } = database;
  // The parts of an isolate that its shared answers need.
  const state = { config, database, instruments, objects } as unknown as IsolateState & { objects: ObjectAccess };
  const talk = openExchange(state, undefined, "enam");
  const kv = { get: async () => writeEnvelope(copy) ?? null, put: async () => undefined };
  const shared = openShared(
    { ...state, exchange: talk },
    { colo: undefined, kv },
    { hit: () => undefined },
    new MissCosts(),
  );
  const behind: Promise<unknown>[] = [];
  const request: SharedRequest = {
    key: copy.key,
    route: copy.key,
    policy: { fresh: { floor: 10, ceiling: 60 }, staleWhileRevalidate: 60, staleIfError: 3_600 },
    buckets: copy.buckets,
    owed: [],
    load: async () => entryOf({ hash: "loaded", loadedAt: Date.now(), proof: { provenThrough: 9, knownThrough: 9 } }),
    flight: {
      now: Date.now,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      waitUntil: (work) => void behind.push(work),
    },
  };
  const given = await shared?.door.cache.answer(request);
  return { hash: given?.entry.hash, cause: given?.cause, calls };
}

test("a new isolate's copies are judged by the world's first word: one that was purged for good is not given", async () => {
  expect(await givenBy([[1, 8]])).toEqual({ hash: "loaded", cause: "purged", calls: 1 });
  expect(await givenBy([[2, 8]])).toEqual({ hash: "h0", cause: undefined, calls: 1 });
});
