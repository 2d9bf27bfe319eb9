import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { CORE_PROBLEMS } from "../../../../src/http/problems.ts";
import type { Route } from "../../../../src/http/route.ts";
import { createRouter } from "../../../../src/http/router.ts";
import type { KnownAccount } from "../../../../tools/fuzz/accounts.ts";
import { answerCheck } from "../../../../tools/fuzz/answerCheck.ts";
import { apiOperations } from "../../../../tools/fuzz/apiOperations.ts";
import { judgeBy } from "../../../../tools/fuzz/judge.ts";
import { type LaneAccounts, runLane } from "../../../../tools/fuzz/lane.ts";
import { leakCheck } from "../../../../tools/fuzz/leakCheck.ts";
import type { Asker } from "../../../../tools/fuzz/plan.ts";
import { planArbitrary } from "../../../../tools/fuzz/planArbitrary.ts";
import { report } from "../../../../tools/fuzz/report.ts";
import type { Send } from "../../../../tools/fuzz/send.ts";
import { Tally } from "../../../../tools/fuzz/tally.ts";
import { openApi } from "../../../../tools/generate/openApi.ts";
import { accounts as credentials, failingDatabase, NOW, route } from "../http/call.ts";

const ID = "0198c0de-0000-7000-8000-000000000001";
const thing = z.object({ id: z.uuid(), name: z.string() });

type Handle = (asked: { readonly id: string; readonly name: string; readonly who: string }) => unknown;

/** A small API: things can be made and looked at. What is looked at is `handle`'s. */
function routesWith(handle: Handle): readonly Route[] {
  return [
    route({
      method: "POST",
      path: "/api/things",
      summary: "a",
      access: "signed-in",
      body: z.strictObject({ name: z.string().check(z.maxLength(50)) }),
      answers: { 201: thing },
      handle: ({ body }) => ({ status: 201, body: { id: ID, name: body.name } }),
    }),
    route({
      method: "GET",
      path: "/api/things/:id",
      summary: "b",
      access: "signed-in",
      params: z.object({ id: z.uuid() }),
      query: z.object({ name: z.optional(z.string()) }),
      answers: { 200: thing },
      handle: async ({ params, query, account }) => {
        return {
          status: 200,
          body: (await handle({ id: params.id, name: query.name ?? "", who: account.id })) as never,
        };
      },
    }),
  ];
}

const healthy: Handle = ({ id, name }) => ({ id, name });

async function fuzzed(handle: Handle, { inputs = 400, isStarved = false, aborts = false } = {}) {
  const routes = routesWith(handle);
  const document = openApi({
    info: { title: "Things", version: "1" },
    routes,
    problems: CORE_PROBLEMS,
    securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
  });
  const router = createRouter({ routes, accounts: credentials });
  const sent: string[] = [];
  const waited: number[] = [];
  const stopping = new AbortController();
  const send: Send = async ({ method, path, headers, body }) => {
    sent.push(`${method} ${path} ${Buffer.from(body ?? "")}`);
    if (aborts && sent.length === 10) stopping.abort();
    const init = { method, headers: headers.map(([name, value]): [string, string] => [name, value]) };
    const hasBody = body && !["GET", "HEAD"].includes(method);
    const asked = new Request(`http://localhost${path}`, { ...init, ...(hasBody && { body: Buffer.from(body) }) });
    const answer = await router.fetch(asked, {
      database: failingDatabase(new Error("no test asked for the database")),
      now: () => NOW,
      waitUntil: () => {},
      exposesRoute: false,
      report: () => {},
    });
    const headerText = Array.from(answer.headers, ([name, value]) => `${name}: ${value}\n`).join("");
    return { status: answer.status, headers: answer.headers, headerText, text: await answer.text() };
  };
  const account: KnownAccount = { id: "ada", email: "a@b.c", role: "creator", token: "good", tokenHash: "" };
  const accounts: LaneAccounts = {
    of: (asker: Asker) => (asker === "nobody" || asker === "stranger" ? undefined : account),
    resetTokenOf: () => undefined,
    strangersToken: "s".repeat(43),
    renew: async () => {},
  };
  const operations = apiOperations(document as never);
  const tally = new Tally(operations);
  const markers = [{ text: "word-of-bob", what: "Bob's draft", mayBeSeenBy: ["bob"] }];
  await runLane({
    lane: 0,
    seed: 1,
    inputs,
    plans: planArbitrary(operations),
    origin: "http://localhost",
    send,
    judge: judgeBy({
      isAsDocumented: answerCheck(document),
      leaks: leakCheck("word", markers),
      isStarved: () => isStarved,
    }),
    accounts,
    victims: { thing: [ID] },
    signal: stopping.signal,
    wait: async (ms) => waited.push(ms),
    isNew: tally.isNew,
    onAnswer: tally.onAnswer,
    onFinding: tally.onFinding,
  });
  const { findings, ...counts } = tally.result(1);
  return { sent, waited, findings, counts, text: report({ findings, tampered: [] }, "http://localhost") };
}

