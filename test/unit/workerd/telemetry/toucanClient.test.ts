import { expect, test, vi } from "vitest";
import { createErrorState } from "../../../../src/telemetry/errors/errorBudget.ts";
import { createErrorReporter, type ErrorReporterOptions } from "../../../../src/telemetry/errors/errorReporter.ts";
import { readDsn } from "../../../../src/telemetry/errors/readDsn.ts";
import type { ErrorOutcome } from "../../../../src/telemetry/errors/sendReport.ts";
import { captureWithToucan } from "../../../../src/telemetry/errors/toucanClient.ts";

/** What is looked at of an event; `sentryEndpoint.ts` checks the whole format, in Node. */
interface Event {
  readonly tags?: Readonly<Record<string, string>>;
  readonly extra: { readonly facts: unknown };
  readonly exception: {
    readonly values: readonly { readonly value: string; readonly stacktrace?: { frames: unknown[] } }[];
  };
}

const reading = readDsn("https://publickey@sentry.invalid/42");
const dsn = reading.kind === "on" ? reading.dsn : undefined;

/** The isolate, its two requests, and a Sentry that answers when it is let. */
function isolate() {
  const posted: { url: string; event: Event }[] = [];
  const outcomes: ErrorOutcome[] = [];
  const waiting: Promise<unknown>[] = [];
  const shared = {
    dsn,
    release: "1.2.3",
    environment: "test",
    state: createErrorState(),
    now: Date.now,
    waitUntil: (work: Promise<unknown>) => waiting.push(work),
    capture: captureWithToucan,
    onOutcome: (outcome: ErrorOutcome) => outcomes.push(outcome),
  };
  const answering: ErrorReporterOptions["fetch"] = async (url, { body }) => {
    posted.push({ url, event: JSON.parse(body.split("\n")[2] ?? "") });
    await new Promise((resolve) => setTimeout(resolve, 5));
    return new Response("{}");
  };
  const reporter = (changes: Partial<ErrorReporterOptions> = {}) =>
    createErrorReporter({ ...shared, fetch: answering, ...changes });
  return { posted, outcomes, waiting, reporter };
}

test("toucan runs in workerd: an error becomes an event with its place and its cause", async () => {
  const { posted, outcomes, waiting, reporter } = isolate();
  const error = new Error("outer", { cause: new TypeError("inner") });
  reporter().report(error, { route: "/api/pitches" });
  await Promise.all(waiting);
  expect(outcomes).toEqual([{ kind: "sent" }]);
  expect(posted[0]?.url).toContain("https://sentry.invalid/api/42/envelope/");
  expect(posted[0]?.event.extra.facts).toEqual({ route: "/api/pitches" });
  expect(posted[0]?.event.exception.values.map(({ value }) => value)).toEqual(["inner", "outer"]);
  expect(posted[0]?.event.exception.values[1]?.stacktrace?.frames.length).toBeGreaterThan(0);
});

test("two events that interleave do not mix what each of them knows", async () => {
  const { posted, waiting, reporter } = isolate();
  const [one, two] = [reporter(), reporter()];
  one.report(Object.assign(new Error("of one"), { code: "one" }), { event: "one", only: "here" });
  two.report(new Error("of two"), { event: "two" });
  await Promise.resolve();
  one.report(new Error("of one again"), { event: "one" });
  two.report(Object.assign(new Error("of two again"), { code: "two" }), { event: "two" });
  await Promise.all(waiting);
  const told = posted.map(({ event }) => [event.exception.values[0]?.value, event.extra.facts, event.tags?.code]);
  expect(told).toHaveLength(4);
  expect(told).toEqual(
    expect.arrayContaining([
      ["of one", { event: "one", only: "here" }, "one"],
      ["of two", { event: "two" }, undefined],
      ["of one again", { event: "one" }, undefined],
      ["of two again", { event: "two" }, "two"],
    ]),
  );
});

test("a Sentry that hangs is given up in workerd too", async () => {
  const { outcomes, waiting, reporter } = isolate();
  reporter({ fetch: () => new Promise(() => {}), deadlineMs: 20 }).report(new Error("boom"), {});
  await Promise.all(waiting);
  expect(outcomes).toEqual([{ kind: "failed", reason: "no-answer" }]);
});

test("without a fetch of its own the reporter calls the platform's, and follows no redirect", async () => {
  const called = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("{}"));
  const { outcomes, waiting, reporter } = isolate();
  reporter({ fetch: undefined }).report(new Error("boom"), {});
  await Promise.all(waiting);
  expect(called).toHaveBeenCalledExactlyOnceWith(
    expect.stringContaining("https://sentry.invalid/"),
    expect.objectContaining({ method: "POST", redirect: "manual", signal: expect.any(AbortSignal) }),
  );
  expect(outcomes).toEqual([{ kind: "sent" }]);
});
