import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterRead, type Judgement, judgeRead } from "../../../../../src/replicas/session/judgeRead.ts";
import type { Proof } from "../../../../../src/replicas/session/proof.ts";
import {
  afterWrite,
  EMPTY_TOKEN,
  MAX_MARKS,
  newestEpochOf,
  type Token,
} from "../../../../../src/replicas/session/token.ts";

const A = "01999999-0000-7000-8000-00000000000a";
const B = "01999999-0000-7000-8000-00000000000b";

/** It wrote A in epoch 1, and last read from node-2, which had seen everything before transaction 100. */
const TOKEN: Token = {
  marks: [{ id: A, epoch: "1" }],
  seen: { node: "node-2", generation: "7", xmax: "100", epoch: "1" },
};
const REPLICA: Proof = {
  own: 1,
  xmin: 100n,
  xmax: 105n,
  generation: "8",
  epoch: 1n,
  isPrimary: false,
  switchXmin: null,
};
const NOTHING = { lost: [], rewound: false, unproven: false };
const PRIMARY: Proof = { ...REPLICA, isPrimary: true };

function words(judgement: Judgement): string {
  if (judgement.kind === "elsewhere") return judgement.why;
  const { lost, rewound, unproven } = judgement.broken;
  return [
    judgement.kind,
    ...lost.map(() => "lost"),
    ...(rewound ? ["rewound"] : []),
    ...(unproven ? ["unproven"] : []),
  ].join(" ");
}

describe("an answer is", () => {
  test.for<[string, Token, Proof, string]>([
    ["good where the write is there and nothing seen is missing", TOKEN, REPLICA, "good"],
    ["none where the write is not there yet", TOKEN, { ...REPLICA, own: 0 }, "writes-missing"],
    ["none of a replica that may be earlier than what was seen", TOKEN, { ...REPLICA, xmin: 99n }, "may-be-earlier"],
    ["good of the very process that was read from", TOKEN, { ...REPLICA, xmin: 1n, generation: "7" }, "good"],
    ["none of it either while the write is missing", TOKEN, { ...REPLICA, own: 0, generation: "7" }, "writes-missing"],
    ["none of an older epoch, primary or not", { ...TOKEN, marks: [{ id: A, epoch: "2" }] }, PRIMARY, "old-epoch"],
    ["none of where nothing is installed", EMPTY_TOKEN, { ...PRIMARY, epoch: null }, "not-installed"],
    ["good for a session that has nothing to prove", EMPTY_TOKEN, { ...REPLICA, own: 0, xmin: 1n }, "good"],
    ["doubtful of a primary that lacks a write of its own epoch", TOKEN, { ...PRIMARY, own: 0 }, "doubtful unproven"],
    ["doubtful of a primary with a writer left open", TOKEN, { ...PRIMARY, xmin: 99n }, "doubtful unproven"],
    ["good after a failover that kept all", TOKEN, { ...PRIMARY, epoch: 2n, xmin: 9n, switchXmin: 100n }, "good"],
    [
      "good, and rewound, after one that may not have",
      TOKEN,
      { ...PRIMARY, epoch: 2n, switchXmin: 99n },
      "good rewound",
    ],
    ["the same where nothing is known of the switch", TOKEN, { ...REPLICA, epoch: 2n }, "good rewound"],
    [
      "good, and a loss, where the new primary lacks the write",
      TOKEN,
      { ...PRIMARY, own: 0, epoch: 2n, switchXmin: 100n },
      "good lost",
    ],
    [
      "none of a replica of the new epoch that lacks it: it cannot say so",
      TOKEN,
      { ...REPLICA, own: 0, epoch: 2n, switchXmin: 100n },
      "writes-missing",
    ],
    [
      "a loss of the older write alone where only that is missing",
      {
        ...TOKEN,
        marks: [
          { id: A, epoch: "1" },
          { id: B, epoch: "2" },
        ],
      },
      { ...PRIMARY, own: 2, epoch: 2n, switchXmin: 100n },
      "good lost",
    ],
  ])("%s", ([, token, proof, said]) => {
    expect(words(judgeRead(token, proof))).toBe(said);
  });
});

