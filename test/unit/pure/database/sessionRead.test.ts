import { afterEach, describe, expect, test, vi } from "vitest";
import { query } from "../../../../src/database/query.ts";
import { read } from "../../../../src/database/read.ts";
import { RequestScope } from "../../../../src/database/requestScope.ts";
import { Session } from "../../../../src/database/session.ts";
import { sessionRead } from "../../../../src/database/sessionRead.ts";
import { write } from "../../../../src/database/write.ts";
import type { Token } from "../../../../src/replicas/session/token.ts";
import { UNKNOWN_TOPOLOGY } from "../../../../src/replicas/topology.ts";
import {
  answerOf,
  type Bed,
  bed,
  errorOf,
  failure,
  primaryOf,
  REPLICA,
  type Reply,
  result,
  type Script,
  sqlError,
  THREE,
} from "./bed.ts";

const films = query<{ id: number }>("films.list", "SELECT id FROM films");
const MARK = { id: "01999999-0000-7000-8000-00000000000a", epoch: "1" };
const TOKEN: Token = { marks: [MARK], seen: { node: "b", generation: "gb", xmax: "100", epoch: "1" } };

interface Said {
  readonly own?: number;
  readonly xmin?: number;
  readonly generation?: string;
  readonly epoch?: string;
  readonly standby?: boolean;
}

/** One film, with what the node says of itself. */
function proof({ own = 1, xmin = 100, generation = "g", epoch = "1", standby = true }: Said = {}): Reply {
  const text = `${own << 1} ${xmin} ${xmin} ${generation}  ${standby ? "t" : "f"} ${epoch}:`;
  return result(["bw_proof", "bw_row", "id"], [text, true, 7]);
}
/** The same, of a read whose answer is to be shared. */
function filled(standby: boolean): Reply {
  return result(["bw_proof", "bw_row", "id"], [`2 100 100 g  ${standby ? "t" : "f"} 1:  1.1`, true, 7]);
}
const LACKS = proof({ own: 0 });
const OF_PRIMARY = proof({ standby: false });

/** A bed whose request has this session. */
function sessionBed(reply: Script["reply"], token: Token = TOKEN, script: Partial<Script> = {}) {
  const made = bed({ roles: { ...THREE }, ...script, ...(reply && { reply }) });
  made.state.topology = {
    ...made.state.topology,
    primary: "p",
    epoch: "1",
    askedAt: Date.now(),
    roles: new Map([
      ["p", "primary"],
      ["a", "replica"],
      ["b", "replica"],
    ]),
  };
  const session = new Session(token);
  return { ...made, session, scope: new RequestScope(made.state, { ...made.scope.options, session }) };
}

const asked = ({ sent }: Pick<Bed, "sent">) => sent.map(({ node }) => node).join("");

afterEach(() => {
  vi.useRealTimers();
});

