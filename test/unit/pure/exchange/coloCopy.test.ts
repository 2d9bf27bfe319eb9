import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CopyStore } from "../../../../src/cache/tiers/cacheApi.ts";
import { ColoCopyShelf, coloCopyKey, type Place } from "../../../../src/exchange/coloCopy.ts";
import { COLO_ABSENT_MS, COLO_KEPT_S, COLO_SKEW_MS } from "../../../../src/exchange/constants.ts";
import { MAX_DIGEST_CHARS, WIRE } from "../../../../src/rpc/constants.ts";
import { breakerPart } from "./parts.ts";

const HERE: Place = { host: "site.example", colo: "AMS" };
const PARTS = { breaker: breakerPart({ ageMs: 70, reporters: 3 }) };
const keyOf = ({ host, colo }: Place) => coloCopyKey(host, "production", colo);

/** A colo's Cache API with a clock beside it. */
class Colo implements CopyStore {
  readonly kept = new Map<string, { body: string; headers: Headers }>();
  now = 1_000_000;
  calls = 0;
  trouble: "none" | "match-throws" | "put-throws" | "forgets" | "throws-nothing" = "none";

  readonly clock = () => this.now;

  async match(key: string): Promise<Response | undefined> {
    this.calls++;
    if (this.trouble === "match-throws") throw new Error("no match");
    if (this.trouble === "throws-nothing") throw Object.create(null);
    const found = this.kept.get(key);
    return found && new Response(found.body, { headers: found.headers });
  }

  async put(key: string, response: Response): Promise<void> {
    this.calls++;
    if (this.trouble === "put-throws") throw new Error("no put");
    if (this.trouble === "throws-nothing") throw Object.create(null);
    if (this.trouble === "forgets") return;
    this.kept.set(key, { body: await response.text(), headers: response.headers });
  }

  lay(body: string): void {
    this.kept.set(keyOf(HERE), { body, headers: new Headers() });
  }
}

function opened() {
  const colo = new Colo();
  return { colo, shelf: new ColoCopyShelf(colo, keyOf), neighbour: new ColoCopyShelf(colo, keyOf) };
}

describe("a copy", () => {
  test("is found by a neighbour with all that was left, and how long it has been there", async () => {
    const { colo, shelf, neighbour } = opened();
    await shelf.write(HERE, PARTS, { refreshAfter: colo.now + 5_000, own: [] }, colo.clock);
    colo.now += 1_500;
    expect(await neighbour.read(HERE, colo.clock)).toEqual({
      copy: { wire: WIRE, parts: PARTS, storedAt: colo.now - 1_500, refreshAfter: colo.now + 3_500 },
      elapsedMs: 1_500 + COLO_SKEW_MS,
    });
    expect([shelf.trouble, neighbour.trouble]).toEqual([undefined, undefined]);
  });

  test("is kept no longer than anybody would believe it", async () => {
    const { colo, shelf } = opened();
    await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, colo.clock);
    expect(colo.kept.get(keyOf(HERE))?.headers.get("Cache-Control")).toBe(`max-age=${COLO_KEPT_S}`);
  });

  test("is not found in another colo, host or environment", async () => {
    const { colo, shelf, neighbour } = opened();
    await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, colo.clock);
    expect(await neighbour.read({ ...HERE, colo: "LHR" }, colo.clock)).toBeUndefined();
    expect(await neighbour.read({ ...HERE, host: "other.example" }, colo.clock)).toBeUndefined();
    const staging = new ColoCopyShelf(colo, ({ host, colo }) => coloCopyKey(host, "staging", colo));
    expect(await staging.read(HERE, colo.clock)).toBeUndefined();
    expect(keyOf(HERE)).toContain(`/${WIRE}/`);
  });

  test("seems never younger than it is, whichever way the clocks of two machines differ", async () => {
    const ms = fc.integer({ min: -COLO_SKEW_MS, max: COLO_SKEW_MS });
    await fc.assert(
      fc.asyncProperty(ms, fc.nat(60_000), async (skewMs, elapsedMs) => {
        const { colo, shelf, neighbour } = opened();
        await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, () => colo.now + skewMs);
        colo.now += elapsedMs;
        const found = await neighbour.read(HERE, colo.clock);
        expect(found?.elapsedMs).toBeGreaterThanOrEqual(elapsedMs);
        expect(found?.elapsedMs).toBeLessThanOrEqual(elapsedMs + 2 * COLO_SKEW_MS);
      }),
    );
  });

  test("is read back the first time only", async () => {
    const { colo, shelf } = opened();
    await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, colo.clock);
    await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, colo.clock);
    expect(colo.calls).toBe(3);
  });
});

