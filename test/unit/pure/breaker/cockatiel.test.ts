import {
  CircuitState,
  ConsecutiveBreaker,
  CountBreaker,
  circuitBreaker,
  handleType,
  type IBreaker,
  IterableBackoff,
  SamplingBreaker,
} from "cockatiel";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  GOOD_PROBES,
  MIN_VOLUME,
  OPEN_AFTER_RUN,
  OPEN_AT_RATIO,
  OPEN_MAX_MS,
  OPEN_MS,
  RAMP_MS,
  WINDOW_MS,
} from "../../../../src/breaker/constants.ts";
import { LocalBreaker } from "../../../../src/breaker/localBreaker.ts";

/**
 * Differential runs against cockatiel 4, where it means the same: one call at a time, in whole seconds, and nothing fails
 * on a ramp (it has none); each second either so many that ten seconds always hold enough, or one, so that they never
 * do. Where it means something else stands at the end.
 */

const NOW = 1_700_000_000_000;
const UNJITTERED = 0.5;
const SECOND_MS = 1_000;

/** `excluded`: an error that neither takes for the node's. */
type End = "ok" | "failed" | "excluded";
type State = "closed" | "open" | "half-open";

class NodeError extends Error {}

/** Both of its rules at once, as ours are. It counts the probe that closes it as a call; a probe of ours is no visitor's. */
class Both implements IBreaker {
  state = undefined;
  readonly #newRatio: () => IBreaker;
  #run = new ConsecutiveBreaker(OPEN_AFTER_RUN);
  #ratio: IBreaker;

  constructor(newRatio: () => IBreaker) {
    this.#newRatio = newRatio;
    this.#ratio = newRatio();
  }

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) {
      this.#run = new ConsecutiveBreaker(OPEN_AFTER_RUN);
      this.#ratio = this.#newRatio();
      return;
    }
    this.#run.success();
    this.#ratio.success(state);
  }

  failure(state: CircuitState): boolean {
    return [this.#run.failure(), this.#ratio.failure(state)].includes(true);
  }
}

// It opens above its threshold, ours at it: below 5,000 calls a window nothing lies between these two.
const threshold = OPEN_AT_RATIO - 0.0001;
const minimumRps = (MIN_VOLUME * SECOND_MS) / WINDOW_MS;
const ofTenSeconds = () => new SamplingBreaker({ threshold, duration: WINDOW_MS, minimumRps });
const ofTwentyCalls = () => new CountBreaker({ threshold, size: MIN_VOLUME });

const theirs = (newRatio: () => IBreaker = ofTenSeconds) =>
  circuitBreaker(handleType(NodeError), {
    breaker: new Both(newRatio),
    halfOpenAfter: new IterableBackoff([OPEN_MS, 2 * OPEN_MS, OPEN_MAX_MS]),
    halfOpenSampling: { calls: GOOD_PROBES, threshold: 0 },
  });

/** Asks theirs once; whether the call was made. */
async function askTheirs(policy: ReturnType<typeof theirs>, end: End): Promise<boolean> {
  let isSent = false;
  const call = () => {
    isSent = true;
    if (end === "failed") throw new NodeError("the node failed");
    if (end === "excluded") throw new Error("somebody else's mistake");
  };
  await policy.execute(call).catch(() => {});
  return isSent;
}

/** Asks ours once; whether the call was made, as a visitor's or as a probe. */
function askOurs(breaker: LocalBreaker, end: End, now: number): boolean {
  if (!breaker.isTripped) {
    breaker.record({ outcome: end, answered: end === "ok", sentAt: now }, now, UNJITTERED, -1);
    return true;
  }
  if (!breaker.isProbeDue(now)) return false;
  breaker.probed(end === "ok", now, UNJITTERED);
  return true;
}

const stateOfTheirs = (state: CircuitState): State =>
  state === CircuitState.Closed ? "closed" : state === CircuitState.Open ? "open" : "half-open";

function stateOfOurs(breaker: LocalBreaker, now: number): State {
  const { state } = breaker.phaseAt(now);
  return state === "ramping" ? "closed" : state;
}

const counted = fc.constantFrom<End>("ok", "failed");
const mixed = fc.array(
  fc.oneof({ weight: 8, arbitrary: counted }, { weight: 1, arbitrary: fc.constant<End>("excluded") }),
  {
    maxLength: 4,
  },
);
/** Some seconds' calls: mixed ones, or a stretch in which the node is well or gone. */
const busy = fc.array(
  fc.oneof(
    fc.tuple(counted, counted, counted, mixed).map(([a, b, c, more]) => [a, b, c, ...more]),
    fc.constantFrom<End[]>(["ok", "ok", "ok"], ["failed", "failed", "failed"], ["ok", "failed", "ok", "failed"]),
  ),
  { minLength: 5, maxLength: 60 },
);
const quiet = fc.array(
  counted.map((each) => [each]),
  { minLength: 20, maxLength: 120 },
);

afterEach(() => {
  vi.useRealTimers();
});

