import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apiOperations } from "../../../../tools/fuzz/apiOperations.ts";
import { applyTwist } from "../../../../tools/fuzz/applyTwist.ts";
import { buildRequest } from "../../../../tools/fuzz/buildRequest.ts";
import { FORMATS } from "../../../../tools/fuzz/formats.ts";
import { Memory } from "../../../../tools/fuzz/memory.ts";
import { BYTES_TWISTS, type Plan } from "../../../../tools/fuzz/plan.ts";
import { planArbitrary } from "../../../../tools/fuzz/planArbitrary.ts";
import { type RequestParts, rawRequest } from "../../../../tools/fuzz/rawRequest.ts";
import { apiDocument } from "../../../../tools/generate/apiDocument.ts";

const operations = apiOperations(apiDocument() as never);
const plans = planArbitrary(operations);
const ORIGIN = "http://127.0.0.1:1";

function requestsOf(seed: number, numRuns = 300) {
  const memory = new Memory({ pitch: ["0198c0de-0000-7000-8000-000000000001"] });
  memory.add("user", "0198c0de-0000-7000-8000-000000000002");
  const made = fc.sample(plans, { seed, numRuns });
  return made.map((plan: Plan) => ({ plan, ...buildRequest(plan, memory, "t".repeat(43), ORIGIN) }));
}

describe("the inputs", () => {
  test("are the same for the same seed, and others for another", () => {
    const sent = (seed: number) => JSON.stringify(requestsOf(seed).map(({ parts }) => rawRequest(parts)));
    expect(sent(1)).toBe(sent(1));
    expect(sent(1)).not.toBe(sent(2));
  });

  test("ask every operation, and about half have one thing wrong", () => {
    const made = requestsOf(3, 4_000);
    expect(new Set(made.map(({ plan }) => plan.operation.id)).size).toBe(operations.length);
    const twisted = made.filter(({ plan }) => plan.twist !== undefined).length;
    expect(twisted / made.length).toBeGreaterThan(0.4);
    expect(twisted / made.length).toBeLessThan(0.7);
  });

  test("are what the document lets in, where nothing is wrong with them on purpose", () => {
    const ajv = new Ajv2020({ strict: false, formats: { ...FORMATS } });
    const bodies = requestsOf(4, 2_000).filter(({ plan }) => plan.operation.body && !plan.twist);
    const fits = bodies.filter(({ plan, parts }) => ajv.validate(plan.operation.body ?? {}, parts.json));
    expect(bodies.length).toBeGreaterThan(100);
    // Some are not: a pattern that no text could be made for, a text that counts otherwise in code points.
    expect(fits.length / bodies.length).toBeGreaterThan(0.8);
  });

  test("can be sent: paths and headers are what HTTP lets through", () => {
    for (const { parts } of requestsOf(5, 3_000)) {
      const { path, headers } = rawRequest(parts);
      expect(path).toMatch(/^\/[\x21-\x7e]*$/);
      for (const [name, value] of headers) expect(`${name}: ${value}`).toMatch(/^[\w-]+: [\t\x20-\x7e\x80-\xff]*$/);
    }
  });
});

describe("a twist", () => {
  const parts: RequestParts = {
    method: "POST",
    segments: ["api", "pitches", "0198c0de-0000-7000-8000-000000000001", "views"],
    suffix: "",
    query: ["limit=5", "genre=drama"],
    headers: [["Content-Type", "application/json"]],
    json: { title: "a", tags: ["b", "c"] },
    bytes: undefined,
  };
  const sent = (twist: Parameters<typeof applyTwist>[1]) => {
    const { method, path, headers, body } = rawRequest(applyTwist(parts, twist));
    return { method, path, headers, body: body && Buffer.from(body).toString() };
  };

  test.for([
    [{ kind: "replace-value", at: 0, value: 7 }, { body: '{"title":7,"tags":["b","c"]}' }],
    [{ kind: "replace-value", at: 0.6, value: null }, { body: '{"title":"a","tags":[null,"c"]}' }],
    [{ kind: "drop-value", at: 0 }, { body: '{"tags":["b","c"]}' }],
    [{ kind: "drop-value", at: 0.99 }, { body: '{"title":"a","tags":["b"]}' }],
    [{ kind: "repeat-value", at: 0, value: 3 }, { body: '{"title":"aaa","tags":["b","c"]}' }],
    [{ kind: "repeat-value", at: 0.25, value: 3 }, { body: '{"title":"a","tags":["b","c","b"]}' }],
    [
      { kind: "add-field", at: 0, name: "__proto__", value: 1 },
      { body: '{"title":"a","tags":["b","c"],"__proto__":1}' },
    ],
    [{ kind: "whole-body", value: [] }, { body: "[]" }],
    [{ kind: "segment", at: 0, text: "%00" }, { path: "/api/pitches/%00/views?limit=5&genre=drama" }],
    [{ kind: "query", at: 0.5, text: "%zz" }, { path: expect.stringContaining("?limit=5&genre=%zz") }],
    [{ kind: "query-twice", at: 0 }, { path: expect.stringContaining("?limit=5&genre=drama&limit=5") }],
    [{ kind: "query-drop", at: 0 }, { path: expect.stringContaining("?genre=drama") }],
    [{ kind: "path", suffix: "/x" }, { path: expect.stringContaining("/views/x?") }],
    [{ kind: "method", method: "PUT" }, { method: "PUT" }],
    [{ kind: "header", name: "content-type", value: "text/plain" }, { headers: [["content-type", "text/plain"]] }],
  ] as const)("%o", ([twist, expected]) => {
    expect(sent(twist)).toMatchObject(expected);
  });

  test.each(BYTES_TWISTS)("of the bytes: %s", (how) => {
    const { bytes } = applyTwist(parts, { kind: "bytes", how });
    const source = JSON.stringify(parts.json);
    expect(Buffer.from(bytes ?? []).equals(Buffer.from(source))).toBe(false);
    expect(bytes?.byteLength).toBeLessThan(140_000);
  });
});
