import { describe, expect, test } from "vitest";
import type { HolderStand } from "../../../../src/replicas/holderStand.ts";
import { HolderWatch } from "../../../../src/replicas/holderWatch.ts";
import { primary, ReplicasBed, replica } from "./replicasBed.ts";

const stand = (position: string | null, said: Partial<HolderStand> = {}): HolderStand => ({
  node: "a",
  epoch: "1",
  generation: "g1",
  timeline: null,
  mayLose: false,
  position,
  at: 0,
  ...said,
});
const restarted = (position: string | null) => stand(position, { generation: "g2" });
const lookedAt = (...looks: [HolderStand, ...Parameters<HolderWatch["looked"]>[1]][]) => {
  const watch = new HolderWatch(null);
  return looks.map(([said, ...others]) => [watch.looked(said, others), watch.isDoubtful]);
};

describe("a holder's new process, and a standby that is ahead of it by what was asked at one time", () => {
  test("has gone back where it is behind that a look later", () => {
    expect(lookedAt([stand("100")], [restarted("100"), replica("b", "150")], [restarted("149")])).toEqual([
      [false, false],
      [false, true],
      [true, false],
    ]);
  });

  test.for<[string, HolderStand]>([
    ["it has come as far", restarted("150")],
    ["it does not say how far it is", restarted(null)],
    ["it is another process again", stand("120", { generation: "g3" })],
    ["it is of another epoch", stand("120", { generation: "g2", epoch: "2" })],
  ])("has not where %s", ([, next]) => {
    expect(lookedAt([stand("100")], [restarted("100"), replica("b", "150")], [next]).at(-1)).toEqual([false, false]);
  });

  test.for<[string, HolderStand, HolderStand, ReturnType<typeof replica>[]]>([
    ["the process is the one it was", stand("100"), stand("100"), [replica("b", "150")]],
    ["nobody knows which it was", stand("100", { generation: null }), restarted("100"), [replica("b", "150")]],
    ["they are not ahead", stand("100"), restarted("100"), [replica("b", "100"), replica("c", "99")]],
    ["numbers, not texts, being compared", stand("100"), restarted("100"), [replica("b", "99")]],
    ["they do not say how far they are", stand("100"), restarted("100"), [replica("b", null as never)]],
    ["they are of another epoch", stand("100"), restarted("100"), [replica("b", "150", { epoch: "2" })]],
    ["it is no standby", stand("100"), restarted("100"), [primary("c", "150")]],
  ])("is not looked at once more where %s", ([, before, next, others]) => {
    expect(lookedAt([before], [next, ...others]).at(-1)).toEqual([false, false]);
  });

  test("the furthest of them counts", () => {
    const others = [replica("b", "120"), replica("c", "150"), replica("d", "110")];
    expect(lookedAt([stand("100")], [restarted("100"), ...others], [restarted("149")]).at(-1)).toEqual([true, false]);
  });
});

describe("what somebody heard of the holder between two looks", () => {
  const heard = (said: Parameters<HolderWatch["heard"]>[0]) => {
    const watch = new HolderWatch(null);
    watch.looked(stand("100"), []);
    watch.heard(said, 5);
    return watch.looked(restarted("149"), []);
  };

  test("is missed where it is gone", () => {
    expect(heard(primary("a", "150", { generation: "g1" }))).toBe(true);
  });

  test.for<[string, Parameters<HolderWatch["heard"]>[0]]>([
    ["is there yet", primary("a", "149", { generation: "g1" })],
    ["was another process", primary("a", "150", { generation: "g0" })],
    ["was a process that nobody knows", primary("a", "150", { generation: null })],
    ["was another epoch's", primary("a", "150", { generation: "g1", epoch: "2" })],
    ["was another node's", primary("b", "150", { generation: "g1" })],
    ["was a standby's", replica("a", "150", { generation: "g1" })],
    ["was nowhere", primary("a", null as never, { generation: "g1" })],
  ])("is not where it %s", ([, said]) => {
    expect(heard(said)).toBe(false);
  });
});

describe("the map", () => {
  const wroteAndRestarted = (bed: ReplicasBed) => {
    bed.digest();
    bed.round([primary("a", "100"), replica("b", "100")]);
    bed.evict();
    return bed.look(primary("a", "100", { generation: "h" }), replica("b", "150"));
  };

  test("looks again a second later at a primary that was restarted behind a standby, and an epoch begins there", () => {
    const bed = new ReplicasBed();
    wroteAndRestarted(bed);
    expect([bed.alarmInMs(), bed.world.pendingEpoch]).toEqual([1_000, null]);
    bed.pass(1_000);
    bed.round([primary("a", "120", { generation: "h" }), replica("b", "150")]);
    expect(bed.world.pendingEpoch).toMatchObject({ node: "a", epoch: "2", wentBack: true });
  });

  test("begins none where it only was asked before the standby", () => {
    const bed = new ReplicasBed();
    wroteAndRestarted(bed);
    bed.pass(1_000);
    bed.round([primary("a", "200", { generation: "h" }), replica("b", "150")]);
    expect([bed.alarmInMs(), bed.world.pendingEpoch]).toEqual([undefined, null]);
  });

  test("begins none on the word of a standby while two lines go by one epoch's name", () => {
    const bed = new ReplicasBed();
    bed.digest();
    bed.round([primary("a", "100"), replica("b", "100")]);
    const rival = primary("c", "140");
    bed.look(primary("a", "100"), rival, replica("b", "150"));
    expect(bed.world.line.rivals).toEqual(["c"]);
    for (const generation of ["h", "h"]) bed.look(primary("a", "100", { generation }), rival, replica("b", "150"));
    expect(bed.world.pendingEpoch).toBeNull();
  });
});
