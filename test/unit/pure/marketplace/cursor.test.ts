import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCursor, encodeCursor, type KeyKind } from "../../../../src/marketplace/listing/cursor.ts";

const ID = "0198c0de-0000-7000-8000-000000000001";

describe("a cursor", () => {
  test("carries any time, score and rank there and back exactly", () => {
    const time = fc
      .date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true })
      .map((date) => date.toISOString());
    const score = fc.double({ noNaN: true, min: -1e300, max: 1e300 }).filter((x) => x === 0 || Math.abs(x) >= 1e-300);
    const rank = fc.float({ noNaN: true, min: 0, max: 1_000 }).filter((x) => x === 0 || x >= 1e-37);
    const cases: [KeyKind, fc.Arbitrary<string | number>][] = [
      ["time", time],
      ["float8", score],
      ["float4", rank],
    ];
    for (const [kind, keys] of cases) {
      fc.assert(
        fc.property(keys, fc.uuid(), fc.string(), (key, id, list) => {
          const position = decodeCursor(list, kind, encodeCursor(list, { key, id }));
          expect(position?.id).toBe(id);
          expect(position?.key).toEqual(key === 0 ? expect.closeTo(0) : key);
        }),
      );
    }
  });

  test("is refused by another list", () => {
    const cursor = encodeCursor("newest\0drama", { key: "2026-01-02T03:04:05.678Z", id: ID });
    expect(decodeCursor("newest\0comedy", "time", cursor)).toBeNull();
    expect(decodeCursor("newest\0drama", "float8", cursor)).toBeNull();
  });

  test("is refused when forged, whatever it holds, and never throws", () => {
    const of = JSON.parse(atob(encodeCursor("l", { key: 1, id: ID })))[0] as string;
    const forged: [KeyKind, unknown][] = [
      ["time", [of, "2026-02-30T00:00:00.000Z", ID]],
      ["time", [of, "0000-01-01T00:00:00.000Z", ID]],
      ["time", [of, "infinity", ID]],
      ["time", [of, 5, ID]],
      ["float8", [of, "1", ID]],
      ["float8", [of, 1e308, ID]],
      ["float8", [of, 1e-308, ID]],
      ["float4", [of, 1e38, ID]],
      ["float4", [of, 1e-40, ID]],
      ["float4", [of, null, ID]],
      ["float8", [of, 1, "'; DROP TABLE pitches; --"]],
      ["float8", [of, 1, { toString: ID }]],
      ["float8", [of, 1]],
      ["float8", { 0: of, 1: 1, 2: ID, length: 3 }],
      ["float8", null],
    ];
    for (const [kind, parts] of forged) {
      expect(decodeCursor("l", kind, btoa(JSON.stringify(parts))), JSON.stringify(parts)).toBeNull();
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(decodeCursor("l", "time", text)).toBeNull();
      }),
    );
  });
});
