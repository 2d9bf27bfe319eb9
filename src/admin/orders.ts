import * as z from "zod/mini";
import { bearerToken } from "../http/accounts.ts";
import { readBody } from "../http/readBody.ts";
import { sha256Hex } from "../rpc/sha256Hex.ts";

/** What operators' orders have in common. */

/** `owner`: who gives the order, for the history; the token it came with is named there in any case. */
export const orderFields = {
  node: z.string().check(z.minLength(1), z.maxLength(31)),
  reason: z.string().check(z.minLength(1), z.maxLength(200)),
  owner: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
};

/** Tokens have no names: the first digits of its digest tell one from another, and nobody a token. */
export async function signed(request: Request, owner: string | number | undefined): Promise<string> {
  const digest = await sha256Hex(bearerToken(request) ?? "");
  const token = `token ${digest.slice(0, 8)}`;
  return owner === undefined ? token : `${owner}, ${token}`;
}

/** The order's body; throws a problem for one that is none. */
export async function bodyOf<S extends z.ZodMiniType>(request: Request, schema: S): Promise<z.output<S>> {
  const { value } = await readBody(request, schema);
  return value as z.output<S>; // `readBody` parsed it with this very schema
}
