import { afterEach, describe, expect, test, vi } from "vitest";
import type { FailureClass } from "../../../../src/database/classify.ts";
import { query } from "../../../../src/database/query.ts";
import { read } from "../../../../src/database/read.ts";
import { RequestScope } from "../../../../src/database/requestScope.ts";
import { Session } from "../../../../src/database/session.ts";
import { write } from "../../../../src/database/write.ts";
import type { Token } from "../../../../src/replicas/session/token.ts";
import { answerOf, type Bed, bed, errorOf, failure, type Reply, result, type Script, sqlError, THREE } from "./bed.ts";

const films = query<{ id: number }>("films.list", "SELECT id FROM films");
const FILMS = result(["id"], [1]);
const LATE_MS = 20;

/** A bed whose isolate knows the query, and has seen enough traffic for a hedge. */
function warmBed(reply: Script["reply"], script: Partial<Script> = {}): Bed {
  const made = bed({ roles: { ...THREE }, ...script, ...(reply && { reply }) });
  const { state } = made;
  const now = Date.now();
  for (let count = 0; count < 100; count++) {
    state.queryTimes.record(films.name, LATE_MS);
    state.gates.countTry(now);
  }
  state.topology = {
    ...state.topology,
    primary: "p",
    epoch: "1",
    askedAt: now,
    roles: new Map([
      ["p", "primary"],
      ["a", "replica"],
      ["b", "replica"],
    ]),
  };
  return made;
}

const asked = ({ sent }: Pick<Bed, "sent">) => sent.map(({ node }) => node).join("");
const counted = ({ state }: Bed, node: string) =>
  Object.fromEntries(
    (state.instruments.ledger.take()?.counters ?? [])
      .filter(({ metric }) => metric === "breakwater_database_attempts_total")
      .flatMap(({ series }) => series)
      .filter(([labels]) => labels[0] === node)
      .map(([labels, count]) => [labels[2], count]),
  );

afterEach(() => {
  vi.useRealTimers();
});

describe("a read that is later than its query's p98", () => {
  test("asks the next replica, whose answer wins; the other is given up at once and not blamed for it", async () => {
    const made = warmBed(({ node }) => (node === "a" ? "hang" : FILMS));
    const { rows, route } = await answerOf(read(made.scope, films));
    expect([rows, route.node, route.reason, asked(made)]).toEqual([[{ id: 1 }], "b", "hedge", "ab"]);
    expect(made.elapsedMs()).toBeLessThan(2 * LATE_MS);
    await Promise.all(made.waiting.map((work) => vi.advanceTimersByTimeAsync(1).then(() => work)));
    expect(counted(made, "a")).toEqual({ abort: 1 });
    const { breakers, gates, silence, latencies } = made.state;
    const now = Date.now();
    expect([breakers.local("a")?.failedRun, breakers.local("a")?.slowRun]).toEqual([0, 0]);
    expect([gates.inFlight("a", now), silence.ofMs("a", now)]).toEqual([0, 0]);
    expect(made.state.evidence("a").failuresInARow).toBe(0);
    expect(latencies.score("a", 0, now)).toBeGreaterThanOrEqual(5);
  });

  test("takes the first's answer where that comes before the second's", async () => {
    const made = warmBed(() => "hang");
    const answers: Record<string, (reply: unknown) => void> = {};
    vi.spyOn(made.scope, "query").mockImplementation(
      (node) =>
        new Promise((resolve) => {
          made.sent.push({ node, statements: [films], isBatch: false, at: 0 });
          answers[node] = resolve as (reply: unknown) => void;
          if (node === "b") setTimeout(() => answers.a?.({ ok: true, value: FILMS }), 5);
        }),
    );
    const { route } = await answerOf(read(made.scope, films));
    expect([route.node, route.reason, asked(made)]).toEqual(["a", "any", "ab"]);
  });

  test("waits for the other where one of them fails", async () => {
    const made = warmBed(({ node }) => (node === "a" ? "hang" : failure("connection")));
    const ended = errorOf(read(made.scope, films));
    expect((await ended).code).toBe("unavailable");
    // Both were tries: one more is left, and the primary is asked.
    expect(asked(made)).toBe("abp");
  });

  test("is a retry's turn where both fail", async () => {
    const made = warmBed(({ node }) => (node === "p" ? FILMS : node === "a" ? "hang" : failure("connection")));
    const { route } = await answerOf(read(made.scope, films));
    expect([route.node, route.reason, asked(made)]).toEqual(["p", "spill", "abp"]);
    expect(made.state.breakers.local("a")?.slowRun).toBe(1);
    expect(made.state.evidence("b").failuresInARow).toBe(1);
  });

  test("is not asked elsewhere where the question itself is wrong", async () => {
    const made = warmBed(({ node }) => (node === "a" ? "hang" : sqlError("42601")));
    expect((await errorOf(read(made.scope, films))).code).toBe("query");
    expect(asked(made)).toBe("ab");
  });
});

