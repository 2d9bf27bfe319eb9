import * as z from "zod";
import { MAX_FAULT_MS } from "../constants.ts";

const milliseconds = z.number().min(0).max(MAX_FAULT_MS);
/** `before`: the statements never ran. `after`: they ran and committed, and only the answer is lost. */
const when = z.enum(["before", "after"]).default("before");
const chance = z.number().min(0).max(1);

const distribution = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("normal"), meanMs: milliseconds, deviationMs: milliseconds }),
  z.strictObject({ kind: z.literal("exponential"), meanMs: milliseconds }),
  z.strictObject({ kind: z.literal("uniform"), fromMs: milliseconds, toMs: milliseconds }),
]);

const always = z.literal(true);

/** What `PUT /faults/:node` takes, and `faults.set`. Everything may be combined; the first ending that applies wins. */
const faultSchema = z.strictObject({
  /** Added before every answer, after the statements ran. */
  delayMs: milliseconds.optional(),
  /** The same, drawn for each request; added to `delayMs`. */
  distribution: distribution.optional(),
  /** The connection is reset without an answer, with this chance. */
  drop: z
    .union([always, chance, z.strictObject({ chance: chance.default(1), when })])
    .transform((drop) => {
      if (drop === true) return { chance: 1, when: "before" as const };
      return typeof drop === "number" ? { chance: drop, when: "before" as const } : drop;
    })
    .optional(),
  /** Never answers; the connection stays open until the client leaves. */
  blackHole: z
    .union([always, z.strictObject({ when })])
    .transform((hole) => (hole === true ? { when: "before" as const } : hole))
    .optional(),
  /** Answers with this status: 408, 429 and 503 in the router's shape, the others as a failed connect. */
  status: z
    .union([z.number().int(), z.strictObject({ code: z.number().int(), when })])
    .transform((status) => (typeof status === "number" ? { code: status, when: "before" as const } : status))
    .refine(({ code }) => code === 408 || code === 429 || (code >= 500 && code <= 599), {
      error: "must be 408, 429 or 500 to 599",
    })
    .optional(),
  /** 400 with an empty code: how Neon says that the connection was lost during a query. */
  emptyCode: z
    .union([always, z.strictObject({ when })])
    .transform((empty) => (empty === true ? { when: "before" as const } : empty))
    .optional(),
  /** The node sleeps: whoever asks waits until this long after the first who did; again after five idle minutes. */
  asleepMs: milliseconds.optional(),
  /** A node that cannot be reached says so only after this long, as Neon's proxy does while it tries again. */
  hiddenRetryMs: milliseconds.optional(),
  /** Only the first so many requests are touched; without it all are. */
  times: z.number().int().min(1).optional(),
  /** Only requests that carry this query name in `Breakwater-Query`. */
  match: z.string().min(1).optional(),
  /** Makes all that is drawn by chance the same in every run. */
  seed: z.number().int().optional(),
});

/** A fault as it is written. */
export type FaultInput = z.input<typeof faultSchema>;

/** A fault with its short forms spelled out. */
export type Fault = z.output<typeof faultSchema>;

/**
 * @throws {Error} naming the field that is wrong and what it should be.
 */
export function parseFaults(input: unknown): readonly Fault[] {
  // Told apart here and not by the union, whose errors would not name the field.
  const schema = Array.isArray(input) ? z.array(faultSchema).min(1).max(32) : faultSchema.transform((fault) => [fault]);
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") || "fault";
  throw new Error(`${field}: ${issue?.message ?? "is not understood"}`);
}
