import type { Idempotency } from "../database/database.ts";
import { MAX_IDEMPOTENCY_KEY } from "./constants.ts";
import { invalidRequest } from "./problem.ts";

const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * What the `Idempotency-Key` header of a request means: the key, whose it is, and a digest of all that is asked (method,
 * path, body), so that the same key for something else is found out. Undefined without the header.
 */
export async function idempotencyOf(
  request: Request,
  { pathname }: URL,
  body: Uint8Array<ArrayBuffer>,
  scope: string,
): Promise<Idempotency | undefined> {
  const key = request.headers.get("idempotency-key");
  if (key === null) return undefined;
  if (key.length > MAX_IDEMPOTENCY_KEY || !VISIBLE_ASCII.test(key)) {
    const message = `must be 1 to ${MAX_IDEMPOTENCY_KEY} visible ASCII characters`;
    throw invalidRequest([{ field: "Idempotency-Key", message }]);
  }
  return { key, scope, fingerprint: await fingerprint(`${request.method}\n${withoutTrailingSlash(pathname)}\n`, body) };
}

async function fingerprint(head: string, body: Uint8Array<ArrayBuffer>): Promise<string> {
  const prefix = new TextEncoder().encode(head);
  const whole = new Uint8Array(prefix.length + body.length);
  whole.set(prefix);
  whole.set(body, prefix.length);
  const digest = await crypto.subtle.digest("SHA-256", whole);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function withoutTrailingSlash(path: string): string {
  return path.replace(/\/+$/, "");
}
