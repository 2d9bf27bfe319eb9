import { afterEach, describe, expect, test, vi } from "vitest";
import { query } from "../../../../src/database/query.ts";
import { read } from "../../../../src/database/read.ts";
import type { ReplicasPart } from "../../../../src/rpc/parts.ts";
import { answerOf, bed, errorOf, failure, PRIMARY, REPLICA, type Script } from "./bed.ts";

const films = query<{ id: number }>("films.list", "SELECT id FROM films");
const BOUND_MS = 5_000;

type Node = ReplicasPart["nodes"][number];
const node = (name: string, role: Node["role"], lagBoundMs: number | null, isOut = false): Node => ({
  node: name,
  role,
  lagBoundMs,
  position: null,
  latencyMs: null,
  generation: null,
  reasons: [],
  isOut,
});

function boundedBed(nodes: readonly Node[], script: Partial<Script> = {}, ageMs = 0) {
  const made = bed({ roles: { p: PRIMARY, a: REPLICA, b: REPLICA }, ...script });
  const replicas: ReplicasPart = {
    incarnation: 1,
    epoch: 1,
    version: 1,
    ageMs,
    primary: "p",
    databaseEpoch: "1",
    newestEpoch: "1",
    trouble: null,
    sampleAgeMs: 0,
    minProvableBoundMs: null,
    nodes: [...nodes],
  };
  made.state.view.adopt({ replicas }, 0, Date.now());
  made.state.heardMap(Date.now());
  return made;
}

const P = node("p", "primary", 0);
const bounded = { freshness: { boundedMs: BOUND_MS } };

afterEach(() => {
  vi.useRealTimers();
});

describe("a bounded read", () => {
  test.for<[string, readonly Node[], number, string]>([
    ["a replica that is proven to be near enough", [P, node("a", "replica", 4_000)], 0, "a"],
    ["the one of two that is", [P, node("a", "replica", 6_000), node("b", "replica", 100)], 0, "b"],
    ["one on the bound", [P, node("a", "replica", BOUND_MS)], 0, "a"],
    ["the primary where none is", [P, node("a", "replica", 6_000)], 0, "p"],
    ["the primary where that was said too long ago", [P, node("a", "replica", 4_000)], 1_001, "p"],
    ["the primary where nothing is proven", [P, node("a", "replica", null)], 0, "p"],
    ["the primary where the replica is out of rotation", [P, node("a", "replica", 0, true)], 0, "p"],
    ["no node of unknown role", [P, node("a", "unknown", 0)], 0, "p"],
  ])("asks %s", async ([, nodes, ageMs, asked]) => {
    const made = boundedBed(nodes, {}, ageMs);
    const { route } = await answerOf(read(made.scope, films, bounded));
    expect([route.node, route.reason]).toEqual([asked, "bounded"]);
    expect(made.sent.map(({ node }) => node)).toEqual([asked]);
    const counters = made.state.instruments.ledger.take()?.counters ?? [];
    const atPrimary = counters.find(({ metric }) => metric === "breakwater_database_bounded_at_primary_total");
    expect(atPrimary?.series).toEqual(asked === "p" ? [[[], 1]] : undefined);
  });

  test("asks the primary where the world says nothing", async () => {
    const made = bed({ roles: { p: PRIMARY, a: REPLICA } });
    expect((await answerOf(read(made.scope, films, bounded))).route).toMatchObject({ node: "p", reason: "bounded" });
  });

  test("asks the primary where the bounds are those of an older epoch than was met here", async () => {
    const made = boundedBed([P, node("a", "replica", 0)]);
    made.state.topology = { ...made.state.topology, newestEpoch: "2" };
    expect((await answerOf(read(made.scope, films, bounded))).route.node).toBe("p");
  });

  test("goes on to another that is proven, then to the primary, and to nobody else", async () => {
    const nodes = [P, node("a", "replica", 100), node("b", "replica", 9_000)];
    const made = boundedBed(nodes, { reply: ({ node }) => (node === "a" ? failure("connection") : []) });
    await answerOf(read(made.scope, films, bounded));
    expect(made.sent.map(({ node }) => node)).toEqual(["a", "p"]);
  });

  test("is refused where nobody proves it and the primary is gone", async () => {
    const made = boundedBed([P, node("a", "replica", 9_000)], {
      roles: { p: failure("connect"), a: REPLICA, b: REPLICA },
      reply: () => failure("connect"),
    });
    expect((await errorOf(read(made.scope, films, bounded))).code).toBe("unavailable");
    expect(made.sent.every(({ node }) => node === "p")).toBe(true);
  });

  test("makes the world look at its nodes", async () => {
    const made = boundedBed([P, node("a", "replica", 0)]);
    await answerOf(read(made.scope, films, bounded));
    expect(made.state.ledger.take(Date.now()).bounded).toBe(true);
  });

  test("draws on what the world may send the primary in place of its replicas", async () => {
    const made = boundedBed([P, node("a", "replica", 9_000)]);
    made.state.gates.spillReadsPerS = 0;
    expect(await errorOf(read(made.scope, films, bounded))).toMatchObject({ code: "unavailable", retryAfterMs: 1_000 });
    expect(made.sent).toEqual([]);
  });
});
