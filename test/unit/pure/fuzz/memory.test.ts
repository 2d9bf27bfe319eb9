import { describe, expect, test } from "vitest";
import { harvest } from "../../../../tools/fuzz/harvest.ts";
import { answerKind, kindOf, parameterKind } from "../../../../tools/fuzz/kindOf.ts";
import { Memory } from "../../../../tools/fuzz/memory.ts";

const id = (number: number) => `0198c0de-0000-7000-8000-${String(number).padStart(12, "0")}`;

/** What is picked at so many places from 0 to 1. */
function picksOf(memory: Memory, kind: string, asker: "creator-1" | "investor" = "creator-1") {
  return Array.from({ length: 200 }, (_, part) => memory.pick("slot", kind, asker, part / 200));
}

describe("a lane's memory", () => {
  test("picks by the slot's name at first, and now and then a victim's", () => {
    const memory = new Memory({ pitch: [id(1)] });
    memory.add("pitch", id(2));
    memory.add("session", id(3));
    const values = picksOf(memory, "pitch").map((picked) => picked?.value);
    const count = (value: string) => values.filter((each) => each === value).length;
    expect(count(id(2))).toBeGreaterThan(150);
    expect(count(id(1))).toBeGreaterThan(10);
    expect(count(id(3))).toBeGreaterThan(0);
  });

  test("picks what worked in a slot, whatever it is called", () => {
    const memory = new Memory({});
    memory.add("pitch", id(1));
    memory.add("thing", id(2));
    for (let tries = 0; tries < 50; tries++) {
      for (const picked of picksOf(memory, "thing").slice(-60)) {
        if (picked) memory.learn([picked], picked.value === id(1) ? 1 : 0);
      }
    }
    const found = picksOf(memory, "thing").filter((picked) => picked?.value === id(1));
    expect(found.length).toBeGreaterThan(100);
  });

  test("tells one's own from others'", () => {
    const memory = new Memory({});
    memory.add("pitch", id(1), "creator-1");
    const relations = (asker: "creator-1" | "investor") =>
      new Set(picksOf(memory, "pitch", asker).map((each) => each?.relation));
    expect([...relations("creator-1")]).toContain("own");
    expect([...relations("investor")]).toContain("mate");
  });

  test("is bounded: later things take the place of the oldest", () => {
    const memory = new Memory({});
    for (let number = 0; number < 500; number++) memory.add("pitch", id(number));
    const values = new Set(picksOf(memory, "pitch").map((picked) => picked?.value));
    expect(values).not.toContain(id(0));
    expect(values).toContain(id(499));
  });

  test("continues a list that was seen", () => {
    const memory = new Memory({});
    expect(memory.pageOf("list", 0)).toBeUndefined();
    memory.addPage({ operationId: "list", query: ["genre=drama"], cursor: "abc" });
    expect(memory.pageOf("list", 0.9)?.cursor).toBe("abc");
    expect(memory.pageOf("other", 0.9)).toBeUndefined();
    expect(memory.pick("slot", "cursor", "investor", 0.5)?.value).toBe("abc");
  });
});

test("ids are remembered by the field they stand in", () => {
  const memory = new Memory({});
  const page = { items: [{ id: id(1), creator: { id: id(2) }, subjectId: id(3), title: id(4) }], nextCursor: null };
  harvest(memory, page, answerKind("GET", "/api/pitches"));
  const known = ["pitch", "user", "subject", "title"].map((kind) => {
    return picksOf(memory, kind)
      .filter((picked) => picked?.kind === kind)
      .map((picked) => picked?.value);
  });
  expect(known.map(([first]) => first)).toEqual([id(1), id(2), id(3), id(4)]);
});

test.for([
  ["pitches", "pitch"],
  ["nda-requests", "nda-request"],
  ["pitchId", "pitch"],
  ["ids", ""],
  ["recipientId", "user"],
  ["users", "user"],
  ["creator", "user"],
  ["address", "address"],
] as const)("%s is of the kind %s", ([name, kind]) => {
  expect(kindOf(name)).toBe(kind);
});

test("a path tells what its parameters and its answers are", () => {
  expect(parameterKind("/api/pitches/{id}/documents/{documentId}", "id")).toBe("pitch");
  expect(parameterKind("/api/pitches/{id}/documents/{documentId}", "documentId")).toBe("document");
  expect(answerKind("POST", "/api/pitches/{id}/publish")).toBe("pitch");
  expect(answerKind("POST", "/api/pitches/{id}/documents")).toBe("document");
  expect(answerKind("GET", "/api/conversations/{id}/messages")).toBe("message");
  expect(answerKind("GET", "/api/pitches/{id}")).toBe("pitch");
});
