import { afterEach, describe, expect, test, vi } from "vitest";
import { OPEN_AFTER_RUN } from "../../../../src/breaker/constants.ts";
import { query } from "../../../../src/database/query.ts";
import { read } from "../../../../src/database/read.ts";
import { RequestScope } from "../../../../src/database/requestScope.ts";
import { Session } from "../../../../src/database/session.ts";
import { answerOf, type Bed, bed, DEADLINE_MS, PRIMARY, type Reply, result, run, type Script, THREE } from "./bed.ts";

const films = query<{ id: number }>("films.list", "SELECT id FROM films");
const RATE = 10;
/** What is saved up is two: a fifth of a second. */
const SAVED = 2;

/** A bed whose map is known; the isolates of the world are so many. */
function spillBed(
  reply: Script["reply"],
  { reporters = 1, ...script }: Partial<Script> & { reporters?: number } = {},
): Bed {
  const made = bed({ roles: { ...THREE }, ...script, ...(reply && { reply }) });
  made.state.gates.spillReadsPerS = RATE;
  const breaker = { incarnation: 1, epoch: 1, version: 0, ageMs: 0, reporters, health: [], nodes: [] };
  made.state.view.adopt({ breaker }, 0, Date.now());
  made.state.topology = {
    ...made.state.topology,
    primary: "p",
    epoch: "1",
    askedAt: Date.now(),
    roles: new Map([
      ["p", "primary"],
      ["a", "replica"],
      ["b", "replica"],
    ]),
  };
  return made;
}

/** So many reads, at once; how many were answered, and what the others were told. */
async function ask({ state, scope: { options } }: Bed, times: number) {
  const told: unknown[] = [];
  const scope = new RequestScope(state, { ...options, deadline: { at: Date.now() + DEADLINE_MS } });
  for (let count = 0; count < times; count++) {
    const ended = await run(read(scope, films));
    if ("error" in ended) told.push(ended.error);
  }
  return { answered: times - told.length, told };
}

function open({ state }: Bed, ...nodes: readonly string[]): void {
  for (const node of nodes) {
    for (let count = 0; count < OPEN_AFTER_RUN; count++) {
      state.observe(node, { failure: "infrastructure", kind: "read", now: Date.now() });
    }
  }
}

function refusals({ state }: Bed): unknown {
  const families = state.instruments.ledger.take()?.counters ?? [];
  return families.find(({ metric }) => metric === "breakwater_database_refusals_total")?.series;
}

afterEach(() => {
  vi.useRealTimers();
});

describe("reads that only the primary can answer", () => {
  test("are as many as the world may send it; the others are told when to come back, and counted", async () => {
    const made = spillBed(undefined);
    open(made, "a", "b");
    const { answered, told } = await ask(made, 10);
    expect(answered).toBe(SAVED);
    expect(told[0]).toMatchObject({
      code: "unavailable",
      retryAfterMs: 1_000,
      message: expect.stringMatching(/primary/),
    });
    expect(new Set(made.sent.map(({ node }) => node))).toEqual(new Set(["p"]));
    expect(refusals(made)).toEqual([[["spill"], 10 - SAVED]]);
  });

  test("are a share of that for each isolate of many", async () => {
    const made = spillBed(undefined, { reporters: 20 });
    open(made, "a", "b");
    let answered = 0;
    for (let second = 0; second < 60; second++) {
      answered += (await ask(made, 1)).answered;
      await vi.advanceTimersByTimeAsync(1_000);
      open(made, "a", "b");
    }
    expect(answered).toBeGreaterThan(0.4 * 60);
    expect(answered).toBeLessThanOrEqual(0.5 * 60 + 1);
  });

  test("come again with the time", async () => {
    const made = spillBed(undefined);
    open(made, "a", "b");
    await ask(made, 10);
    await vi.advanceTimersByTimeAsync(100);
    expect((await ask(made, 10)).answered).toBe(1);
  });

  test.for<[string, Partial<Script>]>([
    ["where it is the only node there is", { roles: { p: PRIMARY } }],
    ["where reads are not routed", { mode: "observe" }],
    ["where Breakwater is off", { mode: "off" }],
  ])("are not bounded %s", async ([, script]) => {
    const made = spillBed(undefined, script);
    expect((await ask(made, 30)).answered).toBe(30);
  });

  test("are sent to a doubtful replica where the primary may be asked no more", async () => {
    const made = spillBed(undefined);
    for (const node of ["a", "b"]) made.state.observe(node, { failure: "slow", kind: "read", now: Date.now() });
    expect((await ask(made, 10)).answered).toBe(10);
    expect(made.sent.filter(({ node }) => node === "p")).toHaveLength(SAVED);
  });

  test("count as retries too where a replica failed them first", async () => {
    const made = spillBed(({ node }) => (node === "p" ? result() : new Error("no")), { breakerMode: "observe" });
    made.state.gates.spillReadsPerS = 10_000;
    await ask(made, 40);
    expect(made.sent.filter(({ node }) => node === "p").length).toBeGreaterThan(10);
  });
});

describe("a session's reads that no replica can prove", () => {
  const MARK = { id: "01999999-0000-7000-8000-00000000000a", epoch: "1" };
  const proof = (own: number, standby: boolean): Reply =>
    result(["bw_proof", "bw_row", "id"], [`${own << 1} 9 9 g  ${standby ? "t" : "f"} 1:`, true, 7]);

  test("are as many at the primary as the world may send it, and refused for that", async () => {
    const made = spillBed(({ node }) => proof(node === "p" ? 1 : 0, node !== "p"));
    made.state.gates.spillReadsPerS = 0;
    const session = new Session({ marks: [MARK], seen: null });
    const scope = new RequestScope(made.state, { ...made.scope.options, session });
    const ended = await run(read(scope, films));
    expect(ended).toMatchObject({ error: { code: "unavailable", message: expect.stringMatching(/primary/) } });
    expect(refusals(made)).toEqual([[["spill"], 1]]);
    expect(made.sent.every(({ node }) => node !== "p")).toBe(true);
    made.state.gates.spillReadsPerS = 1_000;
    await vi.advanceTimersByTimeAsync(1_000);
    const again = new RequestScope(made.state, {
      ...made.scope.options,
      deadline: { at: Date.now() + 3_000 },
      session: new Session({ marks: [MARK], seen: null }),
    });
    expect((await answerOf(read(again, films))).route).toMatchObject({ node: "p", reason: "spill" });
  });
});
