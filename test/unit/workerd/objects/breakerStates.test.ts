import { env, evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { RAMP_MS } from "../../../../src/breaker/constants.ts";
import { breakerAnswerSchema } from "../../../../src/rpc/digest.ts";
import { readMessage } from "../../../../src/rpc/readMessage.ts";
import { compareStamps } from "../../../../src/rpc/stamp.ts";
import { LIVES, steps, until } from "./lives.ts";
import { breakerDigest, NODE, standing, trouble } from "./messages.ts";
import { alarmInMs, rowsOf } from "./storage.ts";

/** Every state of the real object, in one life and evicted between every two steps. */

afterEach(() => reset()); // alarms would go on ringing beside the next test

/** Longer than a node stays open the first time, with jitter and a busy machine. */
const OPEN_WAIT_MS = 6_000;
const HOUR_MS = 3_600_000;

type Method = "digest" | "admin" | "hold" | "release" | "reincarnate";
type Say = ReturnType<typeof steps<Method>>["say"];

/** What a reporter says whose own breaker opened, in this epoch of the world's. */
function tripped(seq: number, epoch: number) {
  const bad = trouble("a", seq);
  const of = (each: object) => ({ ...each, epoch });
  return { ...bad, outcomes: bad.outcomes.map(of), standing: bad.standing.map(of) };
}

const order = (id: string, expectedEpoch: number, more: object = {}) => ({
  id,
  owner: "ann",
  reason: "a drill",
  node: NODE,
  expectedEpoch,
  ...more,
});

const nodeOf = async (say: Say) => (await say("digest", breakerDigest())).part.nodes[0];

/** Two good probes of a node that was opened, or held open: it ramps up. Tells the epoch then. */
async function lead(say: Say, firstSeq: number): Promise<number> {
  let seq = firstSeq;
  const ask = () => say("digest", breakerDigest({ wantsLeases: 1 }));
  for (let good = 0; good < 2; good++) {
    const { leases } = await until(ask, (answer) => answer.leases.length > 0, OPEN_WAIT_MS);
    const settle = [{ lease: leases[0].id, node: NODE, epoch: leases[0].epoch, outcome: "ok" }];
    await say("digest", breakerDigest({ reports: [{ id: "p", seq: seq++, outcomes: [], standing: [], settle }] }));
  }
  const node = await nodeOf(say);
  expect(node.state).toBe("ramping");
  return node.epoch;
}

describe.each(LIVES)("a CircuitBreaker $name", (life) => {
  const breaker = () => steps<Method>(env.CIRCUIT_BREAKER as unknown as DurableObjectNamespace, life);

  test("closes at the end of the ramp by its alarm, and a failure on the way there opens it for longer", async () => {
    const { stub, say } = breaker();
    await say("digest", breakerDigest({ reports: [trouble("a", 1)] }));
    const ramping = await lead(say, 1);
    const { part } = await say("digest", breakerDigest({ reports: [tripped(2, ramping)] }));
    expect(part.nodes[0]).toMatchObject({ state: "open", epoch: ramping + 1 });
    expect(part.nodes[0].forMs).toBeGreaterThan(3_000); // twice the first wait

    const again = await lead(say, 9);
    const inMs = await alarmInMs(stub);
    expect(inMs).toBeLessThanOrEqual(RAMP_MS);
    const ring = async () => {
      await runDurableObjectAlarm(stub);
      await life.between(stub);
      return say("admin");
    };
    const { nodes } = await until(ring, (said) => said.nodes[0].state === "closed", RAMP_MS + 2_000);
    expect(nodes[0].epoch).toBe(again + 1);
  }, 30_000);

  test("counts the ramp from when it began, whoever asks and however often", async () => {
    const { say } = breaker();
    await say("digest", breakerDigest({ reports: [trouble("a", 1)] }));
    await lead(say, 1);
    const first = await nodeOf(say);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const later = await nodeOf(say);
    expect(later.sinceMs).toBeGreaterThanOrEqual(first.sinceMs + 300);
    expect(later.forMs).toBeLessThanOrEqual(first.forMs - 300);
    expect(later.epoch).toBe(first.epoch);
  }, 15_000);

  test.for(["forced-open", "forced-closed"] as const)(
    "%s: grants nobody a lease, and no report moves it",
    async (state) => {
      const { say } = breaker();
      await say("hold", order("h", 0, { state, expiresInMs: HOUR_MS }));
      const digest = breakerDigest({ reports: [tripped(1, 1)], checks: [], wantsLeases: 4 });
      const { part, leases } = await say("digest", digest);
      expect([part.nodes[0].state, part.nodes[0].epoch, leases]).toEqual([state, 1, []]);
      expect(part.nodes[0].forMs).toBeGreaterThan(HOUR_MS - 60_000);
    },
  );

  test("held open and released, it lets requests in as after any fall: two good probes, the ramp, closed", async () => {
    const { say } = breaker();
    await say("hold", order("h", 0, { state: "forced-open", expiresInMs: HOUR_MS }));
    const released = await say("release", order("r", 1));
    expect(released.node).toMatchObject({ state: "half-open", epoch: 2 });
    await lead(say, 1);
    const ask = async () => nodeOf(say);
    await until(ask, (node) => node.state === "closed", RAMP_MS + 2_000);
    const { transitions } = await say("admin");
    expect(transitions.map(({ to, by }: { to: string; by: string }) => [to, by])).toEqual([
      ["closed", ""],
      ["ramping", ""],
      ["half-open", "ann"],
      ["forced-open", "ann"],
    ]);
  }, 15_000);

  test.for([
    ["forced-open", /^half-open$/],
    ["forced-closed", /^closed$/],
    ["shadow", /open$/], // its wait goes on beneath the order, and may end with it
  ] as const)(
    "%s: an order that nobody takes back ends by the alarm, and leaves %s",
    { timeout: 15_000 },
    async ([state, left]) => {
      const { stub, say } = breaker();
      await say("hold", order("h", 0, { state, expiresInMs: 1_000 }));
      if (state === "shadow") {
        const { part } = await say("digest", breakerDigest({ reports: [tripped(1, 1)] }));
        expect(part.nodes[0]).toMatchObject({ state, would: "open" });
      }
      const inMs = await alarmInMs(stub);
      expect(inMs).not.toBeNull();
      expect(inMs).toBeLessThanOrEqual(1_000);
      const ring = async () => {
        await runDurableObjectAlarm(stub);
        await life.between(stub);
        return say("admin");
      };
      const { transitions } = await until(ring, (said) => said.nodes[0].hold === null, 5_000);
      const ended = transitions.find(({ from, by }: Record<string, string>) => from?.startsWith(state) && by === "ann");
      expect(ended).toMatchObject({ to: expect.stringMatching(left) });
    },
  );

  test("a shadow goes through all states beneath, tells each, and admits all the while", async () => {
    const { say } = breaker();
    await say("hold", order("h", 0, { state: "shadow", expiresInMs: HOUR_MS }));
    const seen: string[] = [];
    const note = (node: { state: string; would: string }) => {
      expect(node.state).toBe("shadow");
      if (seen.at(-1) !== node.would) seen.push(node.would);
    };
    note(await nodeOf(say));
    note((await say("digest", breakerDigest({ reports: [tripped(1, 1)] }))).part.nodes[0]);
    let seq = 1;
    const ask = async () => {
      const { part, leases } = await say("digest", breakerDigest({ wantsLeases: 1 }));
      note(part.nodes[0]);
      const settle = leases.map(({ id, epoch }: { id: string; epoch: number }) => {
        return { lease: id, node: NODE, epoch, outcome: "ok" };
      });
      if (settle.length > 0) {
        const settled = { id: "p", seq: seq++, outcomes: [], standing: [standing({ epoch: 0 })], settle };
        note((await say("digest", breakerDigest({ reports: [settled] }))).part.nodes[0]);
      }
      return part.nodes[0];
    };
    await until(ask, ({ would }) => would === "closed", OPEN_WAIT_MS + RAMP_MS + 2_000);
    expect(seen).toEqual(["closed", "open", "half-open", "ramping", "closed"]);
  }, 20_000);

  test("reincarnated it is another, once, with everything it knew", async () => {
    const { say } = breaker();
    await say("hold", order("h", 0, { state: "forced-open", expiresInMs: HOUR_MS }));
    const before = await say("digest", breakerDigest());
    const again = { id: "i", owner: "ann", reason: "restored" };
    const first = await say("reincarnate", again);
    const second = await say("reincarnate", again);
    expect(first.incarnation).toBeGreaterThan(before.part.incarnation);
    expect(second.incarnation).toBe(first.incarnation);
    const after = await say("digest", breakerDigest());
    expect(compareStamps(after.part, before.part)).toBeGreaterThan(0);
    expect(after.part).toMatchObject({ incarnation: first.incarnation, nodes: [{ state: "forced-open", epoch: 1 }] });
    const { nodes, transitions } = await say("admin");
    expect(nodes[0].hold).toMatchObject({ owner: "ann", reason: "a drill" });
    expect(transitions[0]).toMatchObject({ node: "", evidence: "restored", by: "ann" });
  });

  /** The object as it finds itself after a deploy: with this row of its node. */
  async function withRow(stub: DurableObjectStub, say: Say, row: object): Promise<void> {
    await say("digest", breakerDigest());
    await runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec("INSERT OR REPLACE INTO rows (key, value) VALUES (?, ?)", `node:${NODE}`, JSON.stringify(row));
    });
    await evictDurableObject(stub);
  }

  /** As the first version with a world's breaker wrote it: three states, and nothing that came later. */
  const olderRow = (phase: object) => ({
    phase,
    window: [],
    reporters: [{ id: "a", askedAt: Date.now(), failingAt: 0, failedRun: 0, slowRun: 0 }],
    leases: [],
    checkGrantedAt: 0,
    successAt: Date.now() - 5_000,
    failureAt: null,
    queryAt: null,
  });

  test.for([
    ["closed", () => ({})],
    ["open", () => ({ until: Date.now() + 4_000, opened: 2 })],
    ["half-open", () => ({ opened: 1, good: 1 })],
  ] as const)("goes on from an older version's row that says %s", async ([state, more]) => {
    const { stub, say } = breaker();
    const { part } = await say("digest", breakerDigest());
    await withRow(stub, say, olderRow({ state, epoch: 7, since: Date.now() - 1_000, ...more() }));
    const after = await say("digest", breakerDigest());
    expect(after.part.incarnation).toBe(part.incarnation);
    expect(after.part.nodes[0]).toMatchObject({ state, epoch: 7 });
    expect(after.part.health[0].successAgeMs).toBeGreaterThanOrEqual(5_000);
    // And what it knows of later states follows from there.
    const held = await say("hold", order("h", 7, { state: "forced-closed", expiresInMs: HOUR_MS }));
    expect(held).toMatchObject({ kind: "done", node: { state: "forced-closed", epoch: 8 } });
  });

  test("rolled back, it begins anew where it does not know a state: closed, under an incarnation that is believed", async () => {
    const { stub, say } = breaker();
    await say("digest", breakerDigest({ reports: [trouble("a", 1)] }));
    const before = await say("digest", breakerDigest());
    const row = olderRow({ state: "of-a-later-version", epoch: 40, since: Date.now(), hold: {} });
    await withRow(stub, say, row);
    const text = JSON.stringify(await say("digest", breakerDigest()));
    const after = readMessage(breakerAnswerSchema, text, Number.POSITIVE_INFINITY);
    expect(after?.part.nodes).toEqual([expect.objectContaining({ node: NODE, state: "closed", epoch: 0 })]);
    // Isolates hold later epochs of the former life: only a later incarnation outranks them, also the one they held.
    expect(after && compareStamps(after.part, { ...before.part, epoch: 99 })).toBeGreaterThan(0);
    expect((await nodeOf(say)).state).toBe("closed");
    expect((await rowsOf(stub))[`node:${NODE}`]).toContain('"state":"closed"');
    const { part } = await say("digest", breakerDigest({ reports: [trouble("b", 1)] }));
    expect(part.nodes[0]).toMatchObject({ state: "open", epoch: 1 }); // and it is at work
  });
});
