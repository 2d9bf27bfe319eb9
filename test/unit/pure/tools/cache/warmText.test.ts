import { describe, expect, it } from "vitest";
import { hasFailed, readWarmed, warmText } from "../../../../../tools/cache/warmText.ts";

const NONE = { planned: 0, done: [], skipped: [], failed: [] };
const loaded = (path: string) => ({ path, isChanged: true, isWritten: true, ms: 12.4 });

describe("a warming run for people", () => {
  it("names each path with what came of it, and sums up", () => {
    const text = warmText({
      planned: 3,
      done: [loaded("/api/pitches"), { path: "/api/genres", isChanged: false, isWritten: false, ms: 3 }],
      skipped: [{ path: "/api/trending", why: "lives" }],
      failed: [{ path: "/api/pitches?stage=x", why: "the database cannot answer now" }],
    });
    expect(text).toMatch(/\/api\/pitches +│ changed, written to KV +│ 12 ms/);
    expect(text).toMatch(/\/api\/genres +│ the same, not written +│ 3 ms/);
    expect(text).toMatch(/\/api\/trending +│ fresh beyond the next run/);
    expect(text).toMatch(/stage=x +│ failed: the database cannot answer now/);
    expect(text).toMatch(/^2 of 3 planned were loaded, 1 written to KV; 1 left, 1 failed\.$/m);
  });

  it("shows so many rows, and says how many more there are", () => {
    const text = warmText({ ...NONE, planned: 60, done: Array.from({ length: 60 }, (_, n) => loaded(`/api/${n}`)) });
    expect(text).toMatch(/^10 more: --json has all of them\.$/m);
    expect(text).not.toMatch(/\/api\/50 /);
  });

  it("shows no table of nothing, and a reason that it does not know as it is", () => {
    expect(warmText({ ...NONE, trouble: "no objects are bound" })).toBe(
      "0 of 0 planned were loaded, 0 written to KV; 0 left, 0 failed.\nWhat is hot is not known: no objects are bound.",
    );
    expect(warmText({ ...NONE, skipped: [{ path: "/a", why: "moon" }] })).toMatch(/\/a +│ moon/);
  });

  it.each([
    ["nothing", NONE, false],
    ["a failed load", { ...NONE, failed: [{ path: "/a", why: "x" }] }, true],
    ["a path that is shared with nobody", { ...NONE, skipped: [{ path: "/a", why: "not-shared" }] }, true],
    ["what lives on", { ...NONE, skipped: [{ path: "/a", why: "lives" }] }, false],
    ["an outage, which passes", { ...NONE, skipped: [{ path: "/a", why: "breaker" }] }, false],
  ])("tells whether %s is a failure", (_what, report, failed) => {
    expect(hasFailed(report)).toBe(failed);
  });

  it("is no report where the cache is off, or the answer another", () => {
    expect(() => readWarmed({ mode: "off" })).toThrow(/The cache is off there/);
    expect(() => readWarmed({ planned: "many" })).toThrow(/is not understood/);
  });
});
