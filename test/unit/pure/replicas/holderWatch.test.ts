import { describe, expect, test } from "vitest";
import type { HolderStand } from "../../../../src/replicas/holderStand.ts";
import { HolderWatch } from "../../../../src/replicas/holderWatch.ts";
import { primary, ReplicasBed, replica } from "./replicasBed.ts";

type Told = Parameters<HolderWatch["heard"]>[0];

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
const look = (watch: HolderWatch, said: HolderStand, ...others: Told[]) => {
  watch.began();
  return watch.looked(said, others);
};
const lookedAt = (...looks: [HolderStand, ...Told[]][]) => {
  const watch = new HolderWatch(null);
  return looks.map(([said, ...others]) => look(watch, said, ...others));
};

describe("a holder's new process, and a standby that is ahead of it by what was asked at one time", () => {
  const ahead = replica("b", "150");

  test("has gone back where it is behind that a look later", () => {
    const looks = lookedAt(
      [stand("100")],
      [restarted("100"), ahead],
      [restarted("149"), ahead],
      [restarted("149"), ahead],
    );
    expect(looks).toEqual(["the same", "doubtful", "gone back", "the same"]);
  });

  test("has a second look and no third, though in each some standby is ahead", () => {
    const looks = lookedAt([stand("100")], [restarted("149"), ahead], [restarted("150"), replica("b", "151")]);
    expect(looks).toEqual(["the same", "doubtful", "the same"]);
  });

  test("is held to what was seen in the first look, whatever was heard while the second was under way", () => {
    const watch = new HolderWatch(stand("100"));
    look(watch, restarted("149"), ahead);
    watch.began();
    watch.heard(replica("b", "170"), "1");
    expect(watch.looked(restarted("149"), [])).toBe("gone back");
  });

  test("is looked at anew by whoever comes after an eviction", () => {
    const watch = new HolderWatch(stand("100"));
    expect([look(watch, restarted("100"), ahead), watch.row?.generation]).toEqual(["doubtful", "g1"]);
    const next = new HolderWatch(watch.row);
    expect([look(next, restarted("100"), ahead), look(next, restarted("120"))]).toEqual(["doubtful", "gone back"]);
    expect(next.row?.generation).toBe("g2");
  });

  test.for<[string, HolderStand]>([
    ["it has come as far", restarted("150")],
    ["it does not say how far it is", restarted(null)],
    ["it is of another epoch", stand("120", { generation: "g2", epoch: "2" })],
  ])("has not where %s", ([, next]) => {
    expect(lookedAt([stand("100")], [restarted("100"), ahead], [next]).at(-1)).toBe("the same");
  });

  test.for<[string, HolderStand, HolderStand, Told[]]>([
    ["the process is the one it was", stand("100"), stand("100"), [ahead]],
    ["nobody knows which it was", stand("100", { generation: null }), restarted("100"), [ahead]],
    ["they are not ahead", stand("100"), restarted("100"), [replica("b", "100"), replica("c", "99")]],
    ["numbers, not texts, being compared", stand("100"), restarted("100"), [replica("b", "99")]],
    ["they do not say how far they are", stand("100"), restarted("100"), [{ ...ahead, position: null }]],
    ["they are of another epoch", stand("100"), restarted("100"), [replica("b", "150", { epoch: "2" })]],
    ["it is no standby", stand("100"), restarted("100"), [primary("c", "150")]],
    ["it has gone back by its own word", stand("100"), restarted("99"), [ahead]],
  ])("is not looked at once more where %s", ([, before, next, others]) => {
    expect(lookedAt([before], [next, ...others]).at(-1)).not.toBe("doubtful");
  });

  test("the furthest of them counts", () => {
    const others = [replica("b", "120"), ahead, replica("d", "110")];
    expect(lookedAt([stand("100")], [restarted("100"), ...others], [restarted("149")]).at(-1)).toBe("gone back");
  });
});

