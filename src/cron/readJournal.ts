import * as z from "zod/mini";
import { type CronJournal, EMPTY_JOURNAL } from "./journal.ts";

const count = z.number().check(z.nonnegative());

const run = z.object({
  scheduledTime: z.number(),
  attempt: z.number(),
  runner: z.string(),
  startedAt: z.number(),
  leaseMs: z.number(),
  end: z.nullable(z.object({ at: z.number(), outcome: z.enum(["ok", "failed", "skipped", "lost"]), note: z.string() })),
  detail: z.nullable(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});

const record = z.object({
  cron: z.string(),
  runs: z.array(run),
  forgottenThrough: z.nullable(z.number()),
  lastSuccessAt: z.nullable(z.number()),
  counts: z.object({ ok: count, failed: count, skipped: count, lost: count }),
});

const journal = z.object({ crons: z.array(record), strayEnds: count });

/**
 * The journal as it was stored, or an empty one where nothing (or nothing readable) was: a cron then runs once more
 * than it should have, which is better than never again.
 */
export function readJournal(stored: unknown): CronJournal {
  const read = journal.safeParse(stored);
  return read.success ? read.data : EMPTY_JOURNAL;
}
