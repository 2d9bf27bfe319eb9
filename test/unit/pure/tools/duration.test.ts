import { describe, expect, it } from "vitest";
import { parseDuration } from "../../../../tools/cluster/duration.ts";

describe("parseDuration", () => {
  it.each([
    ["0s", 0],
    ["250ms", 250],
    ["5s", 5_000],
    ["2m", 120_000],
    ["60m", 3_600_000],
    ["1h", 3_600_000],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "5", "s", "-1s", "1.5s", "5 s", "61m", "5h", "9".repeat(30)])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([
    ["24h", 86_400_000],
    ["25h", undefined],
  ])("reads %s where a day is the most", (text, ms) => {
    expect(parseDuration(text, 86_400_000)).toBe(ms);
  });
});
