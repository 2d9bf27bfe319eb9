import { expect, test, vi } from "vitest";
import { DatabaseState } from "../../../src/database/databaseState.ts";
import { ObjectAccess } from "../../../src/exchange/objectAccess.ts";
import type { IsolateState } from "../../../src/isolate.ts";
import { openExchange } from "../../../src/openExchange.ts";
import type { ObjectBindings } from "../../../src/rpc/stubs.ts";
import { replicasPart } from "./exchange/parts.ts";

const MAP = replicasPart({ primary: "b", databaseEpoch: "2", newestEpoch: "2", sampleAgeMs: 0 });

/** An isolate whose Collector says that b is the primary, in this mode of the replicas' part. */
async function heardIn(replicas: "observe" | "on") {
  const reply = JSON.stringify({ wire: 1, ack: 1, parts: { replicas: MAP }, nextInMs: 5_000, shards: 1 });
  const collector = { exchange: vi.fn(async () => reply) };
  const objects = new ObjectAccess({ COLLECTOR: { getByName: () => collector } } as unknown as ObjectBindings, "enam");
  const open = () => {
    throw new Error("no node is asked here");
  };
  const database = new DatabaseState(["a", "b"].map((name) => ({ name, maySleep: false, open })));
  const config = { mode: "on", modes: { breaker: "on", replicas, cache: "on" }, environment: "test" };
  const { instruments } = database;
  const state = { config, database, instruments, objects, checksInFlight: new Map() };
  // The parts that an exchange needs; the rest of an isolate is not needed here.
  const exchange = openExchange(state as unknown as IsolateState & { objects: ObjectAccess }, undefined, "enam");
  const behind: Promise<unknown>[] = [];
  expect(await exchange.exchangeNow(1_000, (work) => behind.push(work))).toBe(true);
  await Promise.all(behind);
  return database;
}

test("the world's map says where the primary is", async () => {
  expect((await heardIn("on")).topology.primary).toBe("b");
});

test("in mode observe it is held, and moves no request", async () => {
  const { topology, view } = await heardIn("observe");
  expect([topology.primary, view.replicas?.part.primary]).toEqual([undefined, "b"]);
});
