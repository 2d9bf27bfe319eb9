/// <reference path="./argon2Wasm.d.ts" />
import Argon2, { Argon2Type } from "@phi-ag/argon2";
// A static import: workerd refuses WebAssembly that is compiled at run time.
import * as wasm from "@phi-ag/argon2/argon2.wasm";
import { ARGON2 } from "../constants.ts";
import type { Hasher } from "./passwords.ts";

let argon2: Argon2 | undefined;

/** Argon2id in WebAssembly. Each call blocks the isolate's thread for some 40 ms and uses 19 MiB, always the same. */
export const argon2Hasher: Hasher = {
  hash: (password) => loaded().hash(measuredInBytes(password), { ...ARGON2, type: Argon2Type.Argon2id }).encoded,
  verify: (encoded, password) =>
    loaded().tryVerify(encoded, measuredInBytes(password), Argon2Type.Argon2id).success === true,
};

/** Instantiated at the first password, so that isolates without logins do not pay for it. */
function loaded(): Argon2 {
  argon2 ??= new Argon2(instantiate());
  return argon2;
}

function instantiate(): WebAssembly.Instance {
  if ("default" in wasm) return new WebAssembly.Instance(wasm.default);
  // Node, where pure tests and the generation of documents run, hands out the exports of an instance of its own.
  return { exports: wasm as WebAssembly.Exports };
}

/**
 * The library copies a password's UTF-8 bytes but counts its UTF-16 units, and so would leave out the last bytes of
 * every password that is not ASCII: two passwords that differ in their last letters would be the same. It only asks
 * for `length` and for the text, so both are given as they should be (seen in 0.5.28).
 */
function measuredInBytes(password: string): string {
  const length = new TextEncoder().encode(password).length;
  return { length, toString: () => password } as unknown as string;
}