describe("a lane", () => {
  test("finds nothing where nothing is wrong, and gets to a success everywhere", async () => {
    const { findings, counts } = await fuzzed(healthy);
    expect(findings).toEqual([]);
    expect(counts).toMatchObject({ inputs: 400, serverErrors: 0, offDocument: 0, leaks: 0, neverSucceeded: [] });
  });

  test("sends the same for the same seed and the same answers", async () => {
    const [one, other] = await Promise.all([fuzzed(healthy), fuzzed(healthy)]);
    expect(one.sent).toEqual(other.sent);
  });

  test("stops at once when it is told to, with what it saw so far", async () => {
    const { counts } = await fuzzed(healthy, { aborts: true });
    expect(counts.inputs).toBe(9);
  });

  test.for<[string, Handle, "serverErrors" | "offDocument" | "leaks", string]>([
    [
      "an error of ours",
      () => {
        throw new Error('relation "things" does not exist');
      },
      "serverErrors",
      "it answered 500",
    ],
    [
      "a driver's words",
      ({ id }) => ({ id, name: 'duplicate key value violates unique constraint "x"' }),
      "leaks",
      "words of Postgres",
    ],
    ["a field too many", ({ id, name }) => ({ id, name, email: "x" }), "offDocument", 'additional properties: "email"'],
    ["another's draft", ({ id }) => ({ id, name: "word-of-bob" }), "leaks", "it shows Bob's draft"],
  ])("finds %s", async ([, handle, kind, sentence]) => {
    const { findings, counts, text } = await fuzzed(handle);
    expect(counts[kind]).toBeGreaterThan(10);
    expect(findings.map((finding) => `${finding.kind} ${finding.sentence}`).join("\n")).toContain(sentence);
    expect(text).toContain(`curl -si --path-as-is -X GET 'http://localhost/api/things/`);
  });

  test("makes what it found simple: nothing is left that it does not take", async () => {
    const { findings } = await fuzzed(({ id, name }) => (name.includes("w") ? { id } : { id, name }));
    const found = findings.find(({ kind }) => kind === "offDocument");
    expect(found?.request.path).toMatch(/^\/api\/things\/[\w-]+\?name=/);
    expect(found?.request.headers.map(([name]) => name)).toEqual([expect.stringMatching(/Authorization|Cookie/)]);
  });

  test("counts a 503 as the machine's fault where the machine is starved, and as a finding everywhere else", async () => {
    const unavailable = () => {
      throw Object.assign(new Error(), { name: "DatabaseError", code: "unavailable" });
    };
    const { counts } = await fuzzed(unavailable);
    expect(counts.starved).toBe(0);
    expect(counts.serverErrors).toBeGreaterThan(10);
    const starved = await fuzzed(unavailable, { isStarved: true });
    expect(starved.counts.starved).toBeGreaterThan(10);
    expect(starved.findings).toEqual([]);
    expect(starved.waited).toEqual(Array.from({ length: starved.counts.starved }, () => 1_000));
  });
});

test("a 503 is busy by its type alone", () => {
  const judge = judgeBy({ isAsDocumented: () => [], leaks: () => [], isStarved: () => false });
  const request = { method: "POST", path: "/", headers: [], body: undefined };
  const verdictOf = (type: string) => {
    const text = JSON.stringify({ type });
    return judge(request, { status: 503, headers: new Headers(), headerText: "", text }, undefined);
  };
  expect(verdictOf("/problems/busy")).toEqual({ excuse: "busy", complaints: [] });
  expect(verdictOf("/problems/unavailable").complaints).toEqual([
    { kind: "serverErrors", sentence: "it answered 503" },
  ]);
});
