import fc from "fast-check";
import { parseList, Token } from "structured-headers";
import { describe, expect, test } from "vitest";
import type { Seen } from "../../../../src/cache/lookFarther.ts";
import type { MissCause } from "../../../../src/cache/policy.ts";
import type { Served } from "../../../../src/cache/sharedRequest.ts";
import { cacheStatus } from "../../../../src/http/cacheHeaders.ts";
import { entryOf, NOW } from "../cache/entries.ts";

/** A `Cache-Status` as its members: names, and parameters as plain values. */
function membersOf(field: string) {
  return parseList(field).map(([name, parameters]) => {
    const plain = [...parameters].map(([key, value]) => [key, value instanceof Token ? value.toString() : value]);
    return { name: String(name).replace("breakwater-", ""), ...Object.fromEntries(plain) };
  });
}

const seen = (colo: Seen["said"], kv?: Seen["said"]): readonly Seen[] => [
  { tier: "colo", said: colo },
  ...(kv === undefined ? [] : [{ tier: "kv", said: kv } as const]),
];

function served(changes: Partial<Served>): Served {
  const nothing = { nearCause: undefined, cause: undefined, isJoined: false, seen: [], from: undefined };
  return { entry: entryOf(), as: "fresh", ...nothing, ...changes };
}

const loaded = (changes: Partial<Served>) => served({ as: "loaded", nearCause: "cold", cause: "cold", ...changes });
const given = (ms: number, changes: Partial<Served>) => membersOf(cacheStatus(served(changes), NOW + ms));

describe("where an answer came from", () => {
  test.for<[string, readonly object[], readonly object[]]>([
    ["memory, fresh", given(2_000, { from: "memory" }), [{ name: "memory", hit: true, ttl: 8 }]],
    [
      "memory, while it is loaded anew because its time is over",
      given(12_000, { from: "memory", as: "stale" }),
      [{ name: "memory", hit: true, ttl: -2, detail: "refreshing" }],
    ],
    [
      "memory, while it is loaded anew because somebody wrote",
      given(2_000, { from: "memory", as: "stale" }),
      [{ name: "memory", hit: true, ttl: 0, detail: "refreshing" }],
    ],
    [
      "memory, because the database cannot be asked",
      given(100_000, { from: "memory", as: "error" }),
      [{ name: "memory", hit: true, ttl: -90, detail: "stale-if-error" }],
    ],
    [
      "the colo",
      given(0, { from: "colo", nearCause: "cold", seen: seen("found") }),
      [
        { name: "colo", hit: true, ttl: 10 },
        { name: "memory", fwd: "uri-miss", detail: "cold" },
      ],
    ],
    [
      "KV, where memory's was old and the colo failed",
      given(0, { from: "kv", nearCause: "expired", seen: seen("failed", "found") }),
      [
        { name: "kv", hit: true, ttl: 10 },
        { name: "colo", fwd: "miss", detail: "failed" },
        { name: "memory", fwd: "stale", detail: "expired" },
      ],
    ],
    [
      "the database, cold everywhere",
      membersOf(cacheStatus(loaded({ seen: seen("absent", "absent") }), NOW)),
      [
        { name: "kv", fwd: "uri-miss" },
        { name: "colo", fwd: "uri-miss", stored: true },
        { name: "memory", fwd: "uri-miss", stored: true, detail: "cold" },
      ],
    ],
    [
      "the database, where KV's alone is there, and over",
      membersOf(cacheStatus(loaded({ cause: "expired", seen: seen("absent", "found") }), NOW)),
      [
        { name: "kv", fwd: "stale", detail: "expired" },
        { name: "colo", fwd: "uri-miss", stored: true },
        { name: "memory", fwd: "uri-miss", stored: true, detail: "cold" },
      ],
    ],
    [
      "the database, because the colo's is not understood",
      membersOf(cacheStatus(loaded({ cause: "corrupt", seen: seen("corrupt", "absent") }), NOW)),
      [
        { name: "kv", fwd: "uri-miss" },
        { name: "colo", fwd: "uri-miss", stored: true, detail: "corrupt" },
        { name: "memory", fwd: "uri-miss", stored: true, detail: "cold" },
      ],
    ],
    [
      "the database, with somebody else's load",
      membersOf(cacheStatus(loaded({ isJoined: true }), NOW)),
      [{ name: "memory", fwd: "uri-miss", stored: true, collapsed: true, detail: "cold" }],
    ],
    [
      "the database, because its reader is owed more than what lies here",
      membersOf(cacheStatus(loaded({ nearCause: "bypass", cause: "bypass" }), NOW)),
      [{ name: "memory", fwd: "bypass", stored: true }],
    ],
  ])("%s", ([, members, expected]) => {
    expect(members).toEqual(expected);
  });
});

describe("of anything that may have happened", () => {
  const said = fc.constantFrom<Seen["said"]>("found", "absent", "corrupt", "failed");
  const cause = fc.option(
    fc.constantFrom<MissCause>("cold", "expired", "bumped", "evicted", "corrupt", "purged", "bypass"),
    { nil: undefined },
  );
  const anything = fc.record({
    as: fc.constantFrom<Served["as"]>("fresh", "stale", "error", "loaded"),
    from: fc.option(fc.constantFrom("memory" as const, "colo" as const, "kv" as const), { nil: undefined }),
    nearCause: cause,
    cause,
    isJoined: fc.boolean(),
    seen: fc.oneof(
      fc.constant([]),
      said.map((colo) => seen(colo)),
      fc.tuple(said, said).map(([colo, kv]) => seen(colo, kv)),
    ),
  });
  const SECRET = "/api/pitches/search?q=a%20secret%20film";

  test("it is a list of one member a tier, the nearest last, none both hit and forwarded, and tells nobody's search", () => {
    fc.assert(
      fc.property(anything, fc.nat(4_000_000), (what, ms) => {
        const field = cacheStatus({ ...what, entry: entryOf({ key: SECRET }) }, NOW + ms);
        const members = membersOf(field);
        const names = members.map(({ name }) => name);
        expect(names).toEqual(["kv", "colo", "memory"].filter((name) => names.includes(name)));
        expect(names.at(-1)).toBe("memory");
        for (const member of members) expect("hit" in member).not.toBe("fwd" in member);
        for (const member of members) expect("stored" in member && what.as !== "loaded").toBe(false);
        expect(field).not.toMatch(/secret|search|key/);
      }),
    );
  });
});
