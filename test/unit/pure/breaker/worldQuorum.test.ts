import { describe, expect, test } from "vitest";
import type { BreakerDigest } from "../../../../src/rpc/digest.ts";
import { broken, calm, lives, NOW, report, WorldBed } from "./worldBed.ts";

const others = ["b", "c", "d"];
const crowd = ["p", "q", "r", "s", "t", "u", "v", "w"];
const many = (times: number, one: (at: number) => BreakerDigest["reports"][number]) =>
  Array.from({ length: times }, (_, at) => one(at));

describe.for(lives)("%s", ([, evicts]) => {
  const bed = () => new WorldBed(evicts);

  describe("the quorum", () => {
    test("of one isolate that is alone is itself", () => {
      const world = bed();
      world.digest({ reports: [broken("a")] });
      expect([world.state(), world.epoch()]).toEqual(["open", 1]);
      expect(world.world.transitions).toMatchObject([{ node: "a", from: "closed", to: "open", at: NOW }]);
      expect(world.world.transitions[0]?.evidence).toBe(
        "failures-in-a-row: 5 failed, 0 slow, 0 answered in 10 s, told by 1 of 1 reporters needed",
      );
    });

    test("of four isolates is three", () => {
      const world = bed();
      world.digest({ calm: [calm(others)] });
      for (const [id, state] of [
        ["a", "closed"],
        ["b", "closed"],
        ["c", "open"],
      ] as const) {
        world.digest({ reports: [broken(id)] });
        expect(world.state()).toBe(state);
      }
    });

    test("of two isolates is both", () => {
      const world = bed();
      world.digest({ calm: [calm(["b"])] });
      world.digest({ reports: [broken("a")] });
      expect(world.state()).toBe("closed");
      world.digest({ reports: [broken("b")] });
      expect(world.state()).toBe("open");
    });

    test("counts the same isolate once, however often it says so", () => {
      const world = bed();
      world.digest({ calm: [calm(others)] });
      for (let at = 0; at < 5; at++) world.digest({ reports: [broken("a")] });
      expect(world.state()).toBe("closed");
    });

    test("still counts those that asked 59 s ago", () => {
      const world = bed();
      world.digest({ calm: [calm(others)] });
      world.pass(59_000);
      world.digest({ reports: [broken("a")] });
      expect(world.state()).toBe("closed");
    });

    test("forgets those that did not ask for a minute; after an eviction for as long again as rows may be old", () => {
      const world = bed();
      world.digest({ calm: [calm(others)] });
      world.pass(evicts ? 80_000 : 60_000);
      world.digest({ reports: [broken("a")] });
      expect(world.state()).toBe("open");
    });

    test("forgets the trouble of isolates that had none for ten seconds", () => {
      const world = bed();
      world.digest({ calm: [calm(others)] });
      world.digest({ reports: [broken("a"), broken("b")] });
      world.pass(10_000);
      world.digest({ reports: [broken("c")] });
      expect(world.state()).toBe("closed");
    });

    test("forgets trouble ten seconds after it was met, however late it was told", () => {
      const world = bed();
      world.digest({ calm: [calm(others, { successAgeMs: 20_000 })] });
      world.digest({ reports: [broken("a", { failureAgeMs: 9_000 }), broken("b", { failureAgeMs: 9_000 })] });
      world.pass(1_000);
      world.digest({ reports: [broken("c")] });
      expect(world.state()).toBe("closed");
      world.digest({ reports: [broken("a", { failureAgeMs: 9_000 }), broken("b", { failureAgeMs: 9_000 })] });
      expect(world.state()).toBe("open");
    });

    test("forgets the trouble of isolates that are content again", () => {
      const world = bed();
      world.digest({ calm: [calm(others)] });
      world.digest({ reports: [broken("a"), broken("b")] });
      world.digest({ calm: [calm(["a", "b"])] });
      world.digest({ reports: [broken("c")] });
      expect(world.state()).toBe("closed");
    });

    test("is of those that asked this node: a word on it from one that did not is none", () => {
      const world = bed();
      const elsewhere = report("b", { node: "b", failed: 1 });
      const [word] = report("b").standing;
      if (word) elsewhere.standing.push(word);
      world.digest({ reports: [elsewhere] });
      world.digest({ reports: [broken("a")] });
      expect(world.state()).toBe("open");
    });

    test("is the same for isolates that asked under an older epoch", () => {
      const world = bed();
      world.openAndWait();
      for (const id of others) world.digest({ reports: [report(id, { epoch: 0, ok: 1, failed: 1, failedRun: 0 })] });
      expect(world.world.node("a")?.quorum(world.now).reporters).toBe(3);
    });
  });

  describe("one bad isolate in a crowd", () => {
    test("opens nothing, though single failures happen to others", () => {
      const world = bed();
      world.digest({ calm: [calm(crowd, { ok: 1_000 })] });
      world.digest({ reports: [report("p", { ok: 9, failed: 1 }), report("q", { ok: 9, failed: 1 })] });
      world.digest({ reports: [broken("x", { ok: 1, failed: 50 })] });
      world.digest({ reports: [broken("x", { failed: 50, failedRun: 100 })] });
      expect(world.state()).toBe("closed");
    });

    test("opens nothing, though the last attempts of two others failed too, and nobody was answered since", () => {
      const world = bed();
      world.digest({ calm: [calm(crowd, { ok: 1_000 })] });
      world.pass(100);
      for (const id of ["p", "q"]) world.digest({ reports: [report(id, { failed: 1 })] });
      world.digest({ reports: [broken("x", { failed: 50 })] });
      expect(world.state()).toBe("closed");
      world.digest({ reports: [report("r", { failed: 1 })] });
      expect(world.state()).toBe("open"); // five in a row, of four isolates
    });

    test("nor do isolates that each failed once, while others were answered", () => {
      const world = bed();
      world.digest({ calm: [calm(crowd, { ok: 1_000 })], reports: many(9, (at) => report(`x${at}`, { failed: 1 })) });
      expect(world.state()).toBe("closed");
    });

    test("nor one whose reads are answered and whose writes fail now and then", () => {
      const world = bed();
      const mixed = report("a", { ok: 5, failed: 0, failedRun: 3 });
      mixed.outcomes.push({ node: "a", kind: "write", epoch: 0, ok: 0, failed: 3, slow: 0, excluded: 0 });
      world.digest({ reports: [mixed] });
      expect(world.state()).toBe("closed");
    });
  });

  describe("the evidence of many, taken together", () => {
    test("opens where five attempts in a row failed, no isolate's five", () => {
      const world = bed();
      world.digest({ reports: [report("a", { failed: 2 }), report("b", { failed: 1 })] });
      expect(world.state()).toBe("closed");
      world.digest({ reports: [report("c", { failed: 2 })] });
      expect(world.state()).toBe("open");
    });

    test("opens where five in a row were slow", () => {
      const world = bed();
      world.digest({ reports: [report("a", { slow: 2 }), report("b", { slow: 2 }), report("c", { slow: 2 })] });
      expect(world.world.transitions[0]?.evidence).toMatch(/^slow-in-a-row/);
    });

    test.for([
      ["an answer to somebody", { calm: [calm(["z"])] }],
      [
        "an answer to one that also failed",
        { reports: [report("z", { ok: 1, failed: 1, failedRun: 0, successAgeMs: 0 })] },
      ],
      [
        "a refusal, which is a sign of life",
        { reports: [report("z", { excluded: 1, failed: 1, failedRun: 0, successAgeMs: 0 })] },
      ],
    ] as const)("does not where %s came between", ([, between]) => {
      const world = bed();
      world.digest({ reports: [report("a", { failed: 2 }), report("b", { failed: 2 })] });
      world.pass(100);
      world.digest({ ...("calm" in between ? { calm: [...between.calm] } : { reports: [...between.reports] }) });
      world.pass(100);
      world.digest({ reports: [report("c", { failed: 2 })] });
      expect(world.state()).toBe("closed");
    });

    test("opens where the answers in a report, and in calm ones, came before what failed", () => {
      const world = bed();
      const frozen = { ok: 5, slow: 2, successAgeMs: 3_000, failureAgeMs: 100 };
      world.digest({
        calm: [calm(["z"], { successAgeMs: 4_000 })],
        reports: [report("a", frozen), report("b", frozen)],
      });
      expect(world.state()).toBe("closed");
      world.pass(50);
      world.digest({ calm: [calm(["z"], { successAgeMs: 3_000 })], reports: [report("c", frozen)] });
      expect(world.world.transitions[0]?.evidence).toMatch(/^slow-in-a-row/);
    });

    test("opens where half of twenty failed, as three isolates say", () => {
      const world = bed();
      // After an eviction a share means nothing until ten seconds were seen: the answers may be what was forgotten.
      const rounds = evicts ? 11 : 1;
      for (let round = 0; round < rounds; round++) {
        world.digest({ calm: [calm(crowd, { ok: 5 })] });
        for (const id of ["p", "q"]) world.digest({ reports: [report(id, { ok: 1, failed: 4, failedRun: 2 })] });
        expect(world.state()).toBe("closed");
        if (round === rounds - 1) world.digest({ reports: [report("r", { ok: 1, failed: 4, failedRun: 2 })] });
        else world.pass(1_000);
      }
      expect(world.world.transitions[0]?.evidence).toMatch(/^failure-ratio/);
    });

    test("does not where fewer than half failed", () => {
      const world = bed();
      for (let round = 0; round < 25; round++) {
        world.digest({ calm: [calm(crowd, { ok: 20 })] });
        for (const id of ["p", "q", "r"]) world.digest({ reports: [report(id, { ok: 2, failed: 6, failedRun: 2 })] });
        world.pass(1_000);
      }
      expect(world.state()).toBe("closed");
    });

    test("opens a node that isolates opened for another reason, each by its own rule", () => {
      const world = bed();
      world.digest({ calm: [calm(others)] });
      for (const id of others) world.digest({ reports: [report(id, { failed: 1, tripped: true })] });
      expect(world.world.transitions[0]?.evidence).toMatch(/^reporters-tripped/);
    });

    test("opens a node that isolates hold open, though they tell of no new failure", () => {
      const world = bed();
      world.digest({ calm: [calm(others, { successAgeMs: 1_000 })] });
      for (const id of others) world.digest({ reports: [report(id, { tripped: true, failureAgeMs: 900 })] });
      expect(world.state()).toBe("open");
    });

    test("opens no node that has answered others since: they are protected, and nobody else is in need of it", () => {
      const world = bed();
      world.digest({ calm: [calm(others, { ok: 1_000, successAgeMs: 100 })] });
      for (const id of others)
        world.digest({ reports: [report(id, { failed: 13, tripped: true, failureAgeMs: 101 })] });
      expect(world.state()).toBe("closed");
      for (const id of others) world.digest({ reports: [report(id, { failed: 1, tripped: true, failureAgeMs: 100 })] });
      expect(world.state()).toBe("open");
    });

    test.for([
      { failed: 4, failedRun: 1 },
      { slow: 4, slowRun: 1 },
    ])("does not where each of them was answered between its failures: %o", (run) => {
      const world = bed();
      const mixed = { ok: 9, ...run, successAgeMs: 100, failureAgeMs: 50 };
      world.digest({ reports: others.map((id) => report(id, mixed)) });
      expect(world.state()).toBe("closed");
    });

    test("opens a frozen node", () => {
      const world = bed();
      world.digest({ reports: [report("a", { slow: 5, tripped: true })] });
      expect(world.world.transitions[0]?.evidence).toMatch(/^slow-in-a-row/);
    });
  });

  describe("evidence from before the last transition", () => {
    function reclosed(): WorldBed {
      const world = bed();
      world.openAndWait();
      for (let at = 0; at < 2; at++) {
        const [lease] = world.digest({ wantsLeases: 1 }).leases;
        world.settle({ lease: lease?.id ?? "", node: "a", epoch: lease?.epoch ?? 0, outcome: "ok" });
      }
      world.passRamp();
      expect([world.state(), world.epoch()]).toEqual(["closed", 4]);
      return world;
    }

    test.for([0, 1, 2, 3])("does not reopen: the word of an isolate that still thinks of epoch %d", (epoch) => {
      const world = reclosed();
      world.pass(1_000);
      world.digest({ reports: [broken("a", { epoch }), broken("b", { epoch }), broken("c", { epoch, slow: 9 })] });
      expect(world.state()).toBe("closed");
    });

    test("does not reopen: counts of an older epoch in a report of the newest", () => {
      const world = reclosed();
      const mixed = report("a", { epoch: 0, failed: 40, failedRun: 0 });
      for (const word of mixed.standing) word.epoch = 4;
      world.digest({ reports: [mixed] });
      expect(world.state()).toBe("closed");
      if (!evicts) expect(world.world.node("a")?.window.totals(world.now).excluded).toBe(40);
    });

    test("reopens where it is of the newest epoch", () => {
      const world = reclosed();
      world.digest({ reports: [broken("opener", { epoch: 4 })] });
      expect(world.state()).toBe("open");
    });

    test("an isolate that never heard of epochs is believed once the transition is older than its evidence can be", () => {
      const world = reclosed();
      world.pass(9_999);
      world.digest({ reports: [broken("a", { epoch: 0 })] });
      expect(world.state()).toBe("closed");
      world.pass(evicts ? 80_000 : 60_000);
      world.digest({ reports: [broken("a", { epoch: 0, failureAgeMs: 10_000 })] });
      expect(world.state()).toBe("closed");
      world.digest({ reports: [broken("a", { epoch: 0, failureAgeMs: 9_999 })] });
      expect(world.state()).toBe("open");
    });
  });

  describe("a repeated digest", () => {
    const told = { life: "life", seq: 7, calm: [calm(["x"], { ok: 5 })], checks: ["a"], wantsLeases: 4 };

    test("counts once, and is granted nothing a second time", () => {
      const world = bed();
      world.digest({ ...told, checks: [] });
      const rows = new Map(world.rows);
      const again = world.digest(told);
      if (evicts) return; // an evicted owner has forgotten it: calm counts may count twice
      expect(again.leases).toEqual([]);
      expect(world.world.node("a")?.window.totals(world.now).ok).toBe(5);
      expect([world.rows, world.world.dropped.repeated]).toEqual([rows, 1]);
    });

    test("and one that was overtaken counts no more; one of another life, or of an older Collector, does", () => {
      const world = bed();
      const ok = () => world.world.node("a")?.window.totals(world.now).ok;
      world.digest(told);
      world.digest({ ...told, seq: 6 });
      world.digest(told);
      if (!evicts) expect(ok()).toBe(5);
      world.digest({ ...told, seq: 8 });
      world.digest({ ...told, seq: 1, life: "next" });
      const { life: _, seq: __, ...older } = told;
      world.digest(older);
      world.digest(older);
      if (!evicts) expect(ok()).toBe(25);
      world.digest({ ...told, seq: 1, life: "next" });
      if (!evicts) expect(ok()).toBe(25);
    });
  });

  describe("a repeated report", () => {
    test("counts once", () => {
      const world = bed();
      const twice = report("a", { failed: 3 });
      world.digest({ reports: [twice, twice] });
      world.digest({ reports: [twice] });
      expect([world.state(), world.world.node("a")?.window.totals(world.now).failed]).toEqual(["closed", 3]);
      const before = new Map(world.rows);
      world.digest({ reports: [twice] });
      expect(world.rows).toEqual(before);
      if (!evicts) expect(world.world.dropped.repeated).toBe(3);
    });

    test("and an older one of the same isolate counts no more", () => {
      const world = bed();
      const older = report("a", { failed: 3 });
      world.digest({ reports: [report("a", { failed: 1 })] });
      world.digest({ reports: [older] });
      expect(world.world.node("a")?.window.totals(world.now).failed).toBe(1);
    });
  });

  test("of a node that is not configured, nothing is heard", () => {
    const world = bed();
    world.digest({
      calm: [calm(["a"], { node: "x" })],
      reports: [broken("a", { node: "x" })],
      checks: ["x"],
      wantsLeases: 4,
    });
    expect(world.world.nodes().map(({ name, phase }) => [name, phase.state])).toEqual([
      ["a", "closed"],
      ["b", "closed"],
    ]);
  });

  test("one node's trouble opens that node alone", () => {
    const world = bed();
    world.digest({ reports: [broken("a", { node: "b" })] });
    expect([world.state("a"), world.state("b")]).toEqual(["closed", "open"]);
  });
});
