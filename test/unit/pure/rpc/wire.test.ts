import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type * as z from "zod/mini";
import { ColoCopyShelf } from "../../../../src/exchange/coloCopy.ts";
import {
  holdOrderSchema,
  orderOutcomeSchema,
  reincarnateOrderSchema,
  releaseOrderSchema,
} from "../../../../src/rpc/breakerOrder.ts";
import { MAX_DIGEST_CHARS, WIRE } from "../../../../src/rpc/constants.ts";
import {
  type BreakerAnswer,
  type BreakerDigest,
  breakerAnswerSchema,
  breakerDigestSchema,
  type CacheAnswer,
  type CacheDigest,
  cacheAnswerSchema,
  cacheDigestSchema,
  replicasAnswerSchema,
  replicasDigestSchema,
} from "../../../../src/rpc/digest.ts";
import { type ProbeAnswers, probeAnswerSchema, probeQuestionSchema } from "../../../../src/rpc/probing.ts";
import { readMessage, readReport } from "../../../../src/rpc/readMessage.ts";
import { replySchema } from "../../../../src/rpc/reply.ts";
import { bulkSchema, reportSchema } from "../../../../src/rpc/report.ts";
import { recorded } from "./recorded.ts";

const NOW = 1_790_000_360_000;

/** Each message of the wire, and the fields that it may come without. */
const MESSAGES: readonly [string, z.ZodMiniType, readonly string[]][] = [
  ["report", reportSchema, ["have.breaker", "have.replicas", "have.bumps"]],
  ["bulk", bulkSchema, ["telemetry", "heat"]],
  [
    "reply",
    replySchema,
    ["refused", "bulkAck", "bulkSeen", "leases", "parts.breaker", "parts.replicas", "parts.bumps"],
  ],
  ["breakerDigest", breakerDigestSchema, ["have"]],
  ["replicasDigest", replicasDigestSchema, ["have"]],
  ["cacheDigest", cacheDigestSchema, ["have"]],
  ["breakerAnswer", breakerAnswerSchema, []],
  ["replicasAnswer", replicasAnswerSchema, []],
  ["cacheAnswer", cacheAnswerSchema, []],
  ["probeQuestion", probeQuestionSchema, []],
  ["probeAnswer", probeAnswerSchema, ["answers.0.sample"]],
  ["holdOrder", holdOrderSchema, []],
  ["releaseOrder", releaseOrderSchema, []],
  ["reincarnateOrder", reincarnateOrderSchema, []],
  ["orderOutcome", orderOutcomeSchema, ["node"]],
];

const read = (schema: z.ZodMiniType, message: unknown) =>
  readMessage(schema, JSON.stringify(message), MAX_DIGEST_CHARS);

describe("yesterday's message to today's code", () => {
  test.for(MESSAGES)("%s: is understood in full", ([name, schema]) => {
    expect(read(schema, recorded(name))).toEqual(recorded(name));
  });

  test.for(MESSAGES)("%s: is understood without the fields that were added later", ([name, schema, optional]) => {
    for (const path of optional) {
      const older = without(recorded(name), path.split("."));
      expect(older).not.toEqual(recorded(name));
      expect(read(schema, older)).toEqual(older);
    }
  });

  test("a report is taken", () => {
    expect(readReport(JSON.stringify(recorded("report")), 0, NOW)).toEqual({ report: recorded("report") });
  });

  test("a colo's copy is believed", async () => {
    const store = { match: async () => Response.json(recorded("coloCopy")), put: async () => undefined };
    const found = await new ColoCopyShelf(store, () => "https://host/key").read(
      { host: "host", colo: "AMS" },
      () => NOW,
    );
    expect(found?.copy).toEqual(recorded("coloCopy"));
  });
});

test("a breaker's digest with the fields that were added since is understood in full", () => {
  const digest = recorded("breakerDigest") as BreakerDigest;
  const newer = {
    ...digest,
    life: "k3j9x0q2m1z8",
    seq: 12,
    reports: digest.reports.map((each) => ({ ...each, colo: "AMS" })),
    calm: digest.calm.map((each) => ({ ...each, colos: ["AMS"] })),
  };
  expect(read(breakerDigestSchema, newer)).toEqual(newer);
});

