import { afterEach, describe, expect, test, vi } from "vitest";
import { MAX_IN_FLIGHT, PERMIT_MS } from "../../../../src/breaker/admission/constants.ts";
import { OPEN_AFTER_RUN } from "../../../../src/breaker/constants.ts";
import type { Query } from "../../../../src/database/query.ts";
import { read } from "../../../../src/database/read.ts";
import { sampleQuestion } from "../../../../src/database/statements.ts";
import { write } from "../../../../src/database/write.ts";
import { answerOf, type Bed, bed, errorOf, failure, PRIMARY, type Reply, result, run, sqlError, THREE } from "./bed.ts";

const QUERY: Query = { name: "test.any", text: "SELECT 1", values: [] };
const MS = 900;

afterEach(() => {
  vi.useRealTimers();
});

const asker = { breakerMode: "on", now: () => Date.now(), random: () => 0.999 } as const;

/** So many attempts leave for the node, and are never heard of again. */
function crowd({ state }: Bed, node: string, count: number): void {
  for (let index = 0; index < count; index++) state.gates.enter(asker, node, "first");
}

/** How many more the node would be sent now. */
function roomAt({ state, scope }: Bed, node: string): number {
  let room = 0;
  while (room < 300 && scope.admission(node).kind === "admitted") {
    state.gates.enter(asker, node, "first");
    room++;
  }
  return room;
}

describe("a node with as many attempts under way as it can bear", () => {
  test("is passed over by reads", async () => {
    const made = bed({ roles: { ...THREE } });
    crowd(made, "a", MAX_IN_FLIGHT);
    for (let index = 0; index < 10; index++) await answerOf(read(made.scope, QUERY));
    expect(new Set(made.sent.map(({ node }) => node))).toEqual(new Set(["b"]));
  });

  test("is sent no write, and the client is told when to come back", async () => {
    const made = bed({ roles: { ...THREE } });
    await answerOf(write(made.scope, [QUERY], { tags: [] }));
    crowd(made, "p", MAX_IN_FLIGHT);
    const error = await errorOf(write(made.scope, [QUERY], { tags: [] }));
    expect(error).toMatchObject({ code: "unavailable", retryAfterMs: 1_000 });
    expect(made.sent).toHaveLength(1);
  });

  test("is sent them all the same where the breaker only observes", async () => {
    const made = bed({ roles: { ...THREE }, breakerMode: "observe" });
    for (const node of ["p", "a", "b"]) crowd(made, node, MAX_IN_FLIGHT);
    expect(made.scope.admission("p")).toMatchObject({ kind: "admitted", would: "in-flight" });
    await answerOf(read(made.scope, QUERY));
    expect(made.sent).toHaveLength(1);
    const families = made.state.instruments.ledger.take()?.counters ?? [];
    const would = families.find(({ metric }) => metric === "breakwater_database_would_refuse_total");
    expect(would?.series).toEqual([[["in-flight"], 1]]);
  });

  test("is sent them again once the permits of those that died have returned", async () => {
    const made = bed({ roles: { p: PRIMARY } });
    crowd(made, "p", MAX_IN_FLIGHT);
    expect((await errorOf(read(made.scope, QUERY))).code).toBe("unavailable");
    await vi.advanceTimersByTimeAsync(PERMIT_MS);
    expect(made.scope.admission("p").kind).toBe("admitted");
  });
});

test.for<[string, Reply, number]>([
  ["an answer", result(), MAX_IN_FLIGHT],
  ["a conflict", sqlError("40001"), MAX_IN_FLIGHT],
  ["the caller's mistake", sqlError("42601"), MAX_IN_FLIGHT],
  ["a wrong password", sqlError("28P01"), MAX_IN_FLIGHT],
  ["another role", sqlError("25006"), MAX_IN_FLIGHT],
  ["a client that left", failure("aborted"), MAX_IN_FLIGHT],
  ["a lost connection", failure("connection"), MAX_IN_FLIGHT * 0.9],
  ["no answer in time", "hang", MAX_IN_FLIGHT * 0.9],
])("after %s the permit is back, and the limit is what that tells", async ([, reply, room]) => {
  const made = bed({ roles: { p: PRIMARY }, reply: () => reply });
  await run(made.scope.query("p", QUERY, MS));
  made.state.breakers.probed("p", true, Date.now() + 10_000, 0); // a wrong password opens it
  made.state.breakers.probed("p", true, Date.now() + 10_000, 0);
  expect(roomAt({ ...made }, "p")).toBe(room);
});

test("an attempt under way has a permit, a question of our own needs none", async () => {
  const made = bed({ roles: { p: "hang" }, reply: () => "hang" });
  crowd(made, "p", MAX_IN_FLIGHT - 1);
  const question = made.scope.question("p", sampleQuestion, MS);
  expect(made.scope.admission("p").kind).toBe("admitted");
  const attempt = made.scope.query("p", QUERY, MS);
  expect(made.scope.admission("p")).toMatchObject({ kind: "refused", reason: "in-flight" });
  const asked = made.scope.question("p", sampleQuestion, MS);
  await run(Promise.all([question, attempt, asked]));
  expect(made.sent).toHaveLength(1);
  expect(made.asked).toHaveLength(2);
});

