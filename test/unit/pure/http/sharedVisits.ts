import * as z from "zod/mini";
import type { BumpKnowledge } from "../../../../src/cache/bumpKnowledge.ts";
import type { FillFacts } from "../../../../src/cache/fillFacts.ts";
import type { Owed } from "../../../../src/cache/owed.ts";
import { SharedCache } from "../../../../src/cache/sharedCache.ts";
import { MemoryTier } from "../../../../src/cache/tiers/memoryTier.ts";
import type { Database, ReadOptions } from "../../../../src/database/database.ts";
import { DatabaseError } from "../../../../src/database/errors.ts";
import { failureOf } from "../../../../src/http/failureOf.ts";
import { ProblemError } from "../../../../src/http/problem.ts";
import type { Route } from "../../../../src/http/route.ts";
import type { SharedAsk, SharedDoor } from "../../../../src/http/sharedDoor.ts";
import { knowledge } from "../cache/knowledge.ts";
import { MapTier } from "../cache/sharedBed.ts";
import { type Asking, call, NOW, type Reply, route } from "./call.ts";

const POLICY = {
  fresh: { floor: 10, ceiling: 40 },
  staleWhileRevalidate: 60,
  staleIfError: 3_600,
  negative: 5,
};

/** A thing by its id, which everybody is shown; and what one account sees beside it. */
export const THINGS: readonly Route[] = [
  route({
    method: "GET",
    path: "/things/:id",
    summary: "",
    access: "anonymous",
    params: z.object({ id: z.string().check(z.regex(/^[\w.-]+$/)) }),
    answers: { 200: z.unknown() },
    problems: ["not-found"],
    shared: {
      ...POLICY,
      tags: ({ params }) => [`thing:${params.id}`],
      answer: async ({ database, params }) => {
        const { rows } = await database.read({ name: "things.one", text: "SELECT", values: [params.id] });
        if (rows.length === 0) throw new ProblemError("not-found");
        return { status: 200, body: rows[0] };
      },
    },
  }),
  route({
    method: "GET",
    path: "/seen/:id",
    summary: "",
    access: "optional",
    params: z.object({ id: z.string() }),
    answers: { 200: z.unknown() },
    shared: {
      ...POLICY,
      tags: () => ["seen"],
      answer: async () => ({ status: 200 as const, body: { who: "anybody" } }),
    },
    handle: ({ account }) => ({ status: 200, body: { who: account?.id ?? "nobody" } }),
  }),
  route({
    method: "GET",
    path: "/me",
    summary: "",
    access: "signed-in",
    answers: { 200: z.unknown() },
    handle: ({ account }) => ({ status: 200, body: { who: account.id } }),
  }),
];

/** Visits to one isolate that shares answers, with a clock that is moved and a database that can be told what it says. */
export function sharedVisits(routes: readonly Route[] = THINGS) {
  const state = {
    now: NOW,
    version: 1,
    mayRead: true,
    database: "answers" as "answers" | "has nothing" | "has no primary" | "has a bug" | "fails",
    known: {} as Partial<BumpKnowledge> & Parameters<typeof knowledge>[0],
    facts: { held: [], process: "1.1", epoch: "1", isPrimary: false } as FillFacts | undefined,
    /** Of the nth read, from 1, where they differ. */
    factsOf: undefined as ((nth: number) => FillFacts) | undefined,
    owed: [] as Owed[],
    /** How each read was asked for. */
    reads: [] as (ReadOptions | undefined)[],
  };
  const work: Promise<unknown>[] = [];
  const [memory, colo, kv] = [new MemoryTier(), new MapTier("colo"), new MapTier("kv")];
  const known = () => knowledge(state.known);
  const telemetry = {
    shared: () => {},
    sharedMiss: () => {},
    tierRead: () => {},
    refreshed: () => {},
    leaseless: () => {},
    sharedObserved: () => {},
    audited: () => undefined,
    servedAge: () => undefined,
    servedBytes: () => undefined,
  };
  const door: SharedDoor = {
    cache: new SharedCache({
      memory,
      farther: [colo, kv],
      known,
      mayRead: () => state.mayRead,
      recoveryRatePerS: () => undefined,
      random: () => 0.5,
      lease: async () => undefined,
      publish: async () => undefined,
      failureOf,
      telemetry,
      wanted: () => {},
      waited: () => {},
      isAudited: () => false,
      mismatched: () => undefined,
    }),
    known,
    acts: true,
    sleep: () => new Promise(() => {}),
    random: () => 0,
  };
  const unused = () => Promise.reject(new Error("nobody writes here"));
  const database: Database = {
    read: async (query, options) => {
      state.reads.push(options);
      if (state.database === "has a bug") throw new TypeError("a bug");
      const isAway = state.database === "has no primary" && options?.freshness === "strict";
      if (state.database === "fails" || isAway) throw new DatabaseError("unavailable", "no node answered");
      const rows = state.database === "has nothing" ? [] : [{ id: query.values[0], version: state.version }];
      return {
        rows: rows as never[],
        route: { node: "b", reason: "any", ageMs: 0 },
        fill: state.factsOf?.(state.reads.length) ?? state.facts,
      };
    },
    write: unused,
    claim: unused,
    mark: unused,
    routes: [],
    timings: [],
  };
  const visit = async (path: string, { services, ...asking }: Asking = {}): Promise<Reply> => {
    const reply = await call(routes, path, {
      ...asking,
      services: {
        database,
        shared: door,
        now: () => state.now,
        waitUntil: (each) => void work.push(each),
        owed: () => state.owed,
        ...services,
      },
    });
    await Promise.allSettled(work.splice(0)); // what goes on behind the answer
    return reply;
  };
  /** One request of the cache for the route's answer, whatever way a visitor's would take. */
  const ask = (path: string): SharedAsk => {
    const [, id = ""] = /^\/things\/(.+)$/.exec(path) ?? [];
    const [route] = routes;
    if (!route?.shared) throw new Error("it shares nothing");
    const { shared } = route;
    const waitUntil = (each: Promise<unknown>) => void work.push(each);
    const asker = { database, now: () => state.now, waitUntil, freshness: "any" as const, owed: state.owed };
    return { key: path, route, shared, params: { id }, query: {}, ...asker };
  };
  return { state, door, memory, colo, kv, visit, ask };
}