describe("the token after an answer", () => {
  const tokenAfter = (token: Token, proof: Proof) => {
    const judgement = judgeRead(token, proof);
    return judgement.kind === "elsewhere" ? undefined : afterRead(token, "node-3", proof, judgement.broken);
  };

  test("names where it was read, and the most that was seen in this epoch", () => {
    const seen = { node: "node-3", generation: "8", epoch: "1" };
    expect(tokenAfter(TOKEN, REPLICA)).toEqual({ ...TOKEN, seen: { ...seen, xmax: "105" } });
    expect(tokenAfter(TOKEN, { ...REPLICA, xmin: 20n, xmax: 30n, generation: "7" })?.seen?.xmax).toBe("100");
    expect(tokenAfter(TOKEN, { ...PRIMARY, epoch: 2n, xmax: 30n })?.seen).toEqual({ ...seen, epoch: "2", xmax: "30" });
  });

  test("says what is broken once: a loss is dropped, and what was rewound is seen anew", () => {
    const proof: Proof = { ...PRIMARY, own: 0, epoch: 2n, xmin: 9n, xmax: 10n };
    const next = tokenAfter(TOKEN, proof);
    expect(next?.marks).toEqual([]);
    expect(words(judgeRead(next ?? TOKEN, { ...proof, xmin: 10n }))).toBe("good");
  });

  test("that was said to be unproven goes on from that answer", () => {
    const next = tokenAfter(TOKEN, { ...PRIMARY, xmin: 99n, xmax: 99n });
    expect(next?.seen).toEqual({ node: "node-3", generation: "8", xmax: "100", epoch: "1" });
    expect(words(judgeRead(next ?? TOKEN, { ...PRIMARY, xmin: 99n }))).toBe("good");
    expect(words(judgeRead(next ?? TOKEN, { ...REPLICA, xmin: 99n, generation: "9" }))).toBe("may-be-earlier");
  });

  test("keeps a write that is doubtful", () => {
    expect(tokenAfter(TOKEN, { ...PRIMARY, own: 0 })?.marks).toEqual(TOKEN.marks);
  });

  test("of two answers to one request is no process's own: only numbers prove what both have seen", () => {
    const one = afterRead(TOKEN, "node-2", { ...REPLICA, xmin: 100n, xmax: 140n, generation: "7" }, NOTHING);
    const both = afterRead(one, "node-3", { ...REPLICA, xmin: 110n, xmax: 120n, generation: "8" }, NOTHING);
    expect(both.seen).toEqual({ node: "node-3", generation: "", xmax: "140", epoch: "1" });
    expect(words(judgeRead(both, { ...REPLICA, xmin: 130n, generation: "8" }))).toBe("may-be-earlier");
    expect(words(judgeRead(both, { ...REPLICA, xmin: 130n, generation: "" }))).toBe("may-be-earlier");
    expect(words(judgeRead(both, { ...REPLICA, xmin: 140n, generation: "8" }))).toBe("good");
  });

  test("after a write has what the write does not imply, of as many as it may", () => {
    const wrote = afterWrite(TOKEN, { id: B, epoch: "1" }, TOKEN.marks);
    expect(wrote.marks).toEqual([{ id: B, epoch: "1" }]);
    const idOf = (count: number) => `01999999-0000-7000-8000-${String(count).padStart(12, "0")}`;
    const marks = Array.from({ length: 9 }, (_, epoch) => ({ id: idOf(epoch), epoch: String(epoch) }));
    const many = marks.reduce((token, mark) => afterWrite(token, mark, token.marks), EMPTY_TOKEN);
    expect(many.marks.map(({ epoch }) => epoch)).toEqual(["5", "6", "7", "8"]);
    expect([many.marks.length, newestEpochOf(many)]).toEqual([MAX_MARKS, 8n]);
  });

  test("after a write that was answered long ago, or was under way beside another, has both", () => {
    const older = { id: A, epoch: "1" };
    const newer = { id: B, epoch: "1" };
    const wrote = afterWrite(EMPTY_TOKEN, newer, []);
    expect(afterWrite(wrote, older, []).marks).toEqual([older, newer]);
    expect(afterWrite(wrote, newer, []).marks).toEqual([newer]);
  });

  test("compares epochs as numbers of any length, never as text", () => {
    const token = { ...TOKEN, marks: [{ id: A, epoch: "9" }] };
    expect(newestEpochOf(token)).toBe(9n);
    expect(words(judgeRead(token, { ...PRIMARY, epoch: 10n }))).toBe("good rewound");
  });
});

/**
 * A model: one line of commits in each epoch, nodes that hold a prefix of it, a session that writes to the primary and
 * reads anywhere. What is called good must hold every write of its own that is not called lost, and never less than
 * what was seen before, unless that is said.
 */
test("whatever nodes hold, what is called good misses no write and nothing seen, or says so", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("write" as const), own: fc.boolean() }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("replay" as const), node: fc.nat(2), share: fc.nat(100) }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("read" as const), node: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("promote" as const), node: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), node: fc.nat(2), back: fc.nat(100) }) },
  );
  const reached = new Map<string, number>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
      const world = new SmallWorld();
      for (const each of steps) {
        const said = world.play(each);
        if (said !== undefined) reached.set(said, (reached.get(said) ?? 0) + 1);
      }
    }),
    { numRuns: 2_000 },
  );
  for (const said of [
    "good",
    "good lost",
    "good rewound",
    "good lost rewound",
    "writes-missing",
    "may-be-earlier",
    "old-epoch",
  ]) {
    expect([said, (reached.get(said) ?? 0) > 20]).toEqual([said, true]);
  }
});

