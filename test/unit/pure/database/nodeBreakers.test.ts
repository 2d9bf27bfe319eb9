import { beforeEach, describe, expect, test } from "vitest";
import {
  CROWD_SPREAD_MS,
  HARD_HORIZON_MS,
  OPEN_AFTER_RUN,
  OPEN_MS,
  RAMP_MS,
} from "../../../../src/breaker/constants.ts";
import type { FailureClass } from "../../../../src/database/classify.ts";
import { NodeBreakers } from "../../../../src/database/nodeBreakers.ts";
import { Ledger } from "../../../../src/exchange/ledger.ts";
import { View } from "../../../../src/exchange/view.ts";
import type { BreakerStateName } from "../../../../src/rpc/parts.ts";

let view: View;
let ledger: Ledger;
let breakers: NodeBreakers;
/** The clock of these tests, in milliseconds. */
let now: number;

beforeEach(() => {
  view = new View();
  ledger = new Ledger();
  breakers = new NodeBreakers(["a", "b"], view, ledger);
  now = 1_000_000;
});

const attempt = (failure: FailureClass | undefined, times = 1, node = "a", sentAt = now) => {
  for (let index = 0; index < times; index++) breakers.record({ node, kind: "read", failure, sentAt }, now, 0.5);
};

/** The world says of node a what it says, now. */
const worldSays = (
  state: BreakerStateName,
  epoch: number,
  said: Partial<Record<"reporters" | "forMs" | "sinceMs", number>> = {},
) => {
  const { reporters = 1, forMs = 2_000, sinceMs = 0 } = said;
  const breaker = {
    ...{ incarnation: 1, epoch, version: 0, ageMs: 0, reporters, health: [] },
    nodes: [{ node: "a", state, epoch, sinceMs, forMs }],
  };
  view.adopt({ breaker }, 0, now);
  breakers.heardWorld(now);
};

describe("an isolate's breaker", () => {
  test("opens a node after five failures in a row, for that node alone, and tells it at once", () => {
    attempt("infrastructure", OPEN_AFTER_RUN - 1);
    expect(breakers.admits("a", now)).toBe(true);
    attempt("infrastructure");
    expect(breakers.admits("a", now)).toBe(false);
    expect(breakers.admits("b", now)).toBe(true);
    expect(ledger.urgentAt).toBe(now);
  });

  test("tells a trip within seconds, not at once, where thousands tell theirs", () => {
    worldSays("closed", 1, { reporters: 16_500 });
    attempt("infrastructure", OPEN_AFTER_RUN);
    expect(breakers.admits("a", now)).toBe(false);
    expect(ledger.urgentAt).toBe(now + CROWD_SPREAD_MS / 2);
  });

  test("tells all that falls in a crowd at the moment that was drawn first, also what falls after it was told", () => {
    worldSays("closed", 1, { reporters: 16_500 });
    const fail = (node: string, random: number, times = OPEN_AFTER_RUN) => {
      for (let index = 0; index < times; index++) {
        breakers.record({ node, kind: "read", failure: "infrastructure" }, now, random);
      }
    };
    fail("a", 0.1, 1);
    expect(ledger.urgentAt).toBe(now + 500 + 1.1 * CROWD_SPREAD_MS); // later than any trip
    fail("a", 0.6, OPEN_AFTER_RUN - 1);
    const drawn = now + 0.6 * CROWD_SPREAD_MS;
    expect([breakers.admits("a", now), ledger.urgentAt]).toEqual([false, drawn]);
    ledger.take(now);
    fail("b", 0.2);
    expect([breakers.admits("b", now), ledger.urgentAt]).toEqual([false, drawn]);
  });

  test.for<FailureClass>(["infrastructure", "slow"])(
    "tells a failure (%s) after a breath, the next 5 s later",
    (kind) => {
      attempt(kind);
      expect(ledger.urgentAt).toBe(now + 500);
      ledger.take(now + 500);
      attempt(kind);
      expect(ledger.urgentAt).toBe(now + 5_500);
      now += 60_000;
      ledger.take(now);
      attempt(kind);
      expect(ledger.urgentAt).toBe(now + 500);
    },
  );

  test.for<FailureClass | undefined>([undefined, "caller", "abort"])("tells nothing at once of %s", (failure) => {
    attempt(failure, 10);
    expect(ledger.urgentAt).toBeUndefined();
  });

  test.for<FailureClass>(["caller", "abort", "conflict", "role"])("never opens because of %s", (failure) => {
    attempt(failure, 100);
    expect(breakers.admits("a", now)).toBe(true);
  });

  test.for<[FailureClass | undefined, boolean]>([
    [undefined, true],
    ["caller", true],
    ["conflict", true],
    ["role", true],
    ["abort", false],
  ])("takes %s for a sign of life: %s", ([failure, isSign]) => {
    attempt("slow", OPEN_AFTER_RUN - 1);
    attempt(failure);
    attempt("slow");
    expect(breakers.admits("a", now)).toBe(isSign);
  });

  test("opens at once where only configuration helps", () => {
    attempt("configuration");
    expect(breakers.admits("a", now)).toBe(false);
  });

  test("says in the ledger how each attempt ended, under the world's epoch", () => {
    worldSays("closed", 7);
    attempt("infrastructure", 2);
    attempt("slow");
    attempt(undefined, 3);
    attempt("caller");
    const cell = { node: "a", kind: "read", epoch: 7, ok: 3, failed: 2, slow: 1, excluded: 1 };
    expect(ledger.take(now).outcomes).toEqual([cell]);
  });
});