test("a breaker's answer with the fields that were added since is understood in full", () => {
  const answer = recorded("breakerAnswer") as BreakerAnswer;
  const nodes = answer.part.nodes.map((each) => ({ ...each, state: "shadow" as const, would: "open" as const }));
  const leases = answer.leases.map((each) => ({ ...each, besides: "AMS" }));
  const newer = { ...answer, part: { ...answer.part, nodes }, leases };
  expect([newer.leases.length > 0, nodes.length > 0]).toEqual([true, true]);
  expect(read(breakerAnswerSchema, newer)).toEqual(newer);
});

test("the cache's messages with the fields that were added since are understood in full", () => {
  const digest = recorded("cacheDigest") as CacheDigest;
  const map = { epoch: "7", nodes: [{ node: "node-1", generation: "1790000001.223311", isOut: false }] };
  const newerDigest = { ...digest, awake: ["node-1"], map };
  expect(read(cacheDigestSchema, newerDigest)).toEqual(newerDigest);
  const { part } = recorded("cacheAnswer") as CacheAnswer;
  const said = { databaseEpoch: "7", recent: [["m", 5]], purged: [[17, 5]], runway: { ms: 5, keys: 1 } };
  const newerAnswer = { part: { ...part, ...said } };
  expect(read(cacheAnswerSchema, newerAnswer)).toEqual(newerAnswer);
});

test("a probe's messages with the marks that were added since are understood in full", () => {
  const question = { ...(recorded("probeQuestion") as object), marks: ["0199a3c1-7b1e-7cc0-8f5e-3d2a9b4c5d6e"] };
  expect(read(probeQuestionSchema, question)).toEqual(question);
  const { answers } = recorded("probeAnswer") as ProbeAnswers;
  const newer = answers.map((each) => (each.sample ? { ...each, sample: { ...each.sample, held: ["m"] } } : each));
  expect(read(probeAnswerSchema, { answers: newer })).toEqual({ answers: newer });
});

describe("tomorrow's message to today's code", () => {
  test.for(MESSAGES)("%s: is understood, and what is new in it left out, at every level", ([name, schema]) => {
    const newer = withNews(recorded(name));
    expect(JSON.stringify(newer)).toContain("fromTomorrow");
    const understood = read(schema, newer);
    // What statistics say has a schema of its own, where they are merged.
    const old = name === "bulk" ? { ...(recorded(name) as object), telemetry: expect.anything() } : recorded(name);
    expect(understood).toEqual(old);
  });

  test("a colo's copy is believed, and what is new in it left out", async () => {
    const store = { match: async () => Response.json(withNews(recorded("coloCopy"))), put: async () => undefined };
    const found = await new ColoCopyShelf(store, () => "https://host/key").read(
      { host: "host", colo: "AMS" },
      () => NOW,
    );
    expect(found?.copy).toEqual(recorded("coloCopy"));
  });

  test.for(MESSAGES)("%s: is refused where it says that it is of a later wire", ([name, schema]) => {
    expect(read(schema, { ...(recorded(name) as object), wire: WIRE + 1 })).toBeUndefined();
  });
});

describe("any other message", () => {
  test.for(MESSAGES)("%s: is read in full or not at all, and reading it throws nothing", ([name, schema]) => {
    const message = recorded(name) as Readonly<Record<string, unknown>>;
    const changed = fc
      .tuple(fc.constantFrom(...Object.keys(message)), fc.jsonValue({ maxDepth: 4 }))
      .map(([key, value]) => ({ ...message, [key]: value }));
    fc.assert(
      fc.property(fc.oneof(changed, fc.jsonValue()), (other) => {
        const understood = read(schema, other);
        if (understood !== undefined) expect(read(schema, understood)).toEqual(understood);
      }),
    );
  });
});

function without(message: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return message;
  if (Array.isArray(message)) return message.map((each, at) => (String(at) === key ? without(each, rest) : each));
  const entries = Object.entries(message as object);
  if (rest.length === 0) return Object.fromEntries(entries.filter(([name]) => name !== key));
  return Object.fromEntries(entries.map(([name, value]) => [name, name === key ? without(value, rest) : value]));
}

function withNews(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(withNews);
  if (typeof message !== "object" || message === null) return message;
  const known = Object.entries(message).map(([name, value]) => [name, withNews(value)] as const);
  return Object.fromEntries([["fromTomorrow", { a: [1] }], ...known]);
}
