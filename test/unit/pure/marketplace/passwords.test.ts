import { argon2Sync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ProblemError } from "../../../../src/breakwater.ts";
import { argon2Hasher } from "../../../../src/marketplace/auth/argon2.ts";
import { createPasswords, isOutdated } from "../../../../src/marketplace/auth/passwords.ts";
import { ARGON2, CURRENT_HASH_PREFIX, DUMMY_HASH, MAX_HASHES_WAITING } from "../../../../src/marketplace/constants.ts";

/** A PHC string by Node's own Argon2, to compare ours with. */
function reference(password: string): string {
  const nonce = Buffer.from("sixteen byte salt".slice(0, 16));
  const { memoryCost: memory, timeCost: passes, parallelism, hashLength: tagLength } = ARGON2;
  const tag = argon2Sync("argon2id", { message: password, nonce, parallelism, tagLength, memory, passes });
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64").replaceAll("=", "");
  return `${CURRENT_HASH_PREFIX}${base64(nonce)}$${base64(tag)}`;
}

describe("passwords", () => {
  const passwords = createPasswords(argon2Hasher);

  test.for(["correct horse", "пароль-пароль", "🔑🔑🔑🔑🔑🔑🔑🔑", "naïve café"])(
    "are hashed as every other Argon2 hashes them: %s",
    async (password) => {
      expect(await passwords.isRight(reference(password), password)).toBe(true);
      expect(await passwords.isRight(reference(password), password.slice(0, -1))).toBe(false);
    },
  );

  test("that differ only at their end are different, in any script", async () => {
    const encoded = await passwords.hash("пароль-один");
    expect(await passwords.isRight(encoded, "пароль-один")).toBe(true);
    expect(await passwords.isRight(encoded, "пароль-два!")).toBe(false);
  });

  test("are the same however the keyboard composed them", async () => {
    expect(await passwords.isRight(await passwords.hash("cafe\u0301 noir"), "caf\u00e9 noir")).toBe(true);
  });

  test("are salted, and hashed with the parameters of today", async () => {
    const [first, second] = [await passwords.hash("password"), await passwords.hash("password")];
    expect(first).not.toBe(second);
    expect(isOutdated(first)).toBe(false);
    expect(isOutdated(first.replace("t=2", "t=1"))).toBe(true);
  });

  test("are verified exactly once, at today's cost, whether there is an account or not", async () => {
    const verified: string[] = [];
    const counting = createPasswords({
      hash: () => "",
      verify: (encoded) => {
        verified.push(encoded);
        return true;
      },
    });
    const current = `${CURRENT_HASH_PREFIX}c2FsdHNhbHQ$aGFzaA`;
    expect(await counting.isRight(undefined, "x")).toBe(false);
    expect(await counting.isRight("!", "x")).toBe(false);
    expect(await counting.isRight(current, "x")).toBe(true);
    expect(verified).toEqual([DUMMY_HASH, DUMMY_HASH, current]);
    expect(isOutdated(DUMMY_HASH)).toBe(false);
  });

  test("are refused beyond the bound, and taken again once the others are done", async () => {
    const slow = createPasswords({ hash: () => "hash", verify: () => true }, () => 0);
    const waiting = Array.from({ length: MAX_HASHES_WAITING }, () => slow.hash("x"));
    await expect(slow.hash("x")).rejects.toThrow(ProblemError);
    await expect(slow.isRight("!", "x")).rejects.toMatchObject({ slug: "busy" });
    expect(await Promise.all(waiting)).toHaveLength(MAX_HASHES_WAITING);
    expect(await slow.hash("x")).toBe("hash");
  });

  test("give their place back when hashing fails", async () => {
    const failing = createPasswords({
      hash: () => {
        throw new Error("out of memory");
      },
      verify: () => true,
    });
    for (let attempt = 0; attempt <= MAX_HASHES_WAITING; attempt++) {
      await expect(failing.hash("x")).rejects.toThrow("out of memory");
    }
  });
});