describe("a read of a session", () => {
  test("goes to its own node, in one statement that proves itself, and gives the query's rows alone", async () => {
    const made = sessionBed(() => proof());
    const { rows, route } = await answerOf(read(made.scope, films));
    expect([rows, route.node, route.reason, asked(made)]).toEqual([[{ id: 7 }], "b", "session", "b"]);
    expect(made.sent[0]?.statements[0]?.values).toEqual([[MARK.id], "1"]);
    expect(made.session.changed?.seen).toEqual({ node: "b", generation: "g/", xmax: "100", epoch: "1" });
  });

  test.for([
    ["the primary", "p", false, true],
    ["what takes writes where nobody knows the map yet", "p", false, false],
    ["what takes writes and is not called the primary", "a", false, false],
    ["a standby", "a", true, false],
    ["what is called the primary and is a standby", "p", true, false],
  ] as const)(
    "that is to be shared says whether it came from the primary: %s",
    async ([what, node, standby, isPrimary]) => {
      const made = sessionBed(({ node: asked }) => (asked === node ? filled(standby) : failure("connect")));
      if (what.includes("nobody knows")) made.state.topology = UNKNOWN_TOPOLOGY;
      const { fill } = await answerOf(read(made.scope, films, { freshness: "any", bumps: [] }));
      expect(fill).toEqual({ held: [], process: "1.1", epoch: "1", isPrimary });
    },
  );

  test("that is to be the newest asks the primary first, and without it whoever proves what the session wrote", async () => {
    const newest = { freshness: "newest" } as const;
    const well = sessionBed(() => OF_PRIMARY);
    expect((await answerOf(read(well.scope, films, newest))).route).toMatchObject({ node: "p", reason: "strict" });
    const dead = sessionBed(({ node }) => (node === "p" ? failure("connect") : node === "b" ? LACKS : proof()));
    const { route } = await answerOf(read(dead.scope, films, newest));
    expect([route.node, asked(dead)]).toEqual(["a", "pba"]);
  });

  test("that nobody is shown leaves the session where it was, and owes only what it wrote", async () => {
    const made = sessionBed(({ node }) =>
      node === "p" ? failure("connect") : proof({ xmin: 1, generation: "other" }),
    );
    const { route } = await answerOf(read(made.scope, films, { freshness: "newest", unseen: true }));
    expect([route.node, made.session.changed]).toEqual(["b", undefined]);
  });

  test("from the primary is not taken from one that is a standby by now", async () => {
    const made = sessionBed(() => proof(), TOKEN, { roles: { p: REPLICA, a: REPLICA, b: REPLICA } });
    expect((await errorOf(read(made.scope, films, { freshness: "strict" }))).code).toBe("unavailable");
    const moved = sessionBed(({ node }) => (node === "p" ? proof() : OF_PRIMARY), TOKEN, {
      roles: { p: REPLICA, a: primaryOf("2"), b: REPLICA },
    });
    const { route } = await answerOf(read(moved.scope, films, { freshness: "strict" }));
    expect([route.node, asked(moved)]).toEqual(["a", "pa"]);
  });

  test.for<[string, Reply]>([
    ["recovery cancelled it there", sqlError("40001")],
    ["a connection broke there", failure("connection")],
  ])("asks once more the only one that holds its write, though %s", async ([, reply]) => {
    let failed = 0;
    const holder = () => (failed++ === 0 ? reply : proof());
    const made = sessionBed(({ node }) => (node === "b" ? holder() : node === "a" ? LACKS : failure("connect")));
    const { route } = await answerOf(read(made.scope, films));
    expect(route.node).toBe("b");
    expect(made.elapsedMs()).toBeLessThan(500);
  });

  test("does not flood those that have to catch up", async () => {
    const made = sessionBed(({ node }) => (node === "p" ? failure("connect") : LACKS));
    await errorOf(read(made.scope, films));
    expect(made.sent.length).toBeLessThanOrEqual(24);
  });

  test("goes on to whom has its write, and remembers who lacked it", async () => {
    const made = sessionBed(({ node }) => (node === "b" ? LACKS : proof()));
    const { route } = await answerOf(read(made.scope, films));
    expect([route.node, route.reason, asked(made)]).toEqual(["a", "moved", "ba"]);
    await answerOf(read(made.scope, films));
    expect(asked(made)).toBe("baa");
  });

  test("waits a moment for replicas before it burdens the primary", async () => {
    const made = sessionBed((_, nth) => (nth < 2 ? LACKS : proof()));
    const { route } = await answerOf(read(made.scope, films));
    expect([route.node, asked(made), made.elapsedMs() >= 15]).toEqual(["b", "bab", true]);
  });

  test("goes to the primary where none of them has it", async () => {
    const made = sessionBed(({ node }) => (node === "p" ? OF_PRIMARY : LACKS));
    const { route } = await answerOf(read(made.scope, films));
    expect([route.node, route.reason, asked(made)]).toEqual(["p", "spill", "babap"]);
  });

  test.for<[string, Reply]>([
    ["is down", failure("connect")],
    ["is frozen", "hang"],
    ["cancels for a conflict with recovery", sqlError("40001")],
  ])("goes to another where its own %s", async ([, reply]) => {
    const made = sessionBed(({ node }) => (node === "b" ? reply : proof()));
    const { route } = await answerOf(read(made.scope, films));
    expect([route.node, route.reason]).toEqual(["a", "retry"]);
  });

  test("goes to another where recovery cancelled it, also where the budget of retries is used up", async () => {
    const made = sessionBed(({ node }) => (node === "p" ? OF_PRIMARY : sqlError("40001")));
    for (let count = 0; count < 30; count++) made.state.gates.countRetry(Date.now());
    const { route } = await answerOf(read(made.scope, films));
    expect([route.node, asked(made)]).toEqual(["p", "bap"]);
    const broken = sessionBed(({ node }) => (node === "p" ? OF_PRIMARY : failure("connection")));
    for (let count = 0; count < 30; count++) broken.state.gates.countRetry(Date.now());
    await errorOf(read(broken.scope, films));
    expect(asked(broken)).toBe("b");
  });

  test("is refused, and not answered with less, where no node that lives could prove it", async () => {
    const made = sessionBed(({ node }) => (node === "p" ? failure("connect") : LACKS));
    const error = await errorOf(read(made.scope, films));
    expect([error.code, error.message]).toEqual(["unavailable", expect.stringMatching(/could prove/)]);
    expect(made.elapsedMs()).toBeGreaterThan(2_500); // it waited for as long as it could
    expect(asked(made)).toMatch(/^bab.*[ab]$/);
  });

  test("is given what the primary cannot prove, after one more look, and it is said", async () => {
    const made = sessionBed(({ node }) => (node === "p" ? proof({ own: 0, standby: false }) : LACKS));
    await answerOf(read(made.scope, films));
    expect(made.session.broken).toEqual({ lost: [], rewound: false, unproven: true });
  });

  test("takes no word on what is lost from a node that nobody calls the primary", async () => {
    const promoted = proof({ own: 0, standby: false, epoch: "2" });
    const made = sessionBed(({ node }) => (node === "a" ? promoted : node === "p" ? failure("connect") : LACKS));
    await errorOf(read(made.scope, films));
    expect(made.session.broken.lost).toEqual([]);
    const heard = sessionBed(({ node }) => (node === "a" ? promoted : failure("connect")));
    heard.state.topology = { ...heard.state.topology, primary: "a", epoch: "2" };
    await answerOf(read(heard.scope, films));
    expect([heard.session.broken.lost, heard.session.changed?.marks]).toEqual([[MARK.id], []]);
  });

  test("of the primary proves itself as well", async () => {
    const made = sessionBed(() => OF_PRIMARY);
    const { route } = await answerOf(read(made.scope, films, { freshness: "strict" }));
    expect([route.node, route.reason, made.session.changed?.seen?.node]).toEqual(["p", "strict", "p"]);
  });

  test("of anybody's rows asks for no proof", async () => {
    const made = sessionBed(() => result(["id"], [7]));
    const { rows } = await answerOf(read(made.scope, films, { freshness: "any" }));
    expect([rows, made.session.changed]).toEqual([[{ id: 7 }], undefined]);
  });

  test("reads from the primary where the schema is missing, and asks for no proof again", async () => {
    const made = sessionBed(({ statements }) =>
      statements[0]?.text.includes("bw_proof")
        ? sqlError("42883", {}, "function breakwater.proof(uuid[], bigint) does not exist")
        : result(["id"], [7]),
    );
    for (let reads = 0; reads < 2; reads++) {
      const { rows, route } = await answerOf(read(made.scope, films));
      expect([rows, route.node, route.reason]).toEqual([[{ id: 7 }], "p", "strict"]);
    }
    expect(asked(made)).toBe("bpp");
  });

  test("that is the caller's mistake is tried once", async () => {
    const made = sessionBed(() => sqlError("22P02"));
    expect([(await errorOf(read(made.scope, films))).code, asked(made)]).toEqual(["query", "b"]);
  });
});