type Step =
  | { readonly kind: "write"; readonly own: boolean }
  | { readonly kind: "replay"; readonly node: number; readonly share: number }
  | { readonly kind: "read" | "promote"; readonly node: number }
  | { readonly kind: "restart"; readonly node: number; readonly back: number };

interface Server {
  /** Commits it holds, in their order: ids, and epochs' beginnings. */
  log: readonly string[];
  generation: number;
}

class SmallWorld {
  token: Token = EMPTY_TOKEN;
  epoch = 1;
  primary = 0;
  count = 0;
  readonly servers: Server[] = [0, 1, 2].map((generation) => ({ log: [], generation }));
  /** How many commits each epoch took over from the one before. */
  readonly kept = new Map<number, number>();
  /** Writes of the session that it may count on; what it saw last. */
  owed: string[] = [];
  sight: readonly string[] = [];

  play(step: Step): string | undefined {
    switch (step.kind) {
      case "write":
        return this.write(step.own);
      case "replay":
        return this.replay(step.node, step.share);
      case "promote":
        return this.promote(step.node);
      case "restart":
        return this.restart(step.node, step.back);
      case "read":
        return this.read(step.node);
      default:
        return step satisfies never;
    }
  }

  at(node: number): Server {
    const server = this.servers[node];
    if (!server) throw new Error("no such node");
    return server;
  }

  write(isOwn: boolean): undefined {
    const id = `01999999-0000-7000-8000-${String(++this.count).padStart(12, "0")}`;
    this.at(this.primary).log = [...this.at(this.primary).log, id];
    if (!isOwn) return;
    this.token = afterWrite(this.token, { id, epoch: String(this.epoch) }, this.token.marks);
    this.owed.push(id);
  }

  /** A standby holds a prefix of the primary's line; what stands on another line cannot follow. */
  replay(node: number, share: number): undefined {
    const line = this.at(this.primary).log;
    const server = this.at(node);
    const isOnLine = server.log.every((id, index) => line[index] === id);
    if (!isOnLine || node === this.primary) return;
    server.log = line.slice(0, server.log.length + Math.ceil(((line.length - server.log.length) * share) / 100));
  }

  /** The promotion and its epoch's row are one here; what they kept is what the node held. */
  promote(node: number): undefined {
    if (node === this.primary) return;
    this.primary = node;
    this.epoch++;
    this.kept.set(this.epoch, this.at(node).log.length);
    this.at(node).log = [...this.at(node).log, `epoch ${this.epoch}`];
  }

  /** A standby may stand up earlier than it was, as another process. */
  restart(node: number, back: number): undefined {
    if (node === this.primary) return;
    const server = this.at(node);
    server.log = server.log.slice(0, Math.ceil((server.log.length * (100 - back)) / 100));
    server.generation += 10;
  }

  read(node: number): string {
    const { log, generation } = this.at(node);
    const epochs = log.filter((id) => id.startsWith("epoch ")).map((id) => Number(id.slice(6)));
    const epoch = Math.max(1, ...epochs);
    const since = Number(this.token.seen?.epoch ?? epoch);
    // A node whose line never had the epoch that the session read in tells nothing of what that epoch kept.
    const isOnLine = since === 1 || epochs.includes(since);
    const kept = isOnLine ? epochs.filter((each) => each > since).map((each) => this.kept.get(each) ?? 0) : [];
    const proof: Proof = {
      own: this.token.marks.reduce((bits, { id }, index) => bits | (log.includes(id) ? 1 << index : 0), 0),
      xmin: BigInt(log.length),
      xmax: BigInt(log.length),
      generation: String(generation),
      epoch: BigInt(epoch),
      isPrimary: node === this.primary,
      switchXmin: kept.length === 0 ? null : BigInt(Math.min(...kept)),
    };
    const judgement = judgeRead(this.token, proof);
    if (judgement.kind === "elsewhere") return judgement.why;
    const { lost, rewound } = judgement.broken;
    const isLostTo = lost.length > 0 ? Math.max(...lost.map((id) => this.owed.indexOf(id))) : -1;
    const owed = this.owed.slice(isLostTo + 1);
    expect(owed.filter((id) => !log.includes(id))).toEqual([]);
    if (!rewound) expect(this.sight.filter((id) => !log.includes(id) && !lost.includes(id))).toEqual([]);
    // What was said is said: what it counts on from now on is what is here.
    this.owed = owed;
    this.sight = log;
    this.token = afterRead(this.token, `node-${node}`, proof, judgement.broken);
    return words(judgement);
  }
}
