import { randomBytes } from "node:crypto";
import { uuidv7 } from "../../../src/breakwater.ts";

/** Rows that a clean-up deletes in one statement, as its cron asks for them. */
export const BATCH = 1_000;

/** The id of nothing yet. */
export function freshId(nowMs: number): string {
  return uuidv7(nowMs);
}

/** The SHA-256 of no token, in hexadecimal. */
export function freshDigest(): string {
  return randomBytes(32).toString("hex");
}

/** What one page asks for, as the API's default has it. */
export const FIRST_PAGE = { after: undefined, limit: 20 } as const;
