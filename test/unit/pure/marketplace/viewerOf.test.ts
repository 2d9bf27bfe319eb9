import { describe, expect, test } from "vitest";
import { viewerOf } from "../../../../src/marketplace/routes/viewerOf.ts";

const DAY = "2026-11-25";
const FROM = { "CF-Connecting-IP": "192.0.2.1", "User-Agent": "Browser" };

function viewer(headers: Record<string, string>, { day = DAY, accountId }: { day?: string; accountId?: string } = {}) {
  return viewerOf(new Request("https://pitches.example", { headers }), day, accountId);
}

describe("a viewer", () => {
  test("is 16 bytes that show neither address nor account", async () => {
    expect(await viewer(FROM)).toMatch(/^[0-9a-f]{32}$/);
    expect(await viewer(FROM, { accountId: "a" })).toMatch(/^[0-9a-f]{32}$/);
  });

  test.for([
    ["the same browser again", FROM, {}, true],
    [
      "a header that Cloudflare does not set",
      { ...FROM, "X-Forwarded-For": "192.0.2.9", "X-Real-IP": "192.0.2.9" },
      {},
      true,
    ],
    ["another address", { ...FROM, "CF-Connecting-IP": "192.0.2.2" }, {}, false],
    ["another browser", { ...FROM, "User-Agent": "Other" }, {}, false],
    ["no address, as without Cloudflare", { "User-Agent": "Browser" }, {}, false],
    ["the next day", FROM, { day: "2026-11-26" }, false],
    ["an account", FROM, { accountId: "a" }, false],
  ] as const)("with %s: the same one is %s", async ([, headers, options, isSame]) => {
    expect((await viewer({ ...headers }, options)) === (await viewer(FROM))).toBe(isSame);
  });

  test("who is signed in is the same from everywhere, and no other account", async () => {
    const [one, same, other] = await Promise.all([
      viewer(FROM, { accountId: "a" }),
      viewer({}, { accountId: "a" }),
      viewer(FROM, { accountId: "b" }),
    ]);
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  test("cannot pass for another by what it writes into its headers", async () => {
    const pairs = await Promise.all([
      viewer({ "CF-Connecting-IP": "a", "User-Agent": 'b","c' }),
      viewer({ "CF-Connecting-IP": 'a","b', "User-Agent": "c" }),
      viewer({ "User-Agent": "a" }),
      viewer({ "CF-Connecting-IP": "null", "User-Agent": "a" }),
    ]);
    expect(new Set(pairs).size).toBe(4);
  });
});
