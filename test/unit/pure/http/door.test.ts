import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import * as z from "zod/mini";
import { MAX_BODY_BYTES, READ_BODY_MS } from "../../../../src/http/constants.ts";
import { type Asking, call, JSON_TYPE, problemOf, route } from "./call.ts";

/** Answers what the door let through. */
const echo = route({
  method: "POST",
  path: "/echo",
  summary: "",
  access: "anonymous",
  query: z.object({
    q: z.optional(z.string().check(z.maxLength(10))),
    kind: z.optional(z.enum(["a", "b"])),
    limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(100)), 20),
  }),
  body: z.strictObject({
    name: z.string().check(z.minLength(1), z.maxLength(70_000)),
    tags: z.optional(z.array(z.string())),
    inner: z.optional(z.strictObject({ note: z.string() })),
    any: z.optional(z.unknown()),
  }),
  answers: { 200: z.unknown() },
  handle: ({ query, body }) => ({ status: 200, body: { query, body } }),
});

type Sent = NonNullable<Asking["body"]>;

function send(body: Sent, headers: Record<string, string> = JSON_TYPE, query = "") {
  return call([echo], `/echo${query}`, { method: "POST", body, headers, duplex: "half" });
}

function bytes(...parts: readonly (string | number)[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  return Uint8Array.from(parts.flatMap((part) => (typeof part === "number" ? [part] : [...encoder.encode(part)])));
}

function stream(chunk: Uint8Array, count: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent++ < count) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

function inSingleBytes(): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      for (const byte of chunk) controller.enqueue(Uint8Array.of(byte));
    },
  });
}

const NAMED = '{"name":"x"}';

afterEach(() => {
  vi.useRealTimers();
});

