import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { MAX_ENVELOPE_BYTES } from "../../../../src/cache/constants.ts";
import { CACHE_SCHEMA } from "../../../../src/cache/entry.ts";
import { readEnvelope, writeEnvelope } from "../../../../src/cache/envelope.ts";
import { TAG_BUCKETS } from "../../../../src/rpc/constants.ts";
import { entryOf } from "./entries.ts";

const textOf = (changes: object = {}) => JSON.stringify({ ...entryOf(), ...changes });
/** A body that makes the envelope exactly so many bytes long. */
const entryOfBytes = (bytes: number, char = "x") => {
  const room = bytes - new TextEncoder().encode(JSON.stringify(entryOf({ body: "" }))).length;
  const width = new TextEncoder().encode(char).length;
  return entryOf({ body: char.repeat(Math.floor(room / width)) + "x".repeat(room % width) });
};

describe("an envelope", () => {
  test("gives back what was put in, whatever text the body holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 100 }), fc.webUrl(), (body, key) => {
        const entry = entryOf({ body, key });
        expect(readEnvelope(writeEnvelope(entry))).toEqual(entry);
      }),
    );
  });

  test("tells until when what says that there is nothing lies in the place of older copies", () => {
    const entry = entryOf({ status: 404, maskUntil: 7 });
    expect(readEnvelope(writeEnvelope(entry))).toEqual(entry);
  });

  test("survives UTF-8, in which half a surrogate pair has no form", () => {
    const entry = entryOf({ body: '"\ud800"' });
    const bytes = new TextEncoder().encode(writeEnvelope(entry));
    expect(readEnvelope(new TextDecoder().decode(bytes))).toEqual(entry);
  });

  test("drops what a later version added to it", () => {
    expect(readEnvelope(textOf({ later: 1 }))).toEqual(entryOf());
  });

  test.for<[string, number, string]>([
    ["of one byte a character", MAX_ENVELOPE_BYTES, "x"],
    ["of three bytes a character", MAX_ENVELOPE_BYTES, "€"],
  ])("is as long as a tier takes, and not a byte longer: %s", ([, bytes, char]) => {
    const text = writeEnvelope(entryOfBytes(bytes, char));
    expect(new TextEncoder().encode(text).length).toBe(bytes);
    expect(readEnvelope(text)?.key).toBe("/api/pitches");
    expect(writeEnvelope(entryOfBytes(bytes + 1, char))).toBeUndefined();
  });
});

describe("what is no entry is read as none", () => {
  test.for<[string, unknown]>([
    ["nothing", undefined],
    ["no text", entryOf()],
    ["empty", ""],
    ["a page", "<html>"],
    ["cut off", textOf().slice(0, -1)],
    ["null", "null"],
    ["a list", "[]"],
    ["of another schema", textOf({ schema: CACHE_SCHEMA + 1 })],
    ["of no schema", textOf({ schema: undefined })],
    ["without a key", textOf({ key: undefined })],
    ["a body that is no text", textOf({ body: { items: [] } })],
    ["a time that is none", textOf({ freshUntil: "soon" })],
    ["a time without end", textOf().replace(/"errorUntil":\d+/, '"errorUntil":1e999')],
    ["a bucket that is none", textOf({ buckets: [TAG_BUCKETS] })],
    ["more buckets than an answer has", textOf({ buckets: new Array(33).fill(1) })],
    ["without proof", textOf({ proof: undefined })],
    ["with half a proof", textOf({ proof: { incarnation: 1 } })],
    ["too long", textOf().padEnd(MAX_ENVELOPE_BYTES + 1)],
  ])("%s", ([, text]) => {
    expect(readEnvelope(text)).toBeUndefined();
  });

  test("what is too long is not even parsed", () => {
    const parse = vi.spyOn(JSON, "parse");
    try {
      readEnvelope(" ".repeat(MAX_ENVELOPE_BYTES + 1));
      expect(parse).not.toHaveBeenCalled();
    } finally {
      parse.mockRestore();
    }
  });

  test("and reading throws nothing, whatever lies there", () => {
    const damaged = fc
      .tuple(fc.nat(textOf().length), fc.string({ maxLength: 3 }))
      .map(([at, put]) => textOf().slice(0, at) + put + textOf().slice(at + put.length));
    const changed = fc
      .tuple(fc.constantFrom(...Object.keys(entryOf())), fc.oneof(fc.jsonValue(), fc.constant(undefined)))
      .map(([key, value]) => textOf({ [key]: value }));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.anything(), damaged, changed), (text) => {
        const read = readEnvelope(text);
        if (read) expect(readEnvelope(writeEnvelope(read))).toEqual(read);
      }),
      { numRuns: 1_000 },
    );
  });
});
