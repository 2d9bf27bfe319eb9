import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_OWED } from "../../../../src/cache/owed.ts";
import { MAX_TOKEN_CHARS, TokenSigner } from "../../../../src/database/tokenSigner.ts";
import { uuidMs } from "../../../../src/database/uuid.ts";
import { EMPTY_TOKEN, MAX_JOINED_MARKS, type Token } from "../../../../src/replicas/session/token.ts";

const NOW = 1_700_000_000_000;
const KEY = "the-first-key-of-this-installation";
const OTHER = "another-key-of-this-installation";
const ID = "01999999-0000-7000-8000-00000000000a";

const LARGEST: Token = {
  marks: Array.from({ length: 4 }, () => ({ id: ID, epoch: "9".repeat(20) })),
  seen: { node: "n".repeat(31), generation: "9".repeat(64), xmax: "9".repeat(20), epoch: "9".repeat(20) },
};

const EPOCH = "9".repeat(20);
const SHARED = Array.from({ length: MAX_OWED }, () => ({
  id: ID,
  seq: NOW,
  incarnation: NOW,
  epoch: EPOCH,
  at: NOW,
  buckets: Array.from({ length: 12 }, () => 1_023),
}));

test.for<[string, Token]>([
  ["an empty one", EMPTY_TOKEN],
  ["the largest there is", { ...LARGEST, shared: SHARED }],
  [
    "the largest of a browser's that was in pieces",
    { marks: Array.from({ length: MAX_JOINED_MARKS }, () => ({ id: ID, epoch: EPOCH })), seen: null, shared: SHARED },
  ],
])("what was signed is read again: %s", async ([, token]) => {
  const text = await new TokenSigner([KEY]).sign(token, NOW);
  expect(text).toMatch(/^1\.[\w-]+\.[\w-]{43}$/);
  expect(text.length).toBeLessThanOrEqual(MAX_TOKEN_CHARS);
  expect(await new TokenSigner([KEY]).read(text, NOW + 3_600_000)).toEqual(token);
});

test("keys are replaced one after the other: the first signs, all verify", async () => {
  const old = await new TokenSigner([OTHER]).sign(LARGEST, NOW);
  const both = new TokenSigner([KEY, OTHER]);
  expect(await both.read(old, NOW)).toEqual(LARGEST);
  const renewed = await both.sign(LARGEST, NOW);
  expect(await new TokenSigner([KEY]).read(renewed, NOW)).toEqual(LARGEST);
  expect(await new TokenSigner([KEY]).read(old, NOW)).toBeUndefined();
});

test("a write of half a day ago is owed no more: every node has it, and its mark goes with its partition", async () => {
  const signer = new TokenSigner([KEY]);
  const now = uuidMs(ID) + 12 * 3_600_000;
  const text = await signer.sign(LARGEST, now - 1);
  expect((await signer.read(text, now - 1))?.marks).toHaveLength(4);
  expect(await signer.read(text, now)).toEqual({ ...LARGEST, marks: [] });
});

test.for<[string, number]>([
  ["an hour old and a little more", NOW + 3_600_001],
  ["from more than a minute ahead", NOW - 60_001],
])("one that is %s is none", async ([, now]) => {
  const signer = new TokenSigner([KEY]);
  expect(await signer.read(await signer.sign(LARGEST, NOW), now)).toBeUndefined();
});

test("whatever is changed, cut, added or made up is none, and never thrown for", async () => {
  const signer = new TokenSigner([KEY]);
  const good = await signer.sign(LARGEST, NOW);
  const mangled = fc.oneof(
    fc.nat(good.length - 1).map((at) => good.slice(0, at)),
    fc.tuple(fc.nat(good.length - 1), fc.constantFrom("A", "_", ".", "=", "\u0000", "é")).map(([at, char]) => {
      return good[at] === char ? `${good}${char}` : good.slice(0, at) + char + good.slice(at + 1);
    }),
    fc.string({ maxLength: 2_000, unit: "binary" }),
    fc.constantFrom(
      "",
      ".",
      "..",
      "1..",
      `1.${good}`,
      `${good}.${good}`,
      `2${good.slice(1)}`,
      `${good}=`,
      " ".repeat(9),
    ),
  );
  await fc.assert(
    fc.asyncProperty(mangled, async (text) => {
      expect(await signer.read(text, NOW)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test("what is signed rightly and is no token is none", async () => {
  const signer = new TokenSigner([KEY]);
  const wrong = { marks: "no", seen: null } as unknown as Token;
  expect(await signer.read(await signer.sign(wrong, NOW), NOW)).toBeUndefined();
});

test("without a key nothing is signed, and nothing believed", async () => {
  await expect(new TokenSigner([]).sign(EMPTY_TOKEN, NOW)).rejects.toThrow(/no key/);
  expect(await new TokenSigner([]).read(await new TokenSigner([KEY]).sign(EMPTY_TOKEN, NOW), NOW)).toBeUndefined();
});