describe("retries outside the breaker", () => {
  test("are many asks and few attempts: ten reads of a dead node send five, and the rest are told it is open (failsafe)", async () => {
    const made = bed({ roles: { p: PRIMARY }, reply: () => failure("connect") });
    const errors: unknown[] = [];
    for (let index = 0; index < 10; index++) errors.push(await errorOf(read(made.scope, QUERY)));
    expect(made.sent).toHaveLength(OPEN_AFTER_RUN);
    expect(errors.at(-1)).toMatchObject({ code: "unavailable", message: "The database does not answer." });
  });

  test("ask no more where the first try opened the only node", async () => {
    const made = bed({ roles: { p: PRIMARY }, reply: () => failure("connect") });
    for (let index = 1; index < OPEN_AFTER_RUN; index++) {
      made.state.observe("p", { failure: "infrastructure", kind: "read", now: Date.now() });
    }
    expect((await errorOf(read(made.scope, QUERY))).code).toBe("unavailable");
    expect(made.sent).toHaveLength(1);
  });

  test("are not made for a client that left: no further call (cockatiel's defect)", async () => {
    const made = bed({ roles: { ...THREE }, reply: () => failure("aborted") });
    await errorOf(read(made.scope, QUERY));
    expect(made.sent).toHaveLength(1);
  });
});

describe("a retry's floor", () => {
  const worldCounts = ({ state }: Bed, reporters: number) => {
    const breaker = { incarnation: 1, epoch: 1, version: 0, ageMs: 0, reporters, health: [], nodes: [] };
    state.view.adopt({ breaker }, 0, Date.now());
  };

  test.for([
    [undefined, 10],
    [500, 10],
    [2_500, 2],
  ] as const)("with %s isolates in the world is %s a window", ([reporters, floor]) => {
    const made = bed({ roles: { p: PRIMARY } });
    if (reporters !== undefined) worldCounts(made, reporters);
    let retries = 0;
    while (retries < 50 && made.state.gates.mayRetry(Date.now())) {
      made.state.gates.enter(asker, "p", "retry");
      retries++;
    }
    expect(retries).toBe(floor);
  });

  test("of less than one is a chance, drawn once a retry", async () => {
    const retriesWith = async (drawn: number) => {
      const made = bed({ roles: { ...THREE }, reply: (_, nth) => (nth === 0 ? failure("connect") : result()) });
      worldCounts(made, 50_000);
      vi.spyOn(made.scope.options, "random").mockReturnValue(drawn);
      const ended = await run(read(made.scope, QUERY));
      return [made.sent.length, "value" in ended];
    };
    // One try in the window earns a fifth of a retry, which is more than the share of the floor.
    expect(await retriesWith(0.199)).toEqual([2, true]);
    expect(await retriesWith(0.2)).toEqual([1, false]);
  });
});

describe("a node that ramps up", () => {
  const ramping = (reporters: number) => {
    const made = bed({ roles: { p: PRIMARY } });
    const nodes = [{ node: "p", state: "ramping" as const, epoch: 4, sinceMs: 0, forMs: 3_000 }];
    const breaker = { incarnation: 1, epoch: 4, version: 0, ageMs: 0, reporters, health: [], nodes };
    made.state.view.adopt({ breaker }, 0, Date.now());
    return made;
  };

  test("is sent what its rate leaves this isolate, and the rest is refused", async () => {
    const made = ramping(1);
    await answerOf(read(made.scope, QUERY));
    expect((await errorOf(read(made.scope, QUERY))).code).toBe("unavailable");
    expect(made.scope.admission("p")).toMatchObject({ kind: "refused", reason: "ramping", state: "ramping" });
    await vi.advanceTimersByTimeAsync(200);
    await answerOf(read(made.scope, QUERY));
    expect(made.sent).toHaveLength(2);
  });

  test("loses nothing of the rate by being asked whether it would be sent one", () => {
    const made = ramping(1);
    for (let index = 0; index < 100; index++) expect(made.scope.admission("p").kind).toBe("admitted");
  });
});

test("what was sent before a node was opened does not open it again when it ends", async () => {
  const made = bed({ roles: { p: "hang" }, reply: () => failure("connect") });
  const { breakers } = made.state;
  let fail = (_: Error) => {};
  vi.spyOn(made.state.nodes[0] ?? { open: () => {} }, "open").mockReturnValue({
    query: () => new Promise((_, reject) => (fail = reject)),
    batch: async () => [],
    close: async () => {},
  });
  const late = made.scope.query("p", QUERY, 60_000);
  await vi.advanceTimersByTimeAsync(10);
  breakers.local("p")?.trip(Date.now(), 0, 0);
  await vi.advanceTimersByTimeAsync(10_000);
  for (const good of [true, true]) breakers.probed("p", good, Date.now(), 0);
  expect(breakers.effective("p", Date.now()).state).toBe("ramping");
  fail(failure("connection"));
  expect(await answerOf(late)).toMatchObject({ ok: false });
  expect(breakers.effective("p", Date.now()).state).toBe("ramping");
});

test("a decision names the verdict that it was made under", () => {
  const made = bed({ roles: { p: PRIMARY } });
  const nodes = [{ node: "p", state: "open" as const, epoch: 4, sinceMs: 0, forMs: 2_000 }];
  made.state.view.adopt(
    { breaker: { incarnation: 1, epoch: 4, version: 0, ageMs: 500, reporters: 3, health: [], nodes } },
    0,
    Date.now(),
  );
  const verdict = { state: "open", epoch: 4, ageMs: 500, source: "fresh" };
  expect(made.scope.admission("p")).toEqual({ kind: "refused", reason: "open", retryAfterMs: 1_500, ...verdict });
});