describe("what a read tells of how slow its node is", () => {
  const QUICK_MS = LATE_MS;
  const told = (ms: number, failure?: FailureClass) => {
    const { state } = warmBed(undefined);
    const now = Date.now();
    for (const took of [QUICK_MS, QUICK_MS]) {
      state.observe("a", { failure: undefined, kind: "read", now, sentAt: now - took, query: films.name });
    }
    const before = [state.latencies.score("a", 0, now), state.queryTimes.excessMs(films.name, 500)];
    for (let count = 1; count <= 20; count++) {
      const at = now + count * 1_000;
      state.observe("a", { failure, kind: "read", now: at, sentAt: at - ms, query: films.name });
    }
    const after = [state.latencies.score("a", 0, now + 20_000), state.queryTimes.excessMs(films.name, 500)];
    return { before, after };
  };

  test.for<[string, FailureClass, number]>([
    ["recovery cancelled", "conflict", 10],
    ["the caller got wrong", "caller", 300],
    ["another role refused", "role", 300],
    ["a client left early", "abort", 5],
  ])("is nothing where %s it", ([, failure, ms]) => {
    const { before, after } = told(ms, failure);
    expect(after).toEqual(before);
  });

  test("is that it is slow where reads are given up as late, time and again, and nobody waits how late", () => {
    const { after } = told(2 * LATE_MS, "abort");
    expect(after[0]).toBeGreaterThan(5 * LATE_MS);
  });
});

describe("no second question is asked", () => {
  const late: Script["reply"] = ({ node }) => (node === "a" ? "hang" : FILMS);
  test.for<[string, (made: Bed) => void]>([
    [
      "before the query's answers are known",
      ({ state }) => Object.assign(state, { queryTimes: bed({ roles: {} }).state.queryTimes }),
    ],
    [
      "of a node that failed a moment ago",
      ({ state }) => {
        state.observe("b", { failure: "infrastructure", kind: "read", now: Date.now() });
      },
    ],
    [
      "of a node that is slow itself",
      ({ state }) => state.latencies.record("b", "failed", { ms: 0, sentAt: Date.now() }, Date.now()),
    ],
    ["of a node that owes an answer for as long itself", ({ state }) => state.silence.began("b", Date.now() - 5)],
    [
      "where such questions did not help lately",
      ({ state }) => {
        for (let count = 0; count < 60; count++) state.hedgeWorth.ended(false, Date.now());
      },
    ],
    [
      "beyond two of a hundred",
      ({ state, scope }) => {
        for (let count = 0; count < 2; count++) state.gates.enter(scope.options, "b", "hedge");
      },
    ],
  ])("%s", async ([, harm]) => {
    const made = warmBed(late);
    harm(made);
    await answerOf(read(made.scope, films));
    const [first, second] = made.sent;
    expect(first?.node === "b" || (second?.at ?? 0) >= 900).toBe(true);
  });

  test("of the primary", async () => {
    const made = warmBed(({ node }) => (node === "p" ? FILMS : "hang"), { roles: { p: THREE.p ?? FILMS, a: FILMS } });
    await answerOf(read(made.scope, films));
    expect(made.sent.map(({ node, at }) => [node, at >= 900])).toEqual([
      ["a", false],
      ["p", true],
    ]);
  });

  test("by a strict read, nor by a write", async () => {
    const made = warmBed(() => "hang");
    await errorOf(read(made.scope, films, { freshness: "strict" }));
    expect(made.sent.every(({ node }) => node === "p")).toBe(true);
    const other = warmBed(({ isBatch }) => (isBatch ? "hang" : FILMS));
    await errorOf(write(other.scope, [{ ...films }], { tags: [] }));
    expect(other.sent.map(({ node }) => node)).not.toContain("a");
    expect(other.sent.map(({ node }) => node)).not.toContain("b");
  });
});

describe("a session's read that is late", () => {
  const TOKEN: Token = {
    marks: [{ id: "01999999-0000-7000-8000-00000000000a", epoch: "1" }],
    seen: { node: "a", generation: "g", xmax: "100", epoch: "1" },
  };
  const proof = (own: number): Reply => result(["bw_proof", "bw_row", "id"], [`${own << 1} 100 100 g  t 1:`, true, 7]);

  function sessionBed(reply: Script["reply"]) {
    const made = warmBed(reply);
    const scope = new RequestScope(made.state, { ...made.scope.options, session: new Session(TOKEN) });
    return { ...made, scope };
  }

  test("takes the second's answer where that proves itself", async () => {
    const made = sessionBed(({ node }) => (node === "a" ? "hang" : proof(1)));
    const { route } = await answerOf(read(made.scope, films));
    expect([route.node, route.reason, asked(made)]).toEqual(["b", "hedge", "ab"]);
    expect(made.elapsedMs()).toBeLessThan(2 * LATE_MS);
  });

  test("waits for its own node where the second lacks its write", async () => {
    let own: ((reply: unknown) => void) | undefined;
    const made = sessionBed(() => proof(0));
    const sent = vi.spyOn(made.scope, "query");
    const real = sent.getMockImplementation();
    expect(real).toBeUndefined();
    sent.mockImplementation(
      (node) =>
        new Promise((resolve) => {
          made.sent.push({ node, statements: [films], isBatch: false, at: 0 });
          if (node === "a") own = resolve as typeof own;
          else {
            resolve({ ok: true, value: proof(0) as never });
            setTimeout(() => own?.({ ok: true, value: proof(1) }), 5);
          }
        }),
    );
    const { route } = await answerOf(read(made.scope, films));
    expect([route.node, route.reason, asked(made)]).toEqual(["a", "session", "ab"]);
  });
});
