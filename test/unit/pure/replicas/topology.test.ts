import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RoleReport, type Topology, topologyFrom, UNKNOWN_TOPOLOGY } from "../../../../src/replicas/topology.ts";

const primary = (node: string, epoch: string | null = "1"): RoleReport => ({ node, inRecovery: false, epoch });
const replica = (node: string, epoch: string | null = "1"): RoleReport => ({ node, inRecovery: true, epoch });

const from = (...reports: RoleReport[]) => topologyFrom(reports, UNKNOWN_TOPOLOGY, 7);
const then = (known: Topology, ...reports: RoleReport[]) => topologyFrom(reports, known, 8);
const roles = (topology: Topology) => Object.fromEntries(topology.roles);
const chosen = ({ primary, epoch, trouble }: Topology) => ({ primary, epoch, trouble });
const NONE = { primary: undefined, epoch: undefined };

describe("of a first round of answers", () => {
  test("the one that is not in recovery is the primary, with its epoch", () => {
    const topology = from(replica("b"), primary("a", "3"), replica("c"));
    expect(chosen(topology)).toEqual({ primary: "a", epoch: "3", trouble: undefined });
    expect(roles(topology)).toEqual({ a: "primary", b: "replica", c: "replica" });
    expect(topology.askedAt).toBe(7);
  });

  test("none leaves nobody to write to", () => {
    expect(chosen(from())).toEqual({ ...NONE, trouble: "none-answered" });
  });

  test("replicas alone leave nobody to write to", () => {
    expect(chosen(from(replica("b")))).toEqual({ ...NONE, trouble: "none-answered" });
  });

  test("a primary without the schema is named, but has no epoch to write in", () => {
    expect(chosen(from(primary("a", null)))).toEqual({ primary: "a", epoch: undefined, trouble: "not-installed" });
  });
});

describe("of several that are not in recovery", () => {
  test.for([
    ["2", "1"],
    ["10", "9"],
    ["100000000000000000000", "99999999999999999999"],
    ["9007199254740993", "9007199254740992"],
    ["1", null],
  ] as const)("the one of epoch %s is the primary, the one of %s a rival", ([newer, older]) => {
    for (const reports of [
      [primary("old", older), primary("new", newer)],
      [primary("new", newer), primary("old", older)],
    ]) {
      const topology = from(...reports);
      expect(chosen(topology)).toEqual({ primary: "new", epoch: newer, trouble: undefined });
      expect(roles(topology)).toEqual({ new: "primary", old: "rival" });
    }
  });

  test.for(["1", null] as const)("with the same epoch (%s) neither is written to", (epoch) => {
    const topology = from(primary("a", epoch), primary("b", epoch), replica("c"));
    expect(chosen(topology)).toEqual({ ...NONE, trouble: "two-primaries" });
    expect(roles(topology)).toEqual({ a: "rival", b: "rival", c: "replica" });
  });

  test("two of the highest epoch are too many, whatever a third says", () => {
    expect(chosen(from(primary("a", "2"), primary("b", "1"), primary("c", "2"))).trouble).toBe("two-primaries");
  });
});

describe("the holder of an epoch", () => {
  const known = from(primary("a"), replica("b"));

  test("keeps it beside whoever claims the same, who is a rival", () => {
    const topology = then(known, primary("b"), primary("a"));
    expect(chosen(topology)).toEqual({ primary: "a", epoch: "1", trouble: undefined });
    expect(roles(topology)).toEqual({ a: "primary", b: "rival" });
  });

  test("is remembered while nobody answers", () => {
    expect(chosen(then(then(known), primary("b"), primary("a"))).primary).toBe("a");
  });

  test("is succeeded in his own epoch only where there is nobody to begin the next one", () => {
    expect(chosen(topologyFrom([primary("b")], known, 8, true)).primary).toBe("b");
    const waiting = topologyFrom([primary("b")], known, 8, false);
    expect(chosen(waiting)).toEqual({ ...NONE, trouble: "none-answered" });
    expect(roles(waiting)).toEqual({ a: "unknown", b: "rival" });
    expect(chosen(topologyFrom([primary("b", "2")], waiting, 9, false)).primary).toBe("b");
    expect(chosen(topologyFrom([primary("a")], waiting, 9, false)).primary).toBe("a");
  });
});

describe("when something was known before", () => {
  const known = from(primary("a"), replica("b"), replica("c"));

  test("a silent replica keeps its role", () => {
    expect(roles(then(known, primary("a"), replica("b")))).toEqual({ a: "primary", b: "replica", c: "replica" });
  });

  test("a silent primary is not written to on hearsay", () => {
    const topology = then(known, replica("b"), replica("c"));
    expect(chosen(topology)).toEqual({ ...NONE, trouble: "none-answered" });
    expect(roles(topology)).toEqual({ a: "unknown", b: "replica", c: "replica" });
  });

  test("a promoted replica takes over from a silent primary", () => {
    const topology = then(known, primary("b", "2"), replica("c"));
    expect(chosen(topology)).toEqual({ primary: "b", epoch: "2", trouble: undefined });
    expect(roles(topology)).toEqual({ a: "unknown", b: "primary", c: "replica" });
  });

  test("an old primary that comes back while the new one is silent is a rival, and not written to", () => {
    const promoted = then(known, primary("b", "2"), replica("c", "2"));
    const topology = then(promoted, primary("a", "1"));
    expect(chosen(topology)).toEqual({ ...NONE, trouble: "none-answered" });
    expect(roles(topology)).toEqual({ a: "rival", b: "unknown", c: "replica" });
    expect(chosen(then(topology, primary("a", "1")))).toEqual({ ...NONE, trouble: "none-answered" });
    expect(chosen(then(topology, primary("a", "1"), primary("b", "2"))).primary).toBe("b");
  });

  test("an old primary is found out by a replica of the new one's line", () => {
    expect(chosen(from(primary("a", "1"), replica("c", "2")))).toEqual({ ...NONE, trouble: "none-answered" });
  });

  test("a replica that has not replayed the new epoch yet changes nothing", () => {
    expect(chosen(from(primary("b", "2"), replica("c", "1"))).primary).toBe("b");
  });
});

test("whoever answers in whatever order, at most one is primary, it said so itself, and no known epoch is above its own", () => {
  const report = fc.record({
    node: fc.constantFrom("a", "b", "c", "d"),
    inRecovery: fc.boolean(),
    epoch: fc.option(fc.bigInt({ min: 1n, max: 12n }).map(String)),
  });
  const round = fc.uniqueArray(report, { selector: ({ node }) => node, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(round, { maxLength: 6 }), (rounds) => {
      let topology = UNKNOWN_TOPOLOGY;
      let highest = -1n;
      for (const reports of rounds) {
        topology = topologyFrom(reports, topology, 0);
        for (const { epoch } of reports) if (BigInt(epoch ?? -1) > highest) highest = BigInt(epoch ?? -1);
        const primaries = [...topology.roles].filter(([, role]) => role === "primary").map(([node]) => node);
        expect(primaries).toEqual(topology.primary === undefined ? [] : [topology.primary]);
        expect(topology.primary === undefined).toBe(
          topology.trouble !== undefined && topology.trouble !== "not-installed",
        );
        if (topology.primary === undefined) continue;
        const own = reports.find(({ node }) => node === topology.primary);
        expect([own?.inRecovery, own?.epoch ?? undefined]).toEqual([false, topology.epoch]);
        expect(BigInt(topology.epoch ?? -1)).toBe(highest);
      }
    }),
  );
});