describe("where there is no Cache API", () => {
  test("it is absent, and said so", async () => {
    const shelf = new ColoCopyShelf(undefined, keyOf);
    await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, () => 0);
    expect(await shelf.read(HERE, () => 0)).toBeUndefined();
    expect(shelf.trouble).toBe("no Cache API");
  });
});

describe("a Cache API that does not work", () => {
  test.for<[Colo["trouble"], "read" | "write", string]>([
    ["match-throws", "read", "no match"],
    ["match-throws", "write", "no match"],
    ["put-throws", "write", "no put"],
    ["forgets", "write", "what was put cannot be read back"],
    ["throws-nothing", "read", "an error that cannot be told"],
    ["throws-nothing", "write", "an error that cannot be told"],
  ])("(%s on %s) is said to be absent, and left alone for a minute", async ([trouble, act, words]) => {
    const { colo, shelf } = opened();
    colo.trouble = trouble;
    if (act === "read") expect(await shelf.read(HERE, colo.clock)).toBeUndefined();
    else await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, colo.clock);
    expect(shelf.trouble).toBe(words);
    colo.trouble = "none";
    const { calls } = colo;
    colo.now += COLO_ABSENT_MS - 1;
    await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, colo.clock);
    await shelf.read(HERE, colo.clock);
    expect(colo.calls).toBe(calls);
    colo.now += 1;
    await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, colo.clock);
    expect(shelf.trouble).toBeUndefined();
    expect(await shelf.read(HERE, colo.clock)).toHaveProperty("copy");
  });

  test("is tried again though the clock was put back", async () => {
    const { colo, shelf } = opened();
    colo.trouble = "put-throws";
    await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, colo.clock);
    colo.trouble = "none";
    colo.now -= 3_600_000;
    await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, colo.clock);
    expect(shelf.trouble).toBeUndefined();
  });

  test("does no harm where not even a key can be made", async () => {
    const colo = new Colo();
    const shelf = new ColoCopyShelf(colo, ({ host, colo }) => coloCopyKey(host, "\ud800", colo));
    await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, colo.clock);
    expect(shelf.trouble).toMatch(/URI/);
  });
});

describe("a copy that cannot be believed", () => {
  const copy = { wire: WIRE, parts: {}, storedAt: 1_000_000, refreshAfter: 0 };
  test.for<[string, string, string]>([
    ["no JSON", "<html>", "a copy that is not understood"],
    ["of another shape", '{"parts":[]}', "a copy that is not understood"],
    ["of a later wire", JSON.stringify({ ...copy, wire: WIRE + 1 }), "a copy that is not understood"],
    ["longer than anything is", JSON.stringify(copy).padEnd(MAX_DIGEST_CHARS + 1), "a copy that is not understood"],
    ["from the future", JSON.stringify({ ...copy, storedAt: 1_000_001 + COLO_SKEW_MS }), "a copy from the future"],
  ])("(%s) is as good as none, said so, and mended by the next that is put", async ([, body, words]) => {
    const { colo, shelf } = opened();
    colo.lay(body);
    expect(await shelf.read(HERE, colo.clock)).toBeUndefined();
    expect(shelf.trouble).toBe(words);
    await shelf.write(HERE, PARTS, { refreshAfter: 0, own: [] }, colo.clock);
    expect(shelf.trouble).toBeUndefined();
    expect(await shelf.read(HERE, colo.clock)).toHaveProperty("copy.parts", PARTS);
  });

  test("whatever lies there, reading it never rejects", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (body) => {
        const { colo, shelf } = opened();
        colo.lay(body);
        expect(await shelf.read(HERE, colo.clock)).toBeUndefined();
      }),
    );
  });
});
