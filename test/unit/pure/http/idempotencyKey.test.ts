import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import type { Idempotency } from "../../../../src/database/database.ts";
import { call, JSON_TYPE, problemOf, route, SIGNED_IN } from "./call.ts";

const body = z.strictObject({ name: z.optional(z.string()) });

function creates(method: "POST" | "PATCH", path: string) {
  return route({
    method,
    path,
    summary: "",
    access: "signed-in",
    idempotent: true,
    body,
    answers: { 200: z.unknown() },
    handle: ({ idempotency }) => ({ status: 200, body: { idempotency } }),
  });
}

const ROUTES = [creates("POST", "/things"), creates("PATCH", "/things"), creates("POST", "/others")];

interface Sending {
  readonly method?: string;
  readonly path?: string;
  readonly sent?: string;
  readonly key?: string;
}

function send({ method = "POST", path = "/things", sent = '{"name":"x"}', key }: Sending) {
  const headers = { ...SIGNED_IN, ...JSON_TYPE, ...(key !== undefined && { "Idempotency-Key": key }) };
  return call(ROUTES, path, { method, body: sent, headers });
}

async function idempotencyOf(sending: Sending): Promise<Idempotency | undefined> {
  return JSON.parse((await send(sending)).text).idempotency;
}

describe("an Idempotency-Key", () => {
  test.for([
    "k",
    "8e03978e-40d5-43dd-bc93-6894a57f9324",
    '"quoted"',
    "!#$%&'()*+,-./:;<=>?@[]^_`{|}~",
    "k".repeat(255),
  ])("is taken as it was sent: %s", async (key) => {
    expect(await idempotencyOf({ key })).toMatchObject({ key, scope: "ada" });
  });

  test.for(["", "k".repeat(256), "two words", "tab\tbed", "caf\u00e9"])("is refused by its name: %j", async (key) => {
    const reply = await send({ key });
    expect([reply.status, problemOf(reply).fields]).toEqual([400, ["Idempotency-Key"]]);
  });

  test("given twice is refused", async () => {
    const headers = new Headers({ ...SIGNED_IN, ...JSON_TYPE });
    headers.append("Idempotency-Key", "a");
    headers.append("Idempotency-Key", "b");
    const reply = await call(ROUTES, "/things", { method: "POST", body: "{}", headers });
    expect(problemOf(reply).fields).toEqual(["Idempotency-Key"]);
  });

  test("that is not sent means none", async () => {
    expect(await idempotencyOf({})).toBeUndefined();
  });
});

describe("the fingerprint of a request", () => {
  test("is the same for the same request, with or without a slash at the end", async () => {
    const first = await idempotencyOf({ key: "k" });
    expect(first?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(await idempotencyOf({ key: "k" })).toEqual(first);
    expect(await idempotencyOf({ key: "k", path: "/things/" })).toEqual(first);
    expect((await idempotencyOf({ key: "other" }))?.fingerprint).toBe(first?.fingerprint);
  });

  test.for([
    ["method", { method: "PATCH" }],
    ["path", { path: "/others" }],
    ["body", { sent: '{"name":"y"}' }],
    ["body's bytes", { sent: '{ "name":"x"}' }],
  ] as const)("is another for another %s", async ([, change]) => {
    const [one, other] = await Promise.all([idempotencyOf({ key: "k" }), idempotencyOf({ key: "k", ...change })]);
    expect(other?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(other?.fingerprint).not.toBe(one?.fingerprint);
  });
});
