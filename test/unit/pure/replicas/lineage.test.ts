import { describe, expect, test } from "vitest";
import { Lineage, type LineageReport, lineageSchema } from "../../../../src/replicas/lineage.ts";

const ALL = ["p", "a", "b"];
const primary = (node: string, epoch: string | null = "1"): LineageReport => {
  return { node, inRecovery: false, epoch, timeline: "00000002" };
};
const standby = (node: string, epoch: string | null = "1"): LineageReport => {
  return { node, inRecovery: true, epoch, timeline: null };
};

/** A lineage that heard these rounds; the newest epoch is the highest that any of them named. */
function heard(...rounds: (readonly LineageReport[])[]): Lineage {
  const lineage = new Lineage(undefined, ["a", "b", "c"]);
  hear(lineage, ...rounds);
  return lineage;
}

function hear(lineage: Lineage, ...rounds: (readonly LineageReport[])[]): void {
  for (const round of rounds) {
    const epochs = [...round.map(({ epoch }) => epoch ?? "0"), lineage.holder?.epoch ?? "0"].map(BigInt);
    const newest = epochs.toSorted((a, b) => (a < b ? 1 : -1))[0];
    lineage.hear(round, ALL, String(newest));
  }
}

const CALM = [primary("p"), standby("a"), standby("b")];

describe("the holder of the newest epoch", () => {
  test("is whoever alone claims it at first, and nobody where two do", () => {
    expect(heard(CALM).holder).toEqual({ node: "p", epoch: "1" });
    expect(heard([standby("a")]).holder).toBeNull();
    expect(heard([primary("p"), primary("a")]).holder).toBeNull();
    expect(heard([primary("p", null)]).holder).toBeNull();
  });

  test("stays while he is silent and nobody was promoted", () => {
    const lineage = heard(CALM, [standby("a"), standby("b")], []);
    expect([lineage.holder, lineage.pending]).toEqual([{ node: "p", epoch: "1" }, null]);
  });

  test("stays beside one who claims his epoch, who is a rival from then on, whatever happens to him", () => {
    const lineage = heard(CALM, [primary("p"), primary("a"), standby("b")], [primary("a"), standby("b")]);
    expect([lineage.holder?.node, lineage.isRival("a"), lineage.pending]).toEqual(["p", true, null]);
  });

  test("is succeeded by one that was a rival once, and follows him again since", () => {
    const lineage = heard(CALM, [primary("p"), primary("a"), standby("b")], CALM);
    expect(lineage.isRival("a")).toBe(false);
    hear(lineage, [primary("a"), standby("b")]);
    expect(lineage.pending).toMatchObject({ node: "a", epoch: "2" });
  });

  test("loses it to a standby that was promoted while he is silent: the next epoch is decided, and not yet held", () => {
    const lineage = new Lineage(undefined, ["a", "b", "c"]);
    lineage.noteStandby("a", "740");
    hear(lineage, CALM, [primary("a"), standby("b")]);
    expect(lineage.pending).toEqual({
      node: "a",
      epoch: "2",
      parent: "1",
      switchXmin: "740",
      timeline: "00000002",
      ordered: false,
      wentBack: false,
    });
    expect(lineage.holder?.node).toBe("p");
    hear(lineage, [primary("a", "2"), standby("b")]);
    expect([lineage.holder, lineage.pending]).toEqual([{ node: "a", epoch: "2" }, null]);
  });

  test("does not lose it while nobody asked him", () => {
    const lineage = heard(CALM);
    lineage.hear([primary("a"), standby("b")], ["a", "b"], "1");
    expect(lineage.pending).toBeNull();
  });

  test("who comes back with his old epoch is no holder of anything", () => {
    const lineage = heard(CALM, [primary("a")], [primary("a", "2")], [primary("p"), primary("a", "2")]);
    expect([lineage.holder, lineage.pending]).toEqual([{ node: "a", epoch: "2" }, null]);
  });

  test("is nobody new where two were promoted at once", () => {
    expect(heard(CALM, [primary("a"), primary("b")]).pending).toBeNull();
  });
});

describe("a decided epoch", () => {
  test("is decided once, however often its node is seen before it begins", () => {
    const lineage = heard(CALM, [primary("a")], [primary("a")], [primary("a")]);
    expect([lineage.pending?.epoch, lineage.row.decided]).toEqual(["2", "2"]);
  });

  test("whose node died before it began is not given again", () => {
    const lineage = heard(CALM, [primary("a")], [primary("b")]);
    expect(lineage.pending).toMatchObject({ node: "b", epoch: "3", parent: "1" });
  });

  test("is given up when the holder was only silent for a while, unless an operator gave it", () => {
    expect(heard(CALM, [primary("a")], [primary("p"), primary("a")]).pending).toBeNull();
    const lineage = heard(CALM, [primary("p"), primary("a")]);
    lineage.take(primary("a"));
    hear(lineage, [primary("p"), primary("a")]);
    expect(lineage.pending).toMatchObject({ node: "a", ordered: true });
  });

  test("that was refused is decided anew, with another number", () => {
    const lineage = heard(CALM, [primary("a")]);
    if (lineage.pending) lineage.refused(lineage.pending);
    expect(lineage.pending).toBeNull();
    hear(lineage, [primary("a")]);
    expect(lineage.pending).toMatchObject({ node: "a", epoch: "3" });
  });

  test("outlives its owner", () => {
    const row = JSON.parse(JSON.stringify(heard(CALM, [primary("a")]).row));
    const restored = new Lineage(lineageSchema.parse(row), ["a", "b", "c"]);
    hear(restored, [primary("a")]);
    expect(restored.pending?.epoch).toBe("2");
  });

  test("counts as numbers do, beyond nine and beyond what a number holds", () => {
    const lineage = heard([primary("p", "9")], [primary("a", "9")]);
    expect(lineage.pending?.epoch).toBe("10");
    const large = heard([primary("p", "9007199254740993")], [primary("a", "9007199254740993")]);
    expect(large.pending?.epoch).toBe("9007199254740994");
  });
});

describe("an operator's word", () => {
  test("makes a rival the primary, beside the holder or after him", () => {
    const lineage = heard(CALM, [primary("p"), primary("a")]);
    expect(lineage.take(primary("a"))).toBe(true);
    expect(lineage.pending).toMatchObject({ node: "a", epoch: "2", parent: "1" });
    hear(lineage, [primary("p"), primary("a", "2")]);
    expect([lineage.holder?.node, lineage.isRival("a")]).toEqual(["a", false]);
  });

  test.for<[string, LineageReport | undefined]>([
    ["a standby", standby("a")],
    ["who was not seen", undefined],
    ["who has no schema", primary("a", null)],
  ])("makes no primary of %s", ([, report]) => {
    const lineage = heard(CALM);
    expect([lineage.take(report), lineage.pending]).toEqual([false, null]);
  });
});
