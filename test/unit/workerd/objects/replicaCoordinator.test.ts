import { env, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { ReplicaCoordinator } from "../../../../objects/replicaCoordinator.ts";
import { LIVES, steps } from "./lives.ts";
import { NO_DIGESTS, NODE, replicasDigest } from "./messages.ts";
import { alarmInMs, rowsOf, statementsOf } from "./storage.ts";

afterEach(() => reset()); // alarms would go on ringing beside the next test

const SAMPLE = {
  node: NODE,
  inRecovery: false,
  epoch: "7",
  position: "4096",
  generation: "1",
  tookMs: 2,
  ageMs: 0,
};

/** Puts a Prober that answers in the object's way; tells how often it was asked. It is gone with the next eviction. */
async function answer(stub: DurableObjectStub, answers: readonly object[]): Promise<() => number> {
  let asked = 0;
  const sample = async () => {
    asked++;
    return JSON.stringify({ answers });
  };
  await runInDurableObject(stub, (_, state) => {
    Object.defineProperty(state, "exports", { value: { Prober: { sample } }, configurable: true });
  });
  return () => asked;
}

describe.each(LIVES)("a ReplicaCoordinator $name", (life) => {
  const coordinator = () =>
    steps<"digest" | "admin">(env.REPLICA_COORDINATOR as unknown as DurableObjectNamespace, life);

  test("knows no roles before a node answered, and is itself under one incarnation", async () => {
    const { say } = coordinator();
    const first = await say("digest", replicasDigest());
    const second = await say("digest", replicasDigest());
    expect(first.part).toMatchObject({ primary: null, databaseEpoch: null });
    expect(first.part.nodes).toEqual([expect.objectContaining({ node: NODE, role: "unknown", lagBoundMs: null })]);
    expect(second.part.incarnation).toBe(first.part.incarnation);
  });

  test("draws the map from what the nodes answer, and keeps it", async () => {
    const { stub, say } = coordinator();
    await answer(stub, [{ node: NODE, outcome: "ok", sample: SAMPLE }]);
    const { part } = await say("digest", replicasDigest({ sample: true }));
    expect(part).toMatchObject({ primary: NODE, databaseEpoch: "7", newestEpoch: "7", trouble: null });
    const later = await say("admin");
    expect(later).toMatchObject({ primary: NODE, databaseEpoch: "7", incarnation: part.incarnation });
    expect(later.version).toBe(part.version);
  });

  test("takes no isolate's word for a role: it only looks sooner", async () => {
    const { stub, say } = coordinator();
    await answer(stub, [{ node: NODE, outcome: "ok", sample: SAMPLE }]);
    await say("digest", replicasDigest({ sample: true }));
    const strange = { ...SAMPLE, inRecovery: true };
    const { part } = await say("digest", replicasDigest({ samples: [strange] }));
    expect(part.primary).toBe(NODE);
  });

  test("keeps the map while the Prober is silent", async () => {
    const { stub, say } = coordinator();
    await answer(stub, [{ node: NODE, outcome: "ok", sample: SAMPLE }]);
    await say("digest", replicasDigest({ sample: true }));
    await answer(stub, []);
    const { part } = await say("digest", replicasDigest({ sample: true }));
    expect(part).toMatchObject({ primary: NODE, databaseEpoch: "7", trouble: null });
  });

  test("asks one round at a time, however many orders, digests and alarms want one", async () => {
    const { stub, say } = coordinator();
    await answer(stub, [{ node: NODE, outcome: "ok", sample: SAMPLE }]);
    await say("digest", replicasDigest({ sample: true }));
    const asked = { now: 0, most: 0, rounds: 0 };
    const sample = async () => {
      asked.most = Math.max(asked.most, ++asked.now);
      asked.rounds++;
      await new Promise((resolve) => setTimeout(resolve, 20));
      asked.now--;
      return JSON.stringify({ answers: [{ node: NODE, outcome: "ok", sample: SAMPLE }] });
    };
    const order = JSON.stringify({ kind: "primary", node: NODE, owner: "ada", reason: "to be sure" });
    const kinds = await runInDurableObject(stub, async (object, state) => {
      Object.defineProperty(state, "exports", { value: { Prober: { sample } }, configurable: true });
      const one = object as unknown as ReplicaCoordinator;
      const wants = Array.from({ length: 4 }, () => {
        return [one.order(order), one.digest(JSON.stringify(replicasDigest({ sample: true }))), one.alarm()] as const;
      });
      await Promise.all(wants.flat());
      return Promise.all(wants.map(async ([ordered]) => JSON.parse(await ordered).kind));
    });
    expect(kinds).toEqual(["done", "done", "done", "done"]);
    expect([asked.most, asked.rounds >= 4]).toEqual([1, true]);
  });

  test("takes a new incarnation where somebody holds a later word than it remembers", async () => {
    const { say } = coordinator();
    const { part } = await say("digest", replicasDigest());
    const have = { incarnation: part.incarnation, epoch: 99, version: 0 };
    const after = await say("digest", replicasDigest({ have }));
    const later = await say("digest", replicasDigest({ have }));
    expect(after.part.incarnation).toBeGreaterThan(part.incarnation);
    expect(later.part.incarnation).toBe(after.part.incarnation);
  });

  test("leaves words alone that it does not know, and nodes that are configured elsewhere", async () => {
    const { say } = coordinator();
    const samples = [{ ...SAMPLE, node: "node-9", later: 1 }];
    const { part } = await say("digest", replicasDigest({ samples, later: {} }));
    expect(part.nodes.map(({ node }: { node: string }) => node)).toEqual([NODE]);
  });

  test.each(NO_DIGESTS)("refuses a digest that is %s, and nothing changes", async (_, text) => {
    const { stub, say } = coordinator();
    await say("digest", replicasDigest());
    const before = await rowsOf(stub);
    await expect(say("digest", text)).rejects.toThrow("no digest that this version understands");
    expect(await rowsOf(stub)).toEqual(before);
  });

  test("looks by itself while a node is not well, and two rings find the same map", async () => {
    const { stub, say } = coordinator();
    await answer(stub, [{ node: NODE, outcome: "ok", sample: SAMPLE }]);
    await say("digest", replicasDigest({ sample: true }));
    await say("digest", replicasDigest({ verdicts: [{ node: NODE, state: "open" }] }));
    expect(await alarmInMs(stub)).not.toBeNull();
    const before = await say("admin");
    for (let ring = 0; ring < 2; ring++) {
      await answer(stub, [{ node: NODE, outcome: "ok", sample: SAMPLE }]);
      await runDurableObjectAlarm(stub);
      await life.between(stub);
    }
    const { primary, version } = await say("admin");
    expect([primary, version]).toEqual([before.primary, before.version]);
  });

  test("does not ring in a circle while the Prober is silent", async () => {
    const { stub, say } = coordinator();
    const asked = await answer(stub, []);
    await say("digest", replicasDigest({ verdicts: [{ node: NODE, state: "open" }] }));
    await answer(stub, []);
    await runDurableObjectAlarm(stub);
    expect(await alarmInMs(stub)).toBeGreaterThan(500);
    expect(asked()).toBeLessThanOrEqual(1);
  });
});

test("a ReplicaCoordinator starts with one SELECT", async () => {
  const stub = env.REPLICA_COORDINATOR.getByName(crypto.randomUUID());
  await stub.digest(JSON.stringify(replicasDigest()));
  const statements = await runInDurableObject(stub, (_, state) =>
    statementsOf(state.storage, () => new ReplicaCoordinator(state, env)),
  );
  expect(statements).toEqual([expect.stringMatching(/^SELECT/)]);
});
