import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EVENTS_A_MINUTE, REPEATS_A_MINUTE } from "../../../../../src/telemetry/errors/constants.ts";
import { describeError } from "../../../../../src/telemetry/errors/describeError.ts";
import { createErrorState, type ErrorState } from "../../../../../src/telemetry/errors/errorBudget.ts";
import { errorReport } from "../../../../../src/telemetry/errors/errorReport.ts";
import { createErrorReporter, type ErrorReporterOptions } from "../../../../../src/telemetry/errors/errorReporter.ts";
import { type ErrorOutcome, type SendOptions, sendReport } from "../../../../../src/telemetry/errors/sendReport.ts";
import { startSentryEndpoint } from "./sentryEndpoint.ts";

/** By a name that the compiler does not follow: toucan's types would declare the Worker's globals in this program. */
const ADAPTER: string = "../../../../../src/telemetry/errors/toucanClient.ts";
const { captureWithToucan } = (await import(ADAPTER)) as { captureWithToucan: SendOptions["capture"] };

const NOW = Date.UTC(2026, 6, 30, 12);

let endpoint: Awaited<ReturnType<typeof startSentryEndpoint>>;
let state: ErrorState;
let outcomes: ErrorOutcome[];
let waiting: Promise<unknown>[];
let now: number;

beforeEach(async () => {
  endpoint = await startSentryEndpoint();
  state = createErrorState();
  outcomes = [];
  waiting = [];
  now = NOW;
});

afterEach(() => endpoint.close());

/** The reporter of one event in the isolate that `state` stands for. */
function reporter(changes: Partial<ErrorReporterOptions> = {}) {
  return createErrorReporter({
    dsn: endpoint.dsn,
    release: "1.2.3",
    environment: "test",
    state,
    now: () => now,
    waitUntil: (work) => waiting.push(work),
    capture: captureWithToucan,
    onOutcome: (outcome) => outcomes.push(outcome),
    ...changes,
  });
}

/** Errors of different kinds, since words without a digit in them tell kinds apart. */
function kindOfError(index: number): Error {
  const word = String(index).replace(/\d/g, (digit) => "abcdefghij".charAt(Number(digit)));
  return new Error(`kind ${word}`);
}

describe("a report", () => {
  test("arrives as an envelope with error, causes, frames and facts", async () => {
    const cause = Object.assign(new TypeError("socket closed"), { sqlstate: "08006" });
    const error = Object.assign(new Error("The write failed.", { cause }), {
      name: "DatabaseError",
      code: "unavailable",
    });
    reporter().report(error, { route: "/api/pitches/:id", requestId: "018f3c5e-7b1a-7c3e-9f00-aabbccddeeff" });
    await Promise.all(waiting);
    expect(outcomes).toEqual([{ kind: "sent" }]);
    const [{ path, event } = { path: "", event: undefined }] = endpoint.received;
    expect(path).toMatch(/^\/api\/42\/envelope\/\?.*sentry_key=publickey/);
    expect(event).toMatchObject({
      release: "1.2.3",
      environment: "test",
      tags: { code: "unavailable" },
      sdk: { integrations: ["LinkedErrors"] }, // nothing that adds what was not scrubbed
      extra: {
        facts: { route: "/api/pitches/:id", requestId: "018f3c5e-7b1a-7c3e-9f00-aabbccddeeff" },
        details: [{}, { sqlstate: "08006" }],
      },
      exception: {
        values: [
          { type: "TypeError", value: "socket closed" },
          { type: "DatabaseError", value: "The write failed." },
        ],
      },
    });
    const frames = event?.exception.values[1]?.stacktrace?.frames ?? [];
    expect(frames.at(-1)).toMatchObject({ filename: expect.stringContaining("errorReporter.test.ts") });
  });

  test.for<[string, unknown, { type: string; value: string }]>([
    ["a string", "out of order", { type: "Thrown", value: "out of order" }],
    ["nothing", undefined, { type: "Thrown", value: "undefined" }],
    ["an object from another side", { name: "RemoteError", message: "gone" }, { type: "RemoteError", value: "gone" }],
    [
      "an object that cannot be read",
      new Proxy({}, { get: () => fail(), ownKeys: () => fail(), getPrototypeOf: () => fail() }),
      { type: "Thrown", value: "No error message" },
    ],
  ])("of %s is sent too", async ([, thrown, exception]) => {
    reporter().report(thrown, {});
    await Promise.all(waiting);
    expect(outcomes).toEqual([{ kind: "sent" }]);
    expect(endpoint.received[0]?.event.exception.values).toMatchObject([exception]);
  });

  test("of the same error object is sent each time it is reported", async () => {
    const error = new Error("again");
    const { report } = reporter();
    report(error, {});
    report(error, {});
    await Promise.all(waiting);
    expect(endpoint.received).toHaveLength(2);
  });

  test("holds no secret in any byte of it", async () => {
    const secrets = {
      password: "hunter2hunter2",
      connection: "postgres://alice:s3cr3tpass@ep-cool.neon.tech/maindb?options=project",
      jwt: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlc2lnbmF0dXJl",
      token: "q7Zr2LxV9bT4mK8wP1cN6yH3dF5gJ0sAeUiOpRtQwEx",
      email: "carol.smith@example.org",
      literal: "o'brien the secret",
    };
    const cause = new Error(`Key (email)=(${secrets.email}) already exists.`);
    const error = Object.assign(
      new Error(`INSERT INTO users (name) VALUES ('o''brien the secret') failed on ${secrets.connection}`, { cause }),
      { detail: `session ${secrets.jwt}`, headers: { authorization: `Bearer ${secrets.token}` } },
    );
    error.name = `Failure of ${secrets.email}`;
    error.stack = `${error.stack}\n    at run (https://user:hunter2hunter2@host/index.js?session=${secrets.token}:12:34)`;
    reporter().report(error, {
      password: secrets.password,
      url: `/api/login?token=${secrets.token}`,
      headers: [["cookie", `bw=${secrets.token}`]],
      nested: { deep: [{ note: `mail to ${secrets.email}` }] },
      [secrets.email]: "by address",
    });
    await Promise.all(waiting);
    expect(outcomes).toEqual([{ kind: "sent" }]);
    const [{ raw } = { raw: "" }] = endpoint.received;
    expect(raw).toContain("ep-cool.neon.tech");
    expect(raw).toContain("by address");
    const leaks = [
      "hunter2",
      "alice",
      "s3cr3t",
      "maindb",
      "eyJ",
      secrets.token.slice(0, 12),
      "carol",
      "example.org",
      "brien",
    ];
    expect(leaks.filter((leak) => raw.includes(leak))).toEqual([]);
  });
});

