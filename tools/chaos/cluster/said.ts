import * as z from "zod/mini";
import { type Token, tokenSchema } from "../../../src/replicas/session/token.ts";
import type { Ending, Told } from "./history.ts";

/** What `Breakwater-Consistency` said. */
export function toldBy(headers: Headers): Told {
  const text = headers.get("Breakwater-Consistency") ?? "";
  return { lost: /\blost=\d/.test(text), rewound: /\brewound\b/.test(text), unproven: /\bunproven\b/.test(text) };
}

const problemSchema = z.object({ type: z.string() });

/** How a request ended: 503 of two kinds says that nothing was done, one that nobody knows. */
export function endingOf(status: number, body: unknown, expected: readonly number[]): Ending {
  if (expected.includes(status)) return "answered";
  const problem = problemSchema.safeParse(body);
  if (status !== 503 || !problem.success) return status === 409 ? "refused" : "failed";
  if (problem.data.type === "/problems/unknown-outcome") return "unknown";
  const isHonest = problem.data.type === "/problems/unavailable" || problem.data.type === "/problems/deadline-exceeded";
  return isHonest ? "refused" : "failed";
}

/** The inside of a session token, which clients take as it comes; undefined: it is none. */
export function tokenInside(text: string | null | undefined): Token | undefined {
  const [, content = ""] = text?.split(".") ?? [];
  try {
    const read = tokenSchema.safeParse(JSON.parse(Buffer.from(content, "base64url").toString("utf8")));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** The epoch that a read's answer is of. */
export function readEpoch(token: Token | undefined): number | null {
  return token?.seen ? Number(token.seen.epoch) : null;
}

/** The epoch that a write was answered in: its mark is the newest one. */
export function writeEpoch(token: Token | undefined): number | null {
  const mark = token?.marks.at(-1);
  return mark ? Number(mark.epoch) : null;
}
