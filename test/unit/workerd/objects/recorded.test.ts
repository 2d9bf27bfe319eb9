import { env, reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { MAX_DIGEST_CHARS } from "../../../../src/rpc/constants.ts";
import { breakerAnswerSchema, cacheAnswerSchema, replicasAnswerSchema } from "../../../../src/rpc/digest.ts";
import { readMessage } from "../../../../src/rpc/readMessage.ts";
import { replySchema } from "../../../../src/rpc/reply.ts";
import { compareStamps } from "../../../../src/rpc/stamp.ts";
import breakerDigest from "../../pure/rpc/recorded/breakerDigest.json";
import bulk from "../../pure/rpc/recorded/bulk.json";
import cacheDigest from "../../pure/rpc/recorded/cacheDigest.json";
import replicasDigest from "../../pure/rpc/recorded/replicasDigest.json";
import report from "../../pure/rpc/recorded/report.json";

/** What the wire's first version looked like, told to today's objects. */

afterEach(() => reset());

const NAME = "recorded";

test("a recorded report is answered in today's words, with parts that its sender will believe", async () => {
  const reply = await env.COLLECTOR.getByName(NAME).exchange(JSON.stringify(report), 0, JSON.stringify(bulk));
  const read = readMessage(replySchema, reply, MAX_DIGEST_CHARS);
  expect(read).toMatchObject({ ack: report.seq, bulkSeen: bulk.seq });
  for (const part of ["breaker", "replicas", "bumps"] as const) {
    const said = read?.parts[part];
    // These owners are new and the sender knows later words: only a new incarnation is believed.
    expect(said && compareStamps(said, report.have[part])).toBeGreaterThan(0);
  }
});

test("recorded digests are answered in today's words", async () => {
  const breaker = await env.CIRCUIT_BREAKER.getByName(NAME).digest(JSON.stringify(breakerDigest));
  expect(readMessage(breakerAnswerSchema, breaker, MAX_DIGEST_CHARS)?.part.nodes).toHaveLength(1);
  const replicas = await env.REPLICA_COORDINATOR.getByName(NAME).digest(JSON.stringify(replicasDigest));
  expect(readMessage(replicasAnswerSchema, replicas, MAX_DIGEST_CHARS)?.part.nodes).toHaveLength(1);
  const cache = await env.CACHE_COORDINATOR.getByName(NAME).digest(JSON.stringify(cacheDigest));
  expect(readMessage(cacheAnswerSchema, cache, MAX_DIGEST_CHARS)?.part.seq).toBeGreaterThan(0);
});

test.each(["alphabet", "later", "Zweck"])("words that came with a later version (%s) are left out", async (word) => {
  const later = { ...report, id: word, [word]: { some: "thing" }, asks: { ...report.asks, [word]: true } };
  const reply = await env.COLLECTOR.getByName(NAME).exchange(JSON.stringify(later), 0);
  expect(readMessage(replySchema, reply, MAX_DIGEST_CHARS)?.ack).toBe(report.seq);
});