describe("a Sentry that is unwell", () => {
  test.for([500, 503, 302, 400])("answering %d makes the report failed, and nothing else", async (status) => {
    endpoint.behave({ status, headers: { Location: "/elsewhere" } });
    reporter().report(new Error("boom"), {});
    await Promise.all(waiting);
    expect(outcomes).toEqual([{ kind: "failed", reason: "refused", status }]);
    expect(endpoint.requests()).toBe(1);
  });

  test("that hangs is given up at the deadline, for all reports of the event together", async () => {
    endpoint.behave("hang");
    const { report } = reporter({ deadlineMs: 150 });
    for (let index = 0; index < 5; index++) report(kindOfError(index), {});
    await Promise.all(waiting);
    expect(outcomes).toEqual(Array(5).fill({ kind: "failed", reason: "no-answer" }));
    expect(endpoint.requests()).toBeLessThanOrEqual(1); // one connection at a time, and no time left for the others
  });

  test("that hangs is given up also where fetch does not listen to its signal", async () => {
    reporter({ deadlineMs: 20, fetch: () => new Promise(() => {}) }).report(new Error("boom"), {});
    await Promise.all(waiting);
    expect(outcomes).toEqual([{ kind: "failed", reason: "no-answer" }]);
  });

  test("is not asked when the deadline is over already", async () => {
    const options = { dsn: endpoint.dsn, release: "1", environment: "test", state, now: () => now };
    const sending = { ...options, capture: captureWithToucan, fetch: () => fail() };
    const report = errorReport(describeError(new Error("boom")), {});
    const outcome = await sendReport(report, sending, AbortSignal.abort());
    expect(outcome).toEqual({ kind: "failed", reason: "no-answer" });
  });

  test("that nobody can reach makes the report failed", async () => {
    await endpoint.close();
    reporter().report(new Error("boom"), {});
    await Promise.all(waiting);
    expect(outcomes).toEqual([{ kind: "failed", reason: "no-answer" }]);
    endpoint = await startSentryEndpoint();
  });

  test.for<[string, number, Record<string, string>, number, ErrorOutcome["kind"]]>([
    // what it says, status, headers, the wait in seconds, how this report ended
    ["429 with seconds", 429, { "Retry-After": "120" }, 120, "dropped"],
    ["429 with a date", 429, { "Retry-After": new Date(NOW + 300_000).toUTCString() }, 300, "dropped"],
    ["429 and nothing more", 429, {}, 60, "dropped"],
    ["200 with limits", 200, { "X-Sentry-Rate-Limits": "90:error;transaction:organization, 2700:default" }, 90, "sent"],
    ["500 with limits", 500, { "X-Sentry-Rate-Limits": "45::key" }, 45, "failed"],
  ])("with %s is left alone that long, by every event of the isolate", async ([, status, headers, waitS, kind]) => {
    endpoint.behave({ status, headers });
    reporter().report(kindOfError(1), {});
    await Promise.all(waiting);
    expect(outcomes).toMatchObject([{ kind }]);
    endpoint.behave({ status: 200 });

    now = NOW + waitS * 1_000 - 1;
    reporter().report(kindOfError(2), {});
    await Promise.all(waiting);
    expect(outcomes.at(-1)).toEqual({ kind: "dropped", reason: "told-to-wait" });
    expect(endpoint.requests()).toBe(1);

    now = NOW + waitS * 1_000;
    reporter().report(kindOfError(2), {});
    await Promise.all(waiting);
    expect(outcomes.at(-1)).toEqual({ kind: "sent" });
  });

  test("that asks to wait while reports stand in line gets none of them", async () => {
    endpoint.behave({ status: 429 });
    const { report } = reporter();
    for (let index = 0; index < 3; index++) report(kindOfError(index), {});
    await Promise.all(waiting);
    expect(endpoint.requests()).toBe(1);
    expect(outcomes).toEqual(Array(3).fill({ kind: "dropped", reason: "told-to-wait" }));
  });

  test.for<[string, number, "sent" | "dropped"]>([
    ["did not arrive", 500, "sent"],
    ["was refused for what it is", 400, "dropped"],
  ])(
    "and a report that %s: the next of its kind is %d → %s, though the repeats are used up",
    async ([, status, kind]) => {
      for (let index = 0; index < REPEATS_A_MINUTE + 1; index++) reporter().report(kindOfError(1), {});
      endpoint.behave({ status });
      reporter().report(kindOfError(2), {});
      await Promise.all(waiting);
      endpoint.behave({ status: 200 });
      reporter().report(kindOfError(2), {});
      await Promise.all(waiting);
      expect(outcomes.at(-1)).toMatchObject({ kind });
    },
  );
});