describe("what was heard before a look began", () => {
  const found = (said: Told, next = restarted("149")) => {
    const watch = new HolderWatch(stand("100"));
    watch.heard(said, "1");
    return look(watch, next);
  };

  test.for<[string, Told]>([
    ["of the holder's process before", primary("a", "150", { generation: "g1" })],
    ["of a standby", replica("b", "150")],
  ])("%s is missed where it is gone", ([, said]) => {
    expect(found(said)).toBe("gone back");
  });

  test.for<[string, Told]>([
    ["is there yet", primary("a", "149", { generation: "g1" })],
    ["is there yet, of a standby", replica("b", "149")],
    ["was another process", primary("a", "150", { generation: "g0" })],
    ["was a process that nobody knows", { ...primary("a", "150"), generation: null }],
    ["was another epoch's", primary("a", "150", { generation: "g1", epoch: "2" })],
    ["was a standby's of another epoch", replica("b", "150", { epoch: "0" })],
    ["was another node's", primary("b", "150", { generation: "g1" })],
    ["was nowhere", { ...primary("a", "150", { generation: "g1" }), position: null }],
  ])("is not where it %s", ([, said]) => {
    expect(found(said)).toBe("the same");
  });

  test("is no proof where the look was under way", () => {
    const watch = new HolderWatch(stand("100"));
    watch.began();
    watch.heard(replica("b", "150"), "1");
    expect(watch.looked(restarted("149"), [])).toBe("doubtful");
  });

  test("holds nobody back who is the process that he was, and whoever said it is not believed again", () => {
    const watch = new HolderWatch(stand("100"));
    const foreign = replica("b", "150");
    watch.heard(foreign, "1");
    expect(look(watch, stand("149"), foreign)).toBe("the same");
    watch.heard(foreign, "1");
    expect([look(watch, restarted("149"), foreign), look(watch, restarted("149"))]).toEqual(["the same", "the same"]);
    watch.heard(replica("c", "150"), "1");
    expect(look(watch, stand("149", { generation: "g3" }))).toBe("gone back");
  });

  test("says nothing once it was forgotten", () => {
    const watch = new HolderWatch(stand("100"));
    watch.heard(replica("b", "150"), "1");
    watch.forget();
    expect(look(watch, restarted("149"))).toBe("the same");
  });

  test("of an epoch before says nothing of the next", () => {
    const watch = new HolderWatch(stand("100"));
    watch.heard(replica("b", "150"), "1");
    expect(look(watch, stand("120", { epoch: "2" }))).toBe("the same");
    expect(look(watch, stand("130", { epoch: "2", generation: "g2" }))).toBe("the same");
    watch.heard(replica("b", "150", { epoch: "2" }), "2");
    expect(look(watch, stand("149", { epoch: "2", generation: "g3" }))).toBe("gone back");
  });
});

test("a holder is held to standbys of its own epoch, though its process is met anew", () => {
  const watch = new HolderWatch(stand("100", { epoch: "2" }));
  watch.heard(replica("b", "150"), "1");
  expect(look(watch, stand("120", { epoch: "2", generation: "g2" }))).toBe("the same");
});

