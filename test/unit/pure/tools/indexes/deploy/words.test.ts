import { describe, expect, it } from "vitest";
import { backOff } from "../../../../../../tools/indexes/deploy/backOff.ts";
import { blockerText } from "../../../../../../tools/indexes/deploy/blocker.ts";
import { breakerPause } from "../../../../../../tools/indexes/deploy/breakerPause.ts";
import type { DeployEvent } from "../../../../../../tools/indexes/deploy/deployEvent.ts";
import { failureOf } from "../../../../../../tools/indexes/deploy/failureOf.ts";
import { looksLike } from "../../../../../../tools/indexes/deploy/looksLike.ts";
import { poolerTrouble } from "../../../../../../tools/indexes/deploy/poolerTrouble.ts";
import { progressShare } from "../../../../../../tools/indexes/deploy/progressShare.ts";
import { duration, size } from "../../../../../../tools/indexes/deploy/quantities.ts";
import { reporterFor } from "../../../../../../tools/indexes/deploy/reporter.ts";
import { stagingName } from "../../../../../../tools/indexes/deploy/statements.ts";

describe("what is said", () => {
  it.each([
    [350, "350ms"],
    [4_230, "4.2s"],
    [368_000, "6m08s"],
    [7_500_000, "2h05m"],
  ])("of %i ms is %s", (ms, text) => expect(duration(ms)).toBe(text));

  it.each([
    [0, "0 B"],
    [8_192, "8.0 kB"],
    [123_456_789, "118 MB"],
  ])("of %i bytes is %s", (bytes, text) => expect(size(bytes)).toBe(text));

  it("of a blocker is who, since when, and the head of what it does", () => {
    const blocker = {
      pid: 42,
      ageMs: 368_000,
      state: "idle in transaction",
      query: "UPDATE\n  t",
      application: "psql",
    };
    expect(blockerText(blocker)).toBe('pid 42 (psql), idle in transaction 6m08s, "UPDATE t"');
    const hidden = { pid: 42, ageMs: null, state: null, query: null, application: null };
    expect(blockerText(hidden)).toMatch(/^pid 42, whose work this role may not see: grant it pg_read_all_stats/);
  });

  it("without a terminal is one line a change", () => {
    const lines: string[] = [];
    const { report } = reporterFor({ json: false, isTerminal: false, print: (line) => lines.push(line) });
    const blocked = (text: string): DeployEvent => ({ event: "blocked", name: "i", text, blockers: [] });
    const progress = (share: number, phase: string): DeployEvent => ({ event: "progress", name: "i", share, phase });
    for (const event of [
      progress(0.1, "scanning"),
      progress(0.2, "scanning"),
      blocked("blocked by pid 7 (for 1.0s)"),
      blocked("blocked by pid 7 (for 2.0s)"),
      progress(1, "valid"),
    ]) {
      report(event);
    }
    expect(lines).toEqual(["i: scanning (10 %)", "i: blocked by pid 7 (for 1.0s)", "i: valid (100 %)"]);
  });
});

describe("progress", () => {
  it("grows along a build's phases, and is never whole before the catalogue says so", () => {
    const at = (phase: string, done: number, total: number) =>
      progressShare({ phase, blocksTotal: total, blocksDone: done, tuplesTotal: 0, tuplesDone: 0 });
    const shares = [
      at("initializing", 0, 0),
      at("building index: scanning table", 50, 100),
      at("building index: loading tuples in tree", 100, 100),
      at("index validation: scanning index", 0, 0),
      at("index validation: scanning table", 100, 100),
      at("waiting for old snapshots", 999, 100),
    ];
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(Math.max(...shares)).toBeLessThan(1);
  });
});

describe("what a server says", () => {
  it.each([
    ["23505", "duplicates"],
    ["53400", "space"],
    ["57014", "cancelled"],
    ["57P01", "lost"],
    ["08006", "lost"],
    ["ECONNRESET", "lost"],
    [undefined, "lost"],
    ["40P01", "blocked"],
    ["25006", "refused"],
    ["42703", "impossible"],
  ])("%s is %s", (code, kind) => expect(failureOf(Object.assign(new Error(), { code }))).toBe(kind));

  it.each([
    ["ep-a-pooler.eu.neon.tech", [1, 1], /is a pooler: give the direct address, ep-a\.eu\.neon\.tech\.$/],
    ["db.example.com", [1, 2, 1], /two backends \(pid 1 and 2\)/],
    ["db.example.com", [1, 1, 1], undefined],
  ])("%s answering from %j is told for a pooler or not", (host, pids, trouble) => {
    if (trouble) expect(poolerTrouble(host, pids)).toMatch(trouble);
    else expect(poolerTrouble(host, pids)).toBeUndefined();
  });

  it("of the breaker holds the next index back until all nodes are closed", () => {
    const node = (name: string, state: string) => ({ name, state, epoch: 3 });
    expect(breakerPause({ nodes: [node("a", "closed"), node("b", "forced-closed")], isolate: [] })).toEqual([]);
    expect(breakerPause({ nodes: [node("a", "open")], isolate: [node("a", "open"), node("b", "ramping")] })).toEqual([
      "a is open",
      "b is ramping",
    ]);
    expect(breakerPause({ mode: "off" })).toEqual([]);
    expect(() => breakerPause({ nodes: "?" })).toThrow();
  });
});

describe("a printed definition", () => {
  const entry = (definition: string, isUnique = false) =>
    ({ table: "t", definition, isUnique }) as Parameters<typeof looksLike>[0];
  it.each([
    ["t (a, b DESC)", "CREATE INDEX i ON public.t USING btree (a, b DESC)", true],
    ["t (a) WHERE s = 'x'", "CREATE INDEX i ON public.t USING btree (a) WHERE (s = 'x'::text)", true],
    ["t (a) WHERE s = 'x'", "CREATE INDEX i ON public.t USING btree (a) WHERE (s = 'X'::text)", false],
    ["t (lower(a))", "CREATE INDEX i ON public.t USING btree (lower(a))", true],
    ["t (a DESC NULLS LAST)", "CREATE INDEX i ON public.t USING btree (a DESC NULLS LAST)", true],
    ["t (a DESC)", "CREATE INDEX i ON public.t USING btree (a DESC NULLS LAST)", false],
    ["t (a)", "CREATE UNIQUE INDEX i ON public.t USING btree (a)", false],
    ["t USING gin (d)", "CREATE INDEX i ON public.t USING gin (d)", true],
    ["t (a) INCLUDE (b)", "CREATE INDEX i ON public.t USING btree (a) INCLUDE (b)", true],
  ])("%s against %s: %s", (definition, printed, isAlike) =>
    expect(looksLike(entry(definition), printed)).toBe(isAlike),
  );
});

describe("a replacement's name", () => {
  it("is the same each time, another one for each index, and never too long", () => {
    expect(stagingName("films_genre")).toBe(stagingName("films_genre"));
    const long = "é".repeat(31);
    expect(Buffer.byteLength(stagingName(long))).toBeLessThanOrEqual(63);
    expect(stagingName(long)).not.toBe(stagingName(`${long}a`));
  });
});

describe("a back-off", () => {
  it("doubles up to a limit, less a share at random", () => {
    const limits = { backOffMs: 1_000, maxBackOffMs: 3_000 };
    expect([2, 3, 4].map((attempt) => backOff(attempt, limits, 0))).toEqual([1_000, 2_000, 3_000]);
    expect(backOff(2, limits, 1)).toBe(500);
  });
});