describe("the reporter", () => {
  test("is off without a DSN: one and the same object, which does nothing", () => {
    const off = reporter({ dsn: undefined });
    expect(reporter({ dsn: undefined })).toBe(off);
    off.report(new Error("boom"), {
      get never() {
        return fail();
      },
    });
    expect([waiting, outcomes, state]).toEqual([[], [], createErrorState()]);
  });

  test("sends the first of each kind and a few repeats, and drops the rest", async () => {
    const { report } = reporter();
    for (let index = 0; index < 50; index++) report(new Error(`kind of ${index}`), {});
    report(kindOfError(7), {});
    await Promise.all(waiting);
    expect(endpoint.received).toHaveLength(1 + REPEATS_A_MINUTE + 1);
    expect(endpoint.received.at(-1)?.event.exception.values).toMatchObject([{ value: "kind h" }]);
    expect(outcomes.filter(({ kind }) => kind === "dropped")).toHaveLength(50 - 1 - REPEATS_A_MINUTE);
  });

  test("is not flooded by a thousand kinds of error", async () => {
    for (let index = 0; index < 1_000; index++) reporter().report(kindOfError(index), {});
    await Promise.all(waiting);
    expect(endpoint.requests()).toBe(EVENTS_A_MINUTE);
    const floods = outcomes.filter((outcome) => outcome.kind === "dropped" && outcome.reason === "flood");
    expect(floods).toHaveLength(1_000 - EVENTS_A_MINUTE);
  });

  test.for<[string, Partial<ErrorReporterOptions>]>([
    ["the event takes no more work", { waitUntil: () => fail() }],
    ["the format cannot be made", { capture: () => fail() }],
    ["nothing is posted", { capture: () => {} }],
    ["fetch throws at once", { fetch: () => fail() }],
    ["counting throws", { onOutcome: () => fail() }],
    ["the clock throws", { now: () => fail() }],
    ["the clock throws later", { now: failsAfter(1, () => NOW) }],
  ])("does not throw, and leaves no rejection behind, when %s", async ([, changes]) => {
    const work: Promise<unknown>[] = [];
    const { report } = reporter({ waitUntil: (promise) => work.push(promise), ...changes });
    report(new Error("boom"), {});
    report(new Error("boom"), {});
    await expect(Promise.all(work)).resolves.toBeDefined();
    await expect.poll(() => outcomes.length).toBe(changes.onOutcome ? 0 : 2); // one for each report
  });

  test("has sent nothing yet when report returns: the event goes on first", async () => {
    let posts = 0;
    async function count(): Promise<Response> {
      posts++;
      return new Response();
    }
    reporter({ fetch: count }).report(new Error("boom"), {});
    expect(posts).toBe(0);
    await Promise.all(waiting);
    expect(posts).toBe(1);
  });

  test("keeps what two interleaved events set apart", async () => {
    const one = reporter();
    const two = reporter();
    one.report(Object.assign(new Error("of one"), { code: "one" }), { event: "one" });
    two.report(new Error("of two"), { event: "two" });
    one.report(new Error("of one again"), { event: "one" });
    await Promise.all(waiting);
    const told = endpoint.received.map(({ event }) => [
      event.exception.values[0]?.value,
      event.extra.facts,
      event.tags?.code,
    ]);
    expect(told.sort()).toEqual([
      ["of one again", { event: "one" }, undefined],
      ["of one", { event: "one" }, "one"],
      ["of two", { event: "two" }, undefined],
    ]);
  });
});

/** Works that many times and throws from then on. */
function failsAfter(times: number, work: () => number): () => number {
  let calls = 0;
  return () => (calls++ < times ? work() : fail());
}

function fail(): never {
  throw new Error("This must not be seen.");
}