describe("joined with the world", () => {
  test("a node that the world calls open gets nothing, though it is well here", () => {
    worldSays("open", 1);
    expect(breakers.effective("a", now)).toMatchObject({ state: "open", scope: "world", source: "fresh" });
  });

  test("a node that fails here alone stays open here, until the world says later that it is well", () => {
    worldSays("closed", 2);
    attempt("infrastructure", OPEN_AFTER_RUN);
    worldSays("closed", 2);
    expect(breakers.effective("a", now)).toMatchObject({ state: "open", scope: "isolate" });
    worldSays("closed", 4);
    expect(breakers.effective("a", now).state).toBe("closed");
  });

  test("an open verdict past its soft horizon is this isolate's own, once, and probed by it", () => {
    worldSays("open", 1);
    now += view.softMs + 1;
    breakers.inherit(now, 0.5);
    expect(breakers.effective("a", now)).toMatchObject({ state: "open", scope: "isolate", source: "fail-static" });
    now += OPEN_MS * 1.2 + 1;
    breakers.probed("a", true, now, 0.5);
    breakers.probed("a", true, now, 0.5);
    breakers.inherit(now, 0.5);
    expect(breakers.effective("a", now)).toMatchObject({ state: "ramping", scope: "isolate", ratePerS: 5 });
    now += RAMP_MS;
    expect(breakers.effective("a", now)).toMatchObject({ state: "closed", ratePerS: null });
  });

  test("a ramp whose news stopped is gone on with here, from its beginning", () => {
    worldSays("ramping", 3);
    now += view.softMs + 1;
    expect(breakers.effective("a", now).state).toBe("closed");
    breakers.inherit(now, 0.5);
    expect(breakers.effective("a", now)).toMatchObject({ state: "ramping", scope: "isolate", ratePerS: 5 });
    now += RAMP_MS;
    breakers.inherit(now, 0.5);
    expect(breakers.effective("a", now).state).toBe("closed");
  });

  test.for<BreakerStateName>(["closed", "forced-open", "forced-closed", "shadow"])(
    "what the world called %s is not gone on with here",
    (state) => {
      worldSays(state, 3, { forMs: 0 });
      now += view.softMs + 1;
      breakers.inherit(now, 0.5);
      expect(breakers.effective("a", now)).toMatchObject({ state: "closed", scope: "isolate" });
    },
  );

  test("past the hard horizon the world's word is nothing", () => {
    worldSays("open", 1);
    now += HARD_HORIZON_MS + 1;
    breakers.inherit(now, 0.5);
    expect(breakers.effective("a", now)).toMatchObject({ state: "closed", source: "local-only" });
  });
});

