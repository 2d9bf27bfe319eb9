import { describe, expect, test } from "vitest";
import { LocalBreaker } from "../../../../src/breaker/localBreaker.ts";
import type { Outcome } from "../../../../src/breaker/outcomeWindow.ts";

const NOW = 1_700_000_000_000;
const MIDDLE = 0.5;

/** `answered`: the node said that it was the caller's mistake. `left`: nobody waited for what it would have said. */
type Attempt = "ok" | "failed" | "slow" | "answered" | "left";

function record(breaker: LocalBreaker, attempt: Attempt, now: number, worldEpoch = -1, sentAt = now) {
  const outcome: Outcome = attempt === "answered" || attempt === "left" ? "excluded" : attempt;
  const answered = attempt === "ok" || attempt === "answered";
  return breaker.record({ outcome, answered, sentAt }, now, MIDDLE, worldEpoch);
}

/** The reason that the last of these attempts gave, made one after the other. */
function reasonAfter(attempts: readonly Attempt[], everyMs = 100): string | undefined {
  const breaker = new LocalBreaker();
  return attempts.map((attempt, at) => record(breaker, attempt, NOW + at * everyMs)).at(-1);
}

const many = (attempt: Attempt, times: number): Attempt[] => Array.from({ length: times }, () => attempt);
const mixed = (a: Attempt, b: Attempt, times: number): Attempt[] => Array.from({ length: times }, () => [a, b]).flat();

test.for<[string, readonly Attempt[], string | undefined]>([
  ["four failures", many("failed", 4), undefined],
  ["five failures", many("failed", 5), "failures-in-a-row"],
  ["five slow answers", many("slow", 5), "slow-in-a-row"],
  ["an answer between", [...many("failed", 4), "ok", "failed"], undefined],
  ["a refusal between: it is alive", [...many("failed", 4), "answered", "failed"], undefined],
  ["a client that left between proves nothing", [...many("failed", 4), "left", "failed"], "failures-in-a-row"],
  ["slow answers between end no run of failures", mixed("failed", "slow", 5).slice(0, 9), "failures-in-a-row"],
  ["failures between end no run of slow answers", mixed("slow", "failed", 5).slice(0, 9), "slow-in-a-row"],
  ["half of 20 failed", mixed("ok", "failed", 10), "failure-ratio"],
  ["half of 20 slow", mixed("ok", "slow", 10), "slow-ratio"],
  ["half of 19 failed", mixed("ok", "failed", 10).slice(1), undefined],
  ["a third of 21 failed", Array.from({ length: 7 }, (): Attempt[] => ["ok", "ok", "failed"]).flat(), undefined],
  ["what is excluded, however often", [...many("left", 50), ...many("answered", 50)], undefined],
  ["an answer that completes 20 opens nothing", [...mixed("failed", "ok", 9), "failed", "ok"], undefined],
])("%s", ([, attempts, reason]) => {
  expect(reasonAfter(attempts)).toBe(reason);
});

test.for<[everyMs: number, string | undefined]>([
  [600, "failure-ratio"],
  [3_000, "failure-ratio"],
  [3_157, "failure-ratio"],
  [3_158, undefined],
])("of a node that is asked each %d ms the last twenty are looked at, of a minute at most", ([everyMs, reason]) => {
  expect(reasonAfter(mixed("ok", "failed", 10), everyMs)).toBe(reason);
});

function opened(worldEpoch = -1): LocalBreaker {
  const breaker = new LocalBreaker();
  for (let at = 0; at < 5; at++) record(breaker, "failed", NOW, worldEpoch);
  expect(breaker.phase).toEqual({ state: "open", epoch: 1, since: NOW, until: NOW + 2_000, opened: 1 });
  return breaker;
}

describe("while it is open", () => {
  test("late results, good or bad, neither close it nor make it wait longer", () => {
    const breaker = opened();
    const { phase } = breaker;
    for (const attempt of ["failed", "slow", "ok", "answered", "left"] as const) {
      expect(record(breaker, attempt, NOW + 1_000)).toBeUndefined();
      expect(breaker.phase).toBe(phase);
    }
    breaker.trip(NOW + 1_000, MIDDLE, -1);
    expect(breaker.phase).toBe(phase);
  });

  test("what came late is forgotten with it when it closes", () => {
    const breaker = opened();
    for (let at = 0; at < 30; at++) record(breaker, "failed", NOW + 1_000);
    breaker.probed(true, NOW + 2_000, MIDDLE);
    breaker.probed(true, NOW + 2_000, MIDDLE);
    expect(breaker.phase).toEqual({ state: "ramping", epoch: 3, since: NOW + 2_000, opened: 1 });
    expect([breaker.failedRun, breaker.slowRun, breaker.totals(NOW + 2_000).failed]).toEqual([0, 0, 0]);
    expect(breaker.phaseAt(NOW + 5_000).state).toBe("closed");
    for (let at = 0; at < 4; at++) expect(record(breaker, "failed", NOW + 5_001)).toBeUndefined();
    expect(record(breaker, "failed", NOW + 5_001)).toBe("failures-in-a-row");
    expect(breaker.phase).toMatchObject({ state: "open", opened: 1, until: NOW + 7_001 });
  });

  test("a probe is due once the wait is over, and before that changes nothing", () => {
    const breaker = opened();
    expect([1_999, 2_000].map((at) => breaker.isProbeDue(NOW + at))).toEqual([false, true]);
    breaker.probed(true, NOW + 1_999, MIDDLE);
    expect(breaker.phase.state).toBe("open");
    breaker.probed(true, NOW + 2_000, MIDDLE);
    expect(breaker.phase.state).toBe("half-open");
    expect(breaker.isProbeDue(NOW + 2_000)).toBe(true);
    breaker.probed(false, NOW + 2_100, MIDDLE);
    expect(breaker.phase).toMatchObject({ state: "open", until: NOW + 6_100 });
    expect(breaker.isProbeDue(NOW + 2_100)).toBe(false);
  });

  test("none is due while it is closed", () => {
    expect(new LocalBreaker().isProbeDue(NOW)).toBe(false);
  });
});

