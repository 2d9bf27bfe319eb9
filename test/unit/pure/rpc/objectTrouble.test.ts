import fc from "fast-check";
import { expect, test } from "vitest";
import { type ObjectTrouble, objectTrouble } from "../../../../src/rpc/objectTrouble.ts";

/** An error as the runtime makes one: words, and flags beside them. */
function stubError(message: string, flags: Readonly<Record<string, unknown>> = {}): Error {
  return Object.assign(new Error(message), flags);
}

test.for<[ObjectTrouble, string]>([
  // Cloudflare's troubleshooting page for Durable Objects
  ["overloaded", "Durable Object is overloaded. Too many requests queued."],
  ["overloaded", "Durable Object is overloaded. Too much data queued."],
  ["overloaded", "Durable Object is overloaded. Requests queued for too long."],
  ["overloaded", "Durable Object is overloaded. Too many requests for the same object within a 10 second window."],
  ["overloaded", "Your account is generating too much load on Durable Objects. Please back off and try again later."],
  ["overloaded", "Your account is doing too many concurrent storage operations. Please back off and try again later."],
  ["reset", "Durable Object reset because its code was updated."],
  ["reset", "Connection closed: this Durable Object instance is no longer active. Reconnect or retry the request."],
  ["reset", "Durable Object connection closed because the object was reset."],
  ["reset", "Durable Object storage operation exceeded timeout which caused object to be reset."],
  // its page on spending limits, and what users saw when a day's allowance was spent
  ["quota", "Exceeded the account's spending cap for Durable Objects"],
  ["quota", "Exceeded allowed duration in Durable Objects free tier."],
  ["quota", "Exceeded allowed volume of requests in Durable Objects free tier."],
  ["quota", "Exceeded allowed rows written in Durable Objects free tier."],
  ["quota", "SQL query failed: Exceeded allowed rows read in Durable Objects free tier."],
  ["quota", "You have exceeded the daily Cloudflare Durable Objects free tier limit of 13000 GB-s duration."],
  // workerd's own words, and those met in public issues
  ["reset", "Durable Object was reset because its code was updated."],
  ["reset", "The Durable Object's code has been updated, this version can no longer access storage."],
  ["reset", "Network connection lost."],
  ["reset", "Cannot resolve Durable Object due to transient issue on remote node."],
  ["reset", "internal error; reference = e-Gz3hrU"],
  ["reset", "Internal error in Durable Object storage caused object to be reset"],
  ["reset", "Application called abort() to reset Durable Object."],
  ["reset", "broken.outputGateBroken; jsg.Error: the output gate is broken"],
  ["missing", 'The RPC receiver does not implement the method "exchange".'],
  ["missing", "bindings.COLLECTOR.getByName is not a function"],
  // a reset that a second try would only repeat
  ["overloaded", "Durable Object's isolate exceeded its memory limit and was reset."],
  ["overloaded", "Durable Object exceeded its CPU time limit and was reset."],
  ["failed", "no such table: rows"],
  ["failed", ""],
])("%s: %s", ([expected, message]) => {
  expect(objectTrouble(stubError(message))).toBe(expected);
});

test.for<[ObjectTrouble, string, Readonly<Record<string, unknown>>]>([
  ["overloaded", "any words", { overloaded: true }],
  ["reset", "any words", { retryable: true }],
  ["reset", "any words", { durableObjectReset: true }],
  ["failed", "any words", { remote: true }],
  ["failed", "any words", { retryable: false, overloaded: false, durableObjectReset: false }],
  ["failed", "any words", { retryable: "true", overloaded: 1 }],
  // Inside `blockConcurrencyWhile` for 30 s: both flags at once, and never to be tried again.
  ["overloaded", "The call was canceled.", { overloaded: true, durableObjectReset: true, retryable: true }],
  // The platform calls it retryable; a spent allowance stays spent.
  ["quota", "Exceeded allowed duration in Durable Objects free tier.", { retryable: true, overloaded: true }],
  ["missing", 'The RPC receiver does not implement the method "runs".', { remote: true, retryable: true }],
  ["overloaded", "Durable Object's isolate exceeded its memory limit and was reset.", { durableObjectReset: true }],
])("%s: %s with %o", ([expected, message, flags]) => {
  expect(objectTrouble(stubError(message, flags))).toBe(expected);
});

test("words count as well where something else than an error was thrown", () => {
  expect(objectTrouble("Network connection lost.")).toBe("reset");
  expect(objectTrouble({ message: "Durable Object is overloaded." })).toBe("overloaded");
});

test("whatever is thrown, telling what it means throws nothing", () => {
  const hostile = [
    undefined,
    null,
    Symbol("thrown"),
    Object.create(null),
    { toString: () => ({}) },
    {
      get message() {
        throw new Error("no message for you");
      },
    },
    new Proxy(
      {},
      {
        get() {
          throw new Error("no property for you");
        },
      },
    ),
  ];
  for (const thrown of hostile) expect(objectTrouble(thrown)).toBe("failed");
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (thrown) => {
      expect(["overloaded", "reset", "missing", "quota", "failed"]).toContain(objectTrouble(thrown));
    }),
  );
});