describe("the map", () => {
  const h = { generation: "h" };
  const wroteAndRestarted = (sleepers: string[] = []) => {
    const bed = new ReplicasBed({ sleepers });
    bed.digest({ awake: sleepers });
    bed.round([primary("a", "100"), replica("b", "100")]);
    bed.evict();
    bed.pass(10_000);
    bed.digest({ awake: sleepers });
    bed.round([primary("a", "100", h), replica("b", "150")]);
    return bed;
  };

  test("looks again a second later at a primary that was restarted behind a standby, and an epoch begins there", () => {
    const bed = wroteAndRestarted();
    expect([bed.alarmInMs(), bed.world.pendingEpoch]).toEqual([1_000, null]);
    bed.pass(1_000);
    bed.round([primary("a", "120", h), replica("b", "150")]);
    expect(bed.world.pendingEpoch).toMatchObject({ node: "a", epoch: "2", wentBack: true });
  });

  test("begins none where it only was asked before the standby", () => {
    const bed = wroteAndRestarted();
    bed.pass(1_000);
    bed.round([primary("a", "200", h), replica("b", "150")]);
    expect([bed.alarmInMs(), bed.world.pendingEpoch]).toEqual([undefined, null]);
  });

  test("goes by what a standby said while the primary was away, however much he writes afterwards", () => {
    const bed = new ReplicasBed();
    bed.digest();
    bed.round([primary("a", "100"), replica("b", "100")]);
    bed.look(replica("b", "150"));
    bed.pass(1_000);
    bed.round([primary("a", "120", h), replica("b", "150")]);
    expect(bed.world.pendingEpoch).toMatchObject({ wentBack: true });
  });

  test.for([
    ["the process before", primary("a", "150")],
    ["a standby that is silent since", replica("b", "150")],
  ] as const)("goes by what a digest told of %s", ([, sample]) => {
    const bed = new ReplicasBed();
    bed.digest();
    bed.round([primary("a", "100"), replica("b", "100")]);
    bed.digest({ samples: [sample] });
    bed.look(primary("a", "120", h));
    expect(bed.world.pendingEpoch).toMatchObject({ wentBack: true });
  });

  test("takes what a digest told while the look was under way for no proof, and what the digest told that began it for one", () => {
    for (const [isBefore, found] of [
      [false, null],
      [true, expect.objectContaining({ wentBack: true })],
    ] as const) {
      const bed = new ReplicasBed();
      bed.digest();
      bed.round([primary("a", "100"), replica("b", "100")]);
      bed.pass(10_000);
      bed.digest({ samples: isBefore ? [replica("b", "130")] : [] });
      bed.world.dueSamples(bed.now);
      bed.pass(20);
      bed.digest({ samples: [replica("b", "130")] });
      bed.pass(20);
      bed.world.sampled([primary("a", "120", h), replica("b", "130")], bed.now);
      expect([bed.world.pendingEpoch, bed.alarmInMs()]).toEqual([found, isBefore ? expect.any(Number) : 960]);
    }
  });

  test("does not go by what a standby said before a rival was named, nor by one that never was of its line", () => {
    for (const rivals of [[primary("c", "160")], []]) {
      const bed = new ReplicasBed();
      bed.digest();
      bed.round([primary("a", "100"), replica("b", "100")]);
      bed.look(primary("a", "105"), replica("b", "150"));
      bed.look(primary("a", "110"), ...rivals);
      for (const _ of [1, 2])
        bed.look(primary("a", "120", h), ...rivals, replica("b", rivals.length > 0 ? "150" : "115"));
      expect(bed.world.pendingEpoch).toBeNull();
    }
  });

  test("forgets what standbys said as soon as a rival is named, in the very look that meets the restart", () => {
    const bed = new ReplicasBed();
    bed.digest();
    bed.round([primary("a", "100"), replica("b", "100")]);
    bed.look(primary("a", "105"), replica("b", "150"));
    bed.look(primary("a", "120", h), primary("c", "160"));
    expect([bed.world.line.rivals, bed.world.pendingEpoch]).toEqual([["c"], null]);
  });

  test("does not look each second at one that has fallen asleep before the second look", () => {
    const bed = wroteAndRestarted(["a"]);
    bed.pass(16_000);
    bed.digest();
    bed.round([replica("b", "150")]);
    expect(bed.alarmInMs()).toBeUndefined();
  });

  test("begins none on the word of a standby while two lines go by one epoch's name", () => {
    const bed = new ReplicasBed();
    bed.digest();
    bed.round([primary("a", "100"), replica("b", "100")]);
    const rival = primary("c", "140");
    bed.look(primary("a", "100"), rival, replica("b", "150"));
    expect(bed.world.line.rivals).toEqual(["c"]);
    bed.digest({ samples: [replica("b", "150")] });
    for (const _ of [1, 2]) bed.look(primary("a", "100", h), rival, replica("b", "150"));
    expect(bed.world.pendingEpoch).toBeNull();
  });
});