describe("a request without a session", () => {
  test("reads bare, and begins one with its first write, which its next read must show", async () => {
    const made = bed({ roles: { ...THREE } });
    await answerOf(read(made.scope, films));
    expect(made.scope.session.changed).toBeUndefined();
    const committed = await answerOf(write(made.scope, [query("films.add", "INSERT")], { tags: ["films"] }));
    const { changed } = made.scope.session;
    expect(changed?.marks).toEqual([{ id: committed.kind === "committed" ? committed.mark : "", epoch: "1" }]);
  });
});

describe("a session's read that has nobody left to ask", () => {
  /** With the same choices in each turn. Turns that wait for nothing would never let the clock go on. */
  const readFrom = (made: ReturnType<typeof sessionBed>, nodes: readonly string[]) => {
    const choices = async (turn: number) => {
      if (turn > 50) throw new Error("it goes round and round");
      return nodes.map((node) => ({ node, reason: "strict" as const }));
    };
    return sessionRead(made.scope, films, { session: made.session, token: TOKEN, choices });
  };

  test("ends where no time is left for another try", async () => {
    const made = sessionBed(() => "hang", TOKEN, { deadlineMs: 45 });
    expect((await errorOf(readFrom(made, ["p"]))).code).toBe("deadline");
    expect(asked(made)).toBe("pp");
  });

  test("ends where who could not prove it died", async () => {
    const made = sessionBed((_, nth) => (nth === 0 ? LACKS : failure("connect")));
    expect((await errorOf(readFrom(made, ["a"]))).message).toMatch(/could prove/);
    expect(asked(made)).toBe("aa");
  });
});
