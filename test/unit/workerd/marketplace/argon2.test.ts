import { expect, test } from "vitest";
import { argon2Hasher } from "../../../../src/marketplace/auth/argon2.ts";
import { createPasswords } from "../../../../src/marketplace/auth/passwords.ts";
import { CURRENT_HASH_PREFIX, DUMMY_HASH } from "../../../../src/marketplace/constants.ts";

/** Made by another Argon2 (Node's own), of `пароль-пароль`. */
const FOREIGN = `${CURRENT_HASH_PREFIX}c2l4dGVlbiBieXRlIHNhbA$MqWm6N6/IDBe4Gc8CSkkAHsuFVJUimLcj5Urt8aNPVY`;

test("workerd runs the compiled Argon2id, and agrees with another implementation of it", async () => {
  const passwords = createPasswords(argon2Hasher);
  const encoded = await passwords.hash("correct horse");
  expect(encoded.startsWith(CURRENT_HASH_PREFIX)).toBe(true);
  expect(await passwords.isRight(encoded, "correct horse")).toBe(true);
  expect(await passwords.isRight(encoded, "correct horsf")).toBe(false);
  expect(await passwords.isRight(FOREIGN, "пароль-пароль")).toBe(true);
  expect(await passwords.isRight(FOREIGN, "пароль-парол")).toBe(false);
});

test("an unknown address costs the same single verification as a wrong password", async () => {
  const verified: string[] = [];
  const passwords = createPasswords({
    hash: argon2Hasher.hash,
    verify: (encoded, password) => {
      verified.push(encoded);
      return argon2Hasher.verify(encoded, password);
    },
  });
  expect(await passwords.isRight(FOREIGN, "wrong")).toBe(false);
  expect(await passwords.isRight(undefined, "wrong")).toBe(false);
  const costs = verified.map((encoded) => encoded.slice(0, CURRENT_HASH_PREFIX.length));
  expect(verified).toEqual([FOREIGN, DUMMY_HASH]);
  expect(costs).toEqual([CURRENT_HASH_PREFIX, CURRENT_HASH_PREFIX]);
});
