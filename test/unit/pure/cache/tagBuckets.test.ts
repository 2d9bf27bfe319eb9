import { describe, expect, test } from "vitest";
import { tagBuckets } from "../../../../src/cache/tagBuckets.ts";
import { TAG_BUCKETS } from "../../../../src/rpc/constants.ts";

describe("the buckets of tags", () => {
  test("are the same each time, each once, and none of no tags", () => {
    expect(tagBuckets(["pitches", "genre:drama"])).toEqual(tagBuckets(["pitches", "genre:drama"]));
    expect(tagBuckets(["pitches", "pitches"])).toHaveLength(1);
    expect(tagBuckets([])).toEqual([]);
  });

  test("are FNV-1a's, of the text as UTF-8: what is deployed must agree with what was", () => {
    // 0x811c9dc5, 0xe40c292c and 0xbf9cf968 are the published values of "", "a" and "foobar".
    expect(tagBuckets(["", "a", "foobar"])).toEqual([0x811c9dc5 % 1_024, 0xe40c292c % 1_024, 0xbf9cf968 % 1_024]);
    expect(tagBuckets(["ä"])).not.toEqual(tagBuckets(["a"]));
  });

  test.for([
    ["numbered rows", (at: number) => `pitch:${at}`],
    ["ids", (at: number) => `pitch:${(at * 2_654_435_761).toString(16)}-${at}`],
    ["users", (at: number) => `user:${at * 1_000}`],
  ] as const)("are spread evenly over all there are: %s", ([, tagOf]) => {
    const counts = new Array<number>(TAG_BUCKETS).fill(0);
    const tags = TAG_BUCKETS * 40;
    for (let at = 0; at < tags; at++) {
      const [bucket = -1] = tagBuckets([tagOf(at)]);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(10);
    expect(Math.max(...counts)).toBeLessThan(80);
  });
});