describe("a body", () => {
  test.for([
    ["empty", "", 400, "malformed-body"],
    ["of blanks", "  ", 400, "malformed-body"],
    ["cut off", '{"name":', 400, "malformed-body"],
    ["with a trailing comma", '{"name":"x",}', 400, "malformed-body"],
    ["with a bare NUL byte", bytes('{"name":"', 0, '"}'), 400, "malformed-body"],
    ["of invalid UTF-8", bytes('{"name":"', 0xff, '"}'), 400, "malformed-body"],
    ["with an overlong encoding", bytes('{"name":"', 0xc0, 0x80, '"}'), 400, "malformed-body"],
    ["with a surrogate in UTF-8", bytes('{"name":"', 0xed, 0xa0, 0x80, '"}'), 400, "malformed-body"],
    ["in UTF-16", bytes(0xfe, 0xff, 0, "{", 0, "}"), 400, "malformed-body"],
    ["one byte too large", `{"name":"${"x".repeat(MAX_BODY_BYTES - 10)}"}`, 413, "body-too-large"],
    ["of endless chunks", stream(new Uint8Array(1_000), 1_000_000), 413, "body-too-large"],
    [
      "nested 30,000 deep where nothing is expected",
      `${"[".repeat(30_000)}${"]".repeat(30_000)}`,
      400,
      "invalid-request",
    ],
  ] as const)("%s is refused", async ([, body, status, slug]) => {
    const reply = await send(body);
    expect([reply.status, problemOf(reply).slug, reply.reported]).toEqual([status, slug, []]);
  });

  test.for([
    ["[]", ["body"]],
    ["null", ["body"]],
    ['"x"', ["body"]],
    ["{}", ["name"]],
    ['{"name":5}', ["name"]],
    ['{"name":null}', ["name"]],
    ['{"name":""}', ["name"]],
    ['{"name":"x","role":"admin"}', ["role"]],
    ['{"name":"x","__proto__":{"role":"admin"}}', ["__proto__"]],
    ['{"name":"x","constructor":{}}', ["constructor"]],
    ['{"name":"x","tags":["a",7]}', ["tags.1"]],
    ['{"name":"x","inner":{"note":"n","more":1}}', ["inner.more"]],
    ['{"name":"a\\u0000b"}', ["name"]],
    ['{"name":"a\\ud800b"}', ["name"]],
    ['{"name":"a\\uDFFFb"}', ["name"]],
    ['{"name":"x","inner":{"note":"\\u0000"}}', ["inner.note"]],
    ['{"name":"x","tags":["fine","\\ud83d"]}', ["tags.1"]],
    ['{"name":"x","any":{"a\\u0000":1}}', ["any.a"]],
    ['{"name":5,"tags":7}', ["name", "tags"]],
  ] as const)("%s is refused by its fields", async ([body, fields]) => {
    const reply = await send(body);
    expect([reply.status, problemOf(reply).slug, problemOf(reply).fields]).toEqual([400, "invalid-request", fields]);
    for (const { message } of problemOf(reply).body.errors ?? []) expect(message).toMatch(/^(must|is not) /);
  });

  test.for([
    ["as large as allowed", `{"name":"${"x".repeat(MAX_BODY_BYTES - 11)}"}`],
    ["with a surrogate pair as escapes", '{"name":"\\ud83d\\ude00"}'],
    ["with a byte order mark", bytes(0xef, 0xbb, 0xbf, NAMED)],
    ["that says how, not what, is escaped", '{"name":"\\\\u0000 is how NUL is written"}'],
    ["in single bytes", new Blob([NAMED]).stream().pipeThrough(inSingleBytes())],
  ] as const)("%s is let through", async ([, body]) => {
    const reply = await send(body);
    expect(reply.status, reply.text.slice(0, 200)).toBe(200);
  });

  test("nested 20,000 deep is harmless where anything goes", async () => {
    const deep = `{"any":${"[".repeat(20_000)}"\\u0000"${"]".repeat(20_000)}}`;
    const lenient = route({
      method: "POST",
      path: "/lenient",
      summary: "",
      access: "anonymous",
      body: z.strictObject({ any: z.unknown() }),
      answers: { 204: null },
      handle: () => ({ status: 204 }),
    });
    const sent = (body: string) => call([lenient], "/lenient", { method: "POST", body, headers: JSON_TYPE });
    expect((await sent(deep.replace("\\u0000", "\\u0041"))).status).toBe(204);
    expect(problemOf(await sent(deep)).fields).toEqual([`any${".0".repeat(7)}`]);
  });

  test.for([
    ["application/json", 200],
    ["Application/JSON", 200],
    ["application/json; charset=utf-8", 200],
    ['application/json;charset="UTF-8"', 200],
    ["application/json;", 200],
    ["application/json; profile=x", 200],
    ["application/json; charset=latin1", 415],
    ["application/jsonp", 415],
    ["text/plain", 415],
    ["application/x-www-form-urlencoded", 415],
    ["multipart/form-data; boundary=application/json", 415],
  ] as const)("of type %s is answered %d", async ([type, status]) => {
    expect((await send(NAMED, { "Content-Type": type })).status).toBe(status);
  });

  test("of no type, or compressed, is refused", async () => {
    expect((await send(bytes(NAMED), {})).status).toBe(415);
    expect((await send(NAMED, { ...JSON_TYPE, "Content-Encoding": "gzip" })).status).toBe(415);
  });

  test("that claims to be larger than allowed is refused unread", async () => {
    const body = new ReadableStream({ pull: () => Promise.reject(new Error("was read")) }, { highWaterMark: 0 });
    const headers = { ...JSON_TYPE, "Content-Length": String(MAX_BODY_BYTES + 1) };
    expect(problemOf(await send(body, headers)).slug).toBe("body-too-large");
  });

  test("that does not come to an end is given up", async () => {
    vi.useFakeTimers();
    let isCancelled = false;
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(bytes('{"name":')),
      cancel: () => {
        isCancelled = true;
      },
    });
    const reply = send(body);
    await vi.advanceTimersByTimeAsync(READ_BODY_MS);
    expect([(await reply).status, problemOf(await reply).slug, isCancelled]).toEqual([408, "body-too-slow", true]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that came in time leaves no timer behind", async () => {
    vi.useFakeTimers();
    expect((await send(NAMED)).status).toBe(200);
    expect((await send(stream(new Uint8Array(1_000), 100))).status).toBe(413);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that breaks off is malformed", async () => {
    const body = new ReadableStream({ start: (controller) => controller.error(new Error("ECONNRESET 10.0.0.7")) });
    const reply = await send(body);
    expect([reply.status, problemOf(reply).slug]).toEqual([400, "malformed-body"]);
    expect(reply.text).not.toContain("10.0.0.7");
  });

  test("of 500 unknown fields names 20 of them, shortened", async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}${"n".repeat(100)}`, 1]));
    const { fields } = problemOf(await send(JSON.stringify({ name: "x", ...many })));
    expect(fields).toHaveLength(20);
    expect(Math.max(...fields.map(({ length }) => length))).toBe(80);
  });

  test("of whatever JSON never makes a mistake of ours", { timeout: 30_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ stringUnit: "binary" }), async (body) => {
        const reply = await send(body);
        expect(reply.status === 200 || reply.status === 400, reply.text).toBe(true);
        expect(reply.reported).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe("a query string", () => {
  test.for([
    ["?kind=c", ["kind"]],
    ["?kind=", ["kind"]],
    ["?kind=A", ["kind"]],
    ["?limit=0", ["limit"]],
    ["?limit=-1", ["limit"]],
    ["?limit=1e400", ["limit"]],
    ["?limit=ten", ["limit"]],
    ["?q=01234567890", ["q"]],
    ["?q=%", ["q"]],
    ["?q=%zz", ["q"]],
    ["?q=%ff", ["q"]],
    ["?q=%c0%80", ["q"]],
    ["?q=%ed%a0%80", ["q"]],
    ["?q=a%00", ["q"]],
    ["?q=a&q=a", ["q"]],
    ["?q=%ff&kind=%00", ["q", "kind"]],
    ["?q=a&kind=c&limit=0", ["kind", "limit"]],
    ["?%71=%ff", ["q"]],
  ] as const)("%s is refused by its parameters", async ([query, fields]) => {
    const reply = await send(NAMED, JSON_TYPE, query);
    expect([reply.status, problemOf(reply).slug, problemOf(reply).fields]).toEqual([400, "invalid-request", fields]);
  });

  test.for([
    ["", { limit: 20 }],
    ["?", { limit: 20 }],
    ["?&&", { limit: 20 }],
    ["?q=a+b", { q: "a b", limit: 20 }],
    ["?q=a%2Bb", { q: "a+b", limit: 20 }],
    ["?q=%F0%9F%98%80", { q: "😀", limit: 20 }],
    ["?q=a=b", { q: "a=b", limit: 20 }],
    ["?q", { q: "", limit: 20 }],
    ["?limit=7&kind=b", { limit: 7, kind: "b" }],
    ["?utm=1&utm=2&%ff=1&x=%00", { limit: 20 }],
    ["?__proto__=1&constructor=1", { limit: 20 }],
  ] as const)("%s is read", async ([query, read]) => {
    const reply = await send(NAMED, JSON_TYPE, query);
    expect([reply.status, JSON.parse(reply.text).query]).toEqual([200, read]);
  });
});
