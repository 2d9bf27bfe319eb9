import { abortAllDurableObjects, env, reset, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { Collector } from "../../../../objects/collector.ts";
import { MAX_REPORT_CHARS } from "../../../../src/rpc/constants.ts";
import { TelemetryLedger } from "../../../../src/telemetry/ledger.ts";
import { LIVES, steps } from "./lives.ts";
import { NODE, report, TROUBLE } from "./messages.ts";
import { rowsOf, statementsOf } from "./storage.ts";

afterEach(() => reset()); // the owners are called by one name in all tests

/** A piece of bulk that counts so many. */
function bulk(seq: number, count: number): string {
  const ledger = new TelemetryLedger({ route: ["/api/things"] });
  ledger.counter("breakwater_http_requests_total", { route: "/api/things", status_class: "2xx" }).add(count);
  return JSON.stringify({ seq, telemetry: ledger.take() });
}

interface Totals {
  readonly data: { readonly counters: readonly { metric: string; series: readonly [string[], number][] }[] };
}

/** Sums of a counter by its labels' values. */
function counted({ data }: Totals, metric: string): Record<string, number> {
  const series = data.counters.filter((family) => family.metric === metric).flatMap((family) => family.series);
  return Object.fromEntries(series.map(([values, count]) => [values.join(" "), count]));
}

const requests = (totals: Totals) => counted(totals, "breakwater_http_requests_total")["/api/things 2xx"];

describe.each(LIVES)("a Collector $name", (life) => {
  const collector = () =>
    steps<"exchange" | "totals" | "stats">(env.COLLECTOR as unknown as DurableObjectNamespace, life);

  test("acknowledges a report and hands on what all three owners say", async () => {
    const { say } = collector();
    const reply = await say("exchange", report("a", 1), 0);
    expect(reply).toMatchObject({ wire: 1, ack: 1, shards: 1 });
    expect(reply.refused).toBeUndefined();
    expect(Object.keys(reply.parts).sort()).toEqual(["breaker", "bumps", "replicas"]);
    expect(reply.nextInMs).toBeGreaterThanOrEqual(2_000);
    const next = await say("exchange", report("a", 2), 0);
    expect(next.ack).toBe(2);
    expect(next.parts.breaker.incarnation).toBe(reply.parts.breaker.incarnation);
  });

  test("lets the owner know of trouble before it answers; a repeat opens nothing twice", async () => {
    const { say } = collector();
    const first = await say("exchange", report("a", 1, TROUBLE), 0);
    const again = await say("exchange", report("a", 1, TROUBLE), 10);
    for (const reply of [first, again]) {
      expect(reply.ack).toBe(1);
      expect(reply.parts.breaker.nodes).toEqual([expect.objectContaining({ node: NODE, state: "open", epoch: 1 })]);
    }
  });

  test("has bumps numbered before it answers, and once", async () => {
    const { say } = collector();
    const bumping = report("a", 1, { bumps: [{ id: "mark", buckets: [3, 5] }] });
    const first = await say("exchange", bumping, 0);
    const again = await say("exchange", bumping, 10);
    expect(first.parts.bumps.seq).toBeGreaterThan(0);
    expect(first.parts.bumps.buckets.map(([bucket]: [number]) => bucket)).toEqual([3, 5]);
    expect(again.parts.bumps.seq).toBe(first.parts.bumps.seq);
  });

  test("settles a check's lease: whoever asks for a look is given one, once in the world", async () => {
    const { say } = collector();
    const asking = (id: string) => report(id, 1, { asks: { checks: [NODE], sample: false, bounded: false } });
    const silent = { outcomes: [], standing: [] };
    const one = await say("exchange", { ...asking("a"), ...silent }, 0);
    const two = await say("exchange", { ...asking("b"), ...silent }, 0);
    expect(one.leases).toEqual([expect.objectContaining({ kind: "check", node: NODE })]);
    expect(two.leases).toBeUndefined();
  });

  test("counts each piece of bulk once, however often it comes", async () => {
    const { say } = collector();
    const first = await say("exchange", report("a", 1), 0, bulk(1, 5));
    const again = await say("exchange", report("a", 2), 0, bulk(1, 5));
    await say("exchange", report("a", 3), 0, bulk(2, 7));
    await say("exchange", report("a", 4), 0, bulk(2, 7));
    expect([first.bulkSeen, again.bulkSeen]).toEqual([1, 1]);
    expect(requests(await say("totals"))).toBe(12);
    expect(requests(await say("totals"))).toBe(12);
  });

  test("neither loses nor doubles bulk over a reset: what is not durable is asked for again", async () => {
    const { say } = collector();
    let count = 0;
    let durable = 0;
    for (let seq = 1; seq <= 6; seq++) {
      const { bulkAck } = await say("exchange", report("a", seq), 0, bulk(seq, seq));
      durable = bulkAck;
      count += seq;
      if (seq % 2 === 0) {
        await abortAllDurableObjects();
        // As an isolate does: all that was not acknowledged comes again, one piece an exchange.
        for (let again = durable + 1; again <= seq; again++) {
          await say("exchange", report("a", 10 * seq + again), 0, bulk(again, again));
        }
      }
    }
    expect(requests(await say("totals"))).toBe(count);
  });

  test("shows no counter that steps back, whatever happens after it was shown", async () => {
    const { say } = collector();
    await say("exchange", report("a", 1), 0, bulk(1, 5));
    await say("exchange", report("a", 2), 0, bulk(2, 7));
    expect(requests(await say("totals"))).toBe(12);
    await abortAllDurableObjects();
    expect(requests(await say("totals"))).toBe(12);
    await say("exchange", report("a", 3), 0, bulk(2, 7)); // its acknowledgement was lost
    expect(requests(await say("totals"))).toBe(12);
  });

  const NO_REPORTS: readonly (readonly [string, readonly unknown[], string])[] = [
    ["no JSON", ["{", 0], "malformed"],
    ["an empty object", ["{}", 0], "malformed"],
    ["no text", [7, 0], "malformed"],
    ["a negative time it was held", [report("a", 1), -1], "malformed"],
    ["no number for the time it was held", [report("a", 1), Number.NaN], "malformed"],
    ["too long", [report("a", 1, { pad: "x".repeat(MAX_REPORT_CHARS) }), 0], "oversized"],
    ["of a later wire", [report("a", 1, { wire: 2 }), 0], "future"],
    ["of an owner that was made tomorrow", [report("a", 1, { have: tomorrow() }), 0], "future"],
    ["over a minute old", [report("a", 1, TROUBLE), 60_001], "stale"],
  ];

  test.each(NO_REPORTS)("refuses a report that is %s, counts it, and nothing else changes", async (_, args, reason) => {
    const { say } = collector();
    const before = await say("exchange", report("a", 1), 0);
    const reply = await say("exchange", ...args);
    expect(reply).toMatchObject({ refused: reason, ack: 0, parts: {} });
    expect(counted(await say("totals"), "breakwater_reports_refused_total")).toEqual(
      life.name === "in one life" ? { [reason]: 1 } : {},
    );
    const after = await say("exchange", report("a", 2), 0);
    expect(after.parts.breaker.nodes[0].epoch).toBe(before.parts.breaker.nodes[0].epoch);
    expect(after.parts.bumps.seq).toBe(before.parts.bumps.seq);
  });

  test("says that a report came a second time, where it still remembers the first", async () => {
    const { say } = collector();
    await say("exchange", report("a", 1), 0);
    const again = await say("exchange", report("a", 1), 10);
    expect(again.ack).toBe(1);
    expect(again.refused).toBe(life.name === "in one life" ? "repeated" : undefined);
  });

  test("drops bulk that it does not understand, and goes on with the report", async () => {
    const { say } = collector();
    const reply = await say("exchange", report("a", 1), 0, '{"seq":1,"telemetry":{"counters":"many"}}');
    expect(reply.ack).toBe(1);
    await say("exchange", report("a", 2), 0, bulk(2, 4));
    expect(requests(await say("totals"))).toBe(4);
  });

  test("tells what it is and does", async () => {
    const { say } = collector();
    await say("exchange", report("a", 1), 0);
    const stats = await say("stats");
    expect(Object.keys(stats.owners)).toEqual(["breaker", "replicas", "cache"]);
    if (life.name === "in one life") expect(stats).toMatchObject({ reporters: 1, exchanges: 1 });
  });
});

test("a Collector starts with one SELECT", async () => {
  const stub = env.COLLECTOR.getByName(crypto.randomUUID());
  await stub.exchange(JSON.stringify(report("a", 1)), 0, bulk(1, 5));
  expect(Object.keys(await rowsOf(stub)).length).toBeGreaterThan(1);
  const statements = await runInDurableObject(stub, (_, state) =>
    statementsOf(state.storage, () => new Collector(state, env)),
  );
  expect(statements).toEqual([expect.stringMatching(/^SELECT/)]);
});

function tomorrow() {
  return { breaker: { incarnation: Date.now() + 86_400_000, epoch: 0, version: 0 } };
}