describe("while the world lets requests in again", () => {
  const ramps = (reporters = 1) => worldSays("ramping", 3, { reporters, forMs: RAMP_MS });

  /** Of so many attempts at this moment, how many were let through. */
  const sent = (times: number, random = 0.5) => {
    let count = 0;
    for (let index = 0; index < times; index++) {
      const found = breakers.effective("a", now);
      if (!breakers.admits("a", now) || !breakers.hasRampRoom("a", found, now, random)) continue;
      breakers.takeRamp("a", found, now);
      count++;
    }
    return count;
  };

  test("this isolate's own breaker no longer keeps them back", () => {
    worldSays("closed", 0);
    attempt("infrastructure", OPEN_AFTER_RUN);
    ramps();
    expect(breakers.effective("a", now)).toMatchObject({ state: "ramping", scope: "world" });
  });

  test("each sends its share, which grows without news", () => {
    ramps(5);
    expect(sent(50)).toBe(1);
    now += 1_000;
    expect(sent(50)).toBe(1);
    now += 1_000;
    expect(sent(50)).toBe(4);
    now += 1_000;
    worldSays("closed", 4);
    expect(sent(50)).toBe(50);
  });

  test("of a crowd hardly anybody sends one", () => {
    ramps(1_000);
    expect([sent(50, 0.9), sent(50, 0.1)]).toEqual([0, 0]);
  });

  test("one that is closed, or open, takes no share", () => {
    worldSays("closed", 1);
    expect(sent(50)).toBe(50);
    worldSays("open", 2);
    expect(sent(50)).toBe(0);
  });

  test.for<FailureClass>(["infrastructure", "slow"])(
    "one attempt that ended %s opens it here, and is told at once",
    (failure) => {
      ramps(1);
      now += 1_000;
      expect(sent(1)).toBe(1);
      attempt(failure);
      expect(breakers.effective("a", now)).toMatchObject({ state: "open", scope: "isolate" });
      expect(ledger.urgentAt).toBe(now);
      const [standing] = breakers.standing(() => ({ successAgeMs: null, failureAgeMs: 0, queryAgeMs: null }));
      expect(standing).toMatchObject({ node: "a", tripped: true, epoch: 3 });
    },
  );

  test("what failed then is not closed by the ramp's end, which nothing but time tells", () => {
    ramps();
    now += 1_000;
    expect(sent(1)).toBe(1);
    attempt("infrastructure");
    worldSays("closed", 4);
    expect(breakers.effective("a", now).state).toBe("open");
    worldSays("closed", 5); // somebody looked meanwhile, or ordered it
    expect(breakers.effective("a", now).state).toBe("closed");
  });

  test("one that is good is told at once as well, and one bad one of three opens nothing", () => {
    ramps();
    const send = (failure?: FailureClass) => {
      now += 250; // a token comes each 200 ms
      expect(sent(1)).toBe(1);
      attempt(failure);
    };
    send();
    expect(ledger.urgentAt).toBe(now);
    for (const failure of [undefined, "infrastructure"] as const) send(failure);
    expect(breakers.effective("a", now).state).toBe("ramping");
    for (const failure of ["slow", "slow"] as const) send(failure);
    expect(breakers.effective("a", now).state).toBe("open");
  });

  test("what failed then is let in again with the next ramp", () => {
    ramps();
    expect(sent(1)).toBe(1);
    attempt("infrastructure");
    worldSays("ramping", 7);
    expect(breakers.effective("a", now)).toMatchObject({ state: "ramping", scope: "world" });
  });

  test.for<FailureClass | undefined>([undefined, "caller", "abort", "conflict", "role"])(
    "%s opens nothing",
    (failure) => {
      ramps();
      attempt(failure);
      expect(breakers.effective("a", now).state).toBe("ramping");
    },
  );

  test("what was sent before is late: it opens nothing, and counts for nothing", () => {
    now += 10_000;
    ramps();
    now += 500;
    expect(sent(1)).toBe(1);
    attempt("infrastructure", 9, "a", now - 501);
    expect(breakers.effective("a", now).state).toBe("ramping");
    expect(ledger.urgentAt).toBeUndefined();
    expect(ledger.take(now).outcomes).toMatchObject([{ failed: 0, excluded: 9 }]);
    attempt("infrastructure", 1, "a", now - 500);
    expect(breakers.effective("a", now).state).toBe("open");
  });
});

test("what was sent before a node was let in again here is late, though the world never spoke", () => {
  attempt("infrastructure", OPEN_AFTER_RUN);
  ledger.take(now);
  now += 10_000;
  for (let probe = 0; probe < 2; probe++) breakers.probed("a", true, now, 0.5);
  attempt("slow", 3, "a", now - 1);
  expect(breakers.effective("a", now).state).toBe("ramping");
  expect(ledger.take(now).outcomes).toMatchObject([{ slow: 0, excluded: 3 }]);
});

test("a late answer proves nothing of now: it ends no run", () => {
  attempt("infrastructure", OPEN_AFTER_RUN);
  const before = now;
  now += 10_000;
  for (let probe = 0; probe < 2; probe++) breakers.probed("a", true, now, 0.5);
  now += RAMP_MS;
  attempt("slow", OPEN_AFTER_RUN - 1);
  attempt(undefined, 1, "a", before);
  attempt("slow");
  expect(breakers.effective("a", now).state).toBe("open");
});

test("late is what was sent before the world's breaker moved last, and nothing after that", () => {
  worldSays("closed", 4, { sinceMs: 5_000 });
  attempt("infrastructure", 9, "a", now - 5_001);
  expect(breakers.effective("a", now).state).toBe("closed");
  attempt("infrastructure", OPEN_AFTER_RUN, "a", now - 5_000);
  expect(breakers.effective("a", now).state).toBe("open");
});

