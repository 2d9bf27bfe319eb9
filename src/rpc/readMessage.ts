import type * as z from "zod/mini";
import { CLOCK_SKEW_MS, MAX_REPORT_CHARS, STALE_REPORT_MS, WIRE } from "./constants.ts";
import type { Have } from "./parts.ts";
import { type Refusal, type Report, reportSchema } from "./report.ts";

/** A report that may be used, or why not. */
export type ReadReport = { readonly report: Report } | { readonly refused: Refusal };

/**
 * A report from its text. What is too long is not even parsed. `heldMs`: how long its sender held it back. Repeats are
 * for the receiver to know.
 */
export function readReport(text: unknown, heldMs: unknown, now: number): ReadReport {
  if (typeof text !== "string" || typeof heldMs !== "number" || !(heldMs >= 0)) return { refused: "malformed" };
  if (text.length > MAX_REPORT_CHARS) return { refused: "oversized" };
  const json = parseJson(text);
  if (wireOf(json) > WIRE) return { refused: "future" };
  const parsed = reportSchema.safeParse(json);
  if (!parsed.success) return { refused: "malformed" };
  if (heldMs > STALE_REPORT_MS) return { refused: "stale" };
  if (isFromFuture(parsed.data.have, now)) return { refused: "future" };
  return { report: parsed.data };
}

/** Any other message: undefined where it is not what the schema says, or of a later wire. Unknown fields are dropped. */
export function readMessage<S extends z.ZodMiniType>(
  schema: S,
  text: unknown,
  maxChars: number,
): z.output<S> | undefined {
  if (typeof text !== "string" || text.length > maxChars) return undefined;
  const json = parseJson(text);
  if (wireOf(json) > WIRE) return undefined;
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed.data : undefined;
}

/** An owner that was created later than now: no clock is that wrong, so nobody ever said it. */
function isFromFuture({ breaker, replicas, bumps }: Have, now: number): boolean {
  return [breaker, replicas, bumps].some((stamp) => stamp !== undefined && stamp.incarnation > now + CLOCK_SKEW_MS);
}

function wireOf(json: unknown): number {
  const wire = (json as { wire?: unknown } | null | undefined)?.wire;
  return typeof wire === "number" ? wire : 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