test.for([
  { often: "busy", seconds: busy, newRatio: ofTenSeconds },
  { often: "quiet", seconds: quiet, newRatio: ofTwentyCalls },
])("opens, waits, probes and closes when cockatiel's does, on a $often node", async ({ seconds, newRatio }) => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const reached = new Map<State, number>();
  await fc.assert(
    fc.asyncProperty(seconds, async (list) => {
      const policy = theirs(newRatio);
      const breaker = new LocalBreaker();
      const runs = new Runs();
      for (const [second, ends] of list.entries()) {
        const now = NOW + second * SECOND_MS;
        vi.setSystemTime(now);
        for (const [index, wanted] of ends.entries()) {
          const meant = runs.capped(whereTheyAgree(breaker, wanted, index === 0, now), breaker);
          const isSent = await askTheirs(policy, meant);
          expect([askOurs(breaker, meant, now), stateOfOurs(breaker, now)]).toEqual([
            isSent,
            stateOfTheirs(policy.state),
          ]);
          reached.set(stateOfTheirs(policy.state), (reached.get(stateOfTheirs(policy.state)) ?? 0) + 1);
        }
      }
    }),
    { numRuns: 300 },
  );
  // A run that never left the closed state would prove nothing.
  expect([...reached.values()].every((times) => times > 50) && reached.size === 3).toBe(true);
});

/** What the call shall come to, so that both are asked the same. */
function whereTheyAgree(breaker: LocalBreaker, wanted: End, isFirst: boolean, now: number): End {
  if (breaker.phaseAt(now).state === "ramping") return "ok";
  // Unhandled, it closes theirs as a probe; and its window turns with what is counted only.
  return wanted === "excluded" && (breaker.isTripped || isFirst) ? "ok" : wanted;
}

/** A run after failures that were answered may be chance to ours, and is five to theirs: it is ended at four. */
class Runs {
  #run = 0;
  #hasFailedBefore = false;

  capped(wanted: End, breaker: LocalBreaker): End {
    if (breaker.isTripped) {
      this.#run = 0;
      this.#hasFailedBefore = false;
      return wanted;
    }
    const end = wanted === "failed" && this.#hasFailedBefore && this.#run === OPEN_AFTER_RUN - 1 ? "ok" : wanted;
    if (end === "failed") this.#run++;
    if (end === "ok") {
      this.#hasFailedBefore ||= this.#run > 0;
      this.#run = 0;
    }
    return end;
  }
}

describe("where cockatiel means something else", () => {
  const fail = async (policy: ReturnType<typeof theirs>, times: number) => {
    for (let index = 0; index < times; index++) await askTheirs(policy, "failed");
  };

  test("somebody else's mistake, as a probe, is a success there: here it proves nothing, and is not told", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    const policy = theirs();
    await fail(policy, OPEN_AFTER_RUN);
    vi.setSystemTime(NOW + OPEN_MS);
    for (let index = 0; index < GOOD_PROBES; index++) await askTheirs(policy, "excluded");
    expect(stateOfTheirs(policy.state)).toBe("closed");
  });

  test("a failure of an hour ago still counts there: here the window ends with time", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    const policy = theirs();
    const breaker = new LocalBreaker();
    const both = async (meant: End, now: number) => {
      vi.setSystemTime(now);
      await askTheirs(policy, meant);
      askOurs(breaker, meant, now);
    };
    for (let index = 0; index < 9; index++) {
      await both("failed", NOW);
      await both("ok", NOW);
    }
    await both("ok", NOW + 3_600_000);
    await both("failed", NOW + 3_600_000);
    expect([stateOfTheirs(policy.state), stateOfOurs(breaker, NOW + 3_600_000)]).toEqual(["open", "closed"]);
  });

  test("five in a row are chance on a node that fails often: there they open it, here they need more", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    const policy = theirs();
    const breaker = new LocalBreaker();
    const script = [...Array.from({ length: 100 }, (_, at) => (at % 5 === 0 ? "failed" : "ok"))] as End[];
    for (const end of [...script, ...Array.from({ length: OPEN_AFTER_RUN }, (): End => "failed")]) {
      await askTheirs(policy, end);
      askOurs(breaker, end, NOW);
    }
    expect([stateOfTheirs(policy.state), stateOfOurs(breaker, NOW)]).toEqual(["open", "closed"]);
  });

  test("closed, it is sent everything at once there: here more bad than good on the ramp opens it again", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    const policy = theirs();
    const breaker = new LocalBreaker();
    await fail(policy, OPEN_AFTER_RUN);
    for (let index = 0; index < OPEN_AFTER_RUN; index++) askOurs(breaker, "failed", NOW);
    const closedAt = NOW + OPEN_MS;
    vi.setSystemTime(closedAt);
    for (const meant of ["ok", "ok", "failed"] as const) {
      await askTheirs(policy, meant);
      askOurs(breaker, meant, closedAt + RAMP_MS / 2);
    }
    expect([stateOfTheirs(policy.state), stateOfOurs(breaker, closedAt + RAMP_MS / 2)]).toEqual(["closed", "open"]);
  });
});