describe("while an order holds a node", () => {
  test("forced closed, requests go there whatever they meet; what they met is told, and counts when the order is over", () => {
    worldSays("forced-closed", 3, { forMs: 60_000 });
    now += 1_000;
    attempt("infrastructure", OPEN_AFTER_RUN);
    expect(breakers.admits("a", now)).toBe(true);
    expect(ledger.urgentAt).toBe(now);
    worldSays("closed", 3);
    expect(breakers.admits("a", now)).toBe(false);
  });

  test("forced open, no isolate probes it; forced closed or shadowed, one that opened its own does", () => {
    const due = (state: BreakerStateName) => {
      worldSays(state, 9, { forMs: 60_000 });
      now += 1_000;
      return breakers.probesDue(now, () => 0.999, 3);
    };
    attempt("infrastructure", OPEN_AFTER_RUN);
    now += 10_000;
    expect([due("forced-open"), due("forced-closed"), due("shadow")]).toEqual([[], ["a"], ["a"]]);
  });
});

describe("an isolate probes by itself", () => {
  const due = (random = 0) => breakers.probesDue(now, () => random, 1);

  test("for sure only where the world's word was said after its own trip: one of before may have missed an outage", () => {
    worldSays("closed", 1, { reporters: 100 });
    now += 1_000;
    attempt("infrastructure", OPEN_AFTER_RUN);
    now += OPEN_MS * 1.2 + 1;
    expect(view.word("a", now)?.ageMs).toBeLessThan(view.softMs); // fresh, and older than the trip
    expect(due(0.999)).toEqual([]);
    now += 1_001;
    worldSays("closed", 1, { reporters: 100 });
    now += 1;
    expect(due(0.999)).toEqual(["a"]);
  });

  test("a second time, after a good one, by the same word", () => {
    worldSays("closed", 1, { reporters: 100 });
    attempt("infrastructure", OPEN_AFTER_RUN);
    now += 1_000;
    worldSays("closed", 1, { reporters: 100 });
    now += OPEN_MS * 1.2;
    expect(due(0.999)).toEqual(["a"]);
    breakers.probed("a", true, now, 0.5);
    now += 1_000;
    expect([breakers.local("a")?.phase.state, due(0.999)]).toEqual(["half-open", ["a"]]);
    breakers.probed("a", false, now, 0.5);
    now += OPEN_MS * 2.4;
    expect([breakers.local("a")?.isTripped, due(0.999)]).toEqual([true, []]);
  });

  test("not before the wait is over, then at most once a second", () => {
    attempt("infrastructure", OPEN_AFTER_RUN);
    expect(due()).toEqual([]);
    now += OPEN_MS * 1.2 + 1;
    expect(due()).toEqual(["a"]);
    expect(due()).toEqual([]);
    now += 1_000;
    expect(due()).toEqual(["a"]);
  });

  test("surely where the world says that the node is well, never where the world leases its probes", () => {
    attempt("infrastructure", OPEN_AFTER_RUN);
    now += OPEN_MS * 1.2 + 1;
    worldSays("closed", 0, { reporters: 1_000 });
    expect(due(0.999)).toEqual(["a"]);
    now += 1_000;
    worldSays("half-open", 2, { reporters: 1_000 });
    expect(due(0)).toEqual([]);
  });

  test("with a chance of one in all reporters where the world is silent", () => {
    worldSays("closed", 0, { reporters: 10 });
    attempt("infrastructure", OPEN_AFTER_RUN);
    now += HARD_HORIZON_MS + 1;
    expect(due(0.11)).toEqual([]);
    now += 1_000;
    expect(due(0.09)).toEqual(["a"]);
  });
});

describe("how long a node has been asked without limit", () => {
  test("for ever, where it was never opened, here or in the world", () => {
    expect(breakers.closedForMs("a", now)).toBe(Number.POSITIVE_INFINITY);
    worldSays("closed", 0);
    expect(breakers.closedForMs("a", now)).toBe(Number.POSITIVE_INFINITY);
  });

  test.each(["open", "half-open", "ramping", "forced-open"] as const)("is no time while it is %s", (state) => {
    worldSays(state, 3);
    expect(breakers.closedForMs("a", now)).toBe(0);
  });

  test.each(["forced-closed", "shadow"] as const)("is for ever where it is %s", (state) => {
    worldSays(state, 3);
    expect(breakers.closedForMs("a", now)).toBe(Number.POSITIVE_INFINITY);
  });

  test("is since the world closed it, whoever hears of it when", () => {
    worldSays("closed", 3, { sinceMs: 7_000 });
    now += 500;
    expect(breakers.closedForMs("a", now)).toBe(7_500);
  });

  test("is since it was closed here, where that was later", () => {
    attempt("infrastructure", OPEN_AFTER_RUN);
    expect(breakers.closedForMs("a", now)).toBe(0);
    now += 4_000;
    worldSays("closed", 3, { sinceMs: 2_000 });
    expect(breakers.closedForMs("a", now)).toBe(0);
    now += 1_000;
    expect(breakers.closedForMs("a", now)).toBe(1_000);
  });
});