describe("while it ramps up", () => {
  const ramping = () => {
    const breaker = opened();
    for (let probe = 0; probe < 2; probe++) breaker.probed(true, NOW + 2_000, MIDDLE);
    expect([breaker.phase.state, breaker.isTripped, breaker.isProbeDue(NOW + 2_000)]).toEqual([
      "ramping",
      false,
      false,
    ]);
    return breaker;
  };

  test.for(["failed", "slow"] as const)("a first attempt that is %s opens it again, for longer", (outcome) => {
    const breaker = ramping();
    expect(record(breaker, outcome, NOW + 2_100)).toBe("failed-while-ramping");
    expect(breaker.phase).toMatchObject({ state: "open", epoch: 4, until: NOW + 6_100, opened: 2 });
  });

  test.for<[string, readonly Attempt[], string | undefined]>([
    ["one that is good and one that is not leave it", ["ok", "failed"], undefined],
    ["more that are bad than good open it", ["ok", "failed", "slow"], "failed-while-ramping"],
    ["one bad one of five leaves it", ["ok", "failed", "ok", "ok", "ok", "slow"], undefined],
    ["what says nothing of the node counts for neither", ["answered", "left", "failed"], "failed-while-ramping"],
  ])("%s", ([, attempts, reason]) => {
    const breaker = ramping();
    expect(attempts.map((attempt, at) => record(breaker, attempt, NOW + 2_100 + at)).at(-1)).toBe(reason);
  });

  test("a run opens it as ever", () => {
    const breaker = ramping();
    const attempts: readonly Attempt[] = [...many("ok", 9), ...many("failed", 5)];
    expect(attempts.map((attempt, at) => record(breaker, attempt, NOW + 2_100 + at)).at(-1)).toBe("failures-in-a-row");
  });

  test.for(["ok", "answered", "left"] as const)("an attempt that is %s changes nothing", (outcome) => {
    const breaker = ramping();
    expect(record(breaker, outcome, NOW + 2_100)).toBeUndefined();
    expect(breaker.phase.state).toBe("ramping");
  });

  test("it is over after three seconds, whoever asks first", () => {
    expect([2_999, 3_000].map((ms) => ramping().phaseAt(NOW + 2_000 + ms).state)).toEqual(["ramping", "closed"]);
    const breaker = ramping();
    expect(record(breaker, "failed", NOW + 5_000)).toBeUndefined();
    expect([breaker.phase.state, breaker.failedRun]).toEqual(["closed", 1]);
  });

  test("what was sent before it began is late, also once it is over: it opens nothing and counts for nothing", () => {
    const breaker = ramping();
    expect([NOW + 1_999, NOW + 2_000].map((sentAt) => breaker.isLate(sentAt))).toEqual([true, false]);
    for (let at = 0; at < 9; at++) expect(record(breaker, "failed", NOW + 2_100, -1, NOW + 1_999)).toBeUndefined();
    expect(breaker.phase.state).toBe("ramping");
    for (let at = 0; at < 9; at++) expect(record(breaker, "slow", NOW + 5_100, -1, NOW + 1_999)).toBeUndefined();
    expect([breaker.phaseAt(NOW + 5_100).state, breaker.totals(NOW + 5_100).slow]).toEqual(["closed", 0]);
  });

  test("the world's later word ends it", () => {
    const breaker = ramping();
    breaker.heardWell(3, NOW + 2_100);
    expect(breaker.phase).toEqual({ state: "closed", epoch: 4, since: NOW + 2_100 });
  });

  test("begins also where the world began it, and only from closed", () => {
    const breaker = new LocalBreaker();
    breaker.ramp(NOW);
    expect(breaker.phase).toEqual({ state: "ramping", epoch: 1, since: NOW, opened: 0 });
    expect(breaker.isLate(NOW - 1)).toBe(false); // nothing had opened it here
    const open = opened();
    open.ramp(NOW);
    expect(open.phase.state).toBe("open");
  });
});

describe("the world's word that the node is well", () => {
  test.for([
    [-1, -1, "open"],
    [-1, 0, "closed"],
    [0, 0, "open"],
    [4, 3, "open"],
    [4, 4, "open"],
    [4, 5, "closed"],
  ] as const)("opened in its epoch %d and heard of epoch %d, it is %s", ([openedIn, heard, state]) => {
    const breaker = opened(openedIn);
    breaker.heardWell(heard, NOW + 100);
    expect(breaker.phase.state).toBe(state);
    if (state === "closed") expect([breaker.failedRun, breaker.totals(NOW + 100).failed]).toEqual([0, 0]);
  });

  test("changes nothing where it is closed anyway", () => {
    const breaker = new LocalBreaker();
    record(breaker, "failed", NOW);
    breaker.heardWell(9, NOW);
    expect([breaker.phase.epoch, breaker.failedRun]).toEqual([0, 1]);
  });
});

test("a client that left is no slow answer, however many leave", () => {
  const breaker = new LocalBreaker();
  for (let at = 0; at < 9; at++) record(breaker, "left", NOW);
  expect([breaker.slowRun, breaker.failedRun]).toEqual([0, 0]);
});

test("a ramp that it went on with by itself ends with the world's first word that the node is well", () => {
  const breaker = new LocalBreaker();
  breaker.ramp(NOW);
  breaker.heardWell(0, NOW);
  expect(breaker.phase.state).toBe("closed");
});
