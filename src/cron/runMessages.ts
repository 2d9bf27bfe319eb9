import * as z from "zod/mini";

/** What an isolate tells the journal's object about a cron run, and hears from it. */

const text = z.string().check(z.maxLength(100));
const runDetailSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

export const beginSchema = z.object({
  cron: text,
  scheduledTime: z.number(),
  runner: text,
  leaseMs: z.number().check(z.positive(), z.lte(900_000)),
});

export const endSchema = z.object({
  cron: text,
  scheduledTime: z.number(),
  runner: text,
  outcome: z.enum(["ok", "failed", "skipped"]),
  note: z.string().check(z.maxLength(2_000)),
  detail: z._default(runDetailSchema, {}),
});

const timesSchema = z.object({ lastSuccessAt: z.nullable(z.number()), lastBegunAt: z.nullable(z.number()) });

/** `nightly`: when the clean-up was last done, so that another cron can make up for one that was missed. */
export const grantSchema = z.discriminatedUnion("granted", [
  z.object({
    granted: z.literal(true),
    lastDetail: z.nullable(runDetailSchema),
    nightly: z.optional(timesSchema),
  }),
  z.object({ granted: z.literal(false), reason: z.enum(["done", "running"]) }),
]);
export type RunGrant = z.infer<typeof grantSchema>;
