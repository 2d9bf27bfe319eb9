import { describe, expect, test } from "vitest";
import { originPolicy } from "../../../../tools/bed/worker/originPolicy.ts";
import type { CacheTest, RawResult } from "../../../../tools/conformance/httpCacheTests.ts";
import { verdictOf } from "../../../../tools/conformance/verdict.ts";

describe("what a result of the HTTP cache tests means", () => {
  const FAILED: RawResult = ["Assertion", "it comes from the cache"];
  const TESTS: readonly CacheTest[] = [
    { id: "plain" },
    { id: "optimal", kind: "optimal" },
    { id: "check", kind: "check" },
    { id: "later", depends_on: ["check", "optimal"] },
  ];
  const tests = new Map(TESTS.map((each) => [each.id, each]));

  test.for<[string, Record<string, RawResult>, string | undefined]>([
    ["plain", { plain: true }, "passed"],
    ["plain", { plain: FAILED }, "failed"],
    ["plain", { plain: ["FetchError", "socket hang up"] }, "failed"],
    ["plain", { plain: ["Setup", "status is 500"] }, "setup"],
    ["plain", {}, undefined],
    ["optimal", { optimal: FAILED }, "not-optimal"],
    ["check", { check: true }, "yes"],
    ["check", { check: FAILED }, "no"],
    ["later", { later: FAILED, check: true, optimal: true }, "failed"],
    ["later", { later: FAILED, check: FAILED, optimal: true }, "depends"],
    ["later", { later: true, check: true }, "depends"],
  ])("%s with %o: %s", ([id, results, verdict]) => {
    expect(verdictOf(id, tests, results)).toBe(verdict);
  });
});

describe("how long an origin's answer may be given", () => {
  const NOW = 1_790_000_000_000;
  const read = (headers: Record<string, string>) => {
    const { times, isShared } = originPolicy(new Response(null, { headers }), NOW);
    const [loadedAt, ...untils] = [times.loadedAt, times.freshUntil, times.staleUntil, times.errorUntil];
    return { isShared, ageS: (NOW - loadedAt) / 1_000, leftS: untils.map((until) => (until - NOW) / 1_000) };
  };

  test.for<[Record<string, string>, readonly number[], number]>([
    [{}, [0, 0, 0], 0],
    [{ "Cache-Control": "max-age=10" }, [10, 10, 10], 0],
    [{ "Cache-Control": "max-age=10", Age: "12" }, [-2, -2, -2], 12],
    [{ "Cache-Control": "max-age=10, s-maxage=5" }, [5, 5, 5], 0],
    [{ "Cache-Control": 'MAX-AGE="10"' }, [10, 10, 10], 0],
    [{ "Cache-Control": "max-age=-1", Expires: new Date(NOW + 5_000).toUTCString() }, [0, 0, 0], 0],
    [{ "Cache-Control": "max-age=2, stale-while-revalidate=3, stale-if-error=60" }, [2, 5, 62], 0],
    [{ "Cache-Control": "max-age=2, must-revalidate, stale-if-error=60" }, [2, 2, 2], 0],
    [{ "Cache-Control": "s-maxage=2, stale-while-revalidate=60" }, [2, 2, 2], 0],
    [{ Expires: new Date(NOW + 5_000).toUTCString(), Date: new Date(NOW).toUTCString() }, [5, 5, 5], 0],
    [{ Expires: "0", Date: new Date(NOW).toUTCString() }, [0, 0, 0], 0],
  ])("%o", ([headers, leftS, ageS]) => {
    expect(read(headers)).toEqual({ isShared: true, ageS, leftS });
  });

  test.for(["no-store", "private", "No-Cache", "max-age=60, no-store"])("%s: nobody may keep it", (field) => {
    expect(read({ "Cache-Control": field }).isShared).toBe(false);
  });
});
