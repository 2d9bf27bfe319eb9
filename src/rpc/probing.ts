import * as z from "zod/mini";
import { MAX_NODES, MAX_OUTBOX_MARKS, MAX_PROBE_MARKS, MAX_SNAPSHOT_CHARS, TAG_BUCKETS } from "./constants.ts";
import { sampleSchema } from "./report.ts";

/** Which epoch shall begin where, and what it goes on from. Bigints as text. */
const epochBeginningSchema = z.object({
  node: z.string(),
  epoch: z.string(),
  parent: z.string(),
  switchXmin: z.nullable(z.string()),
  timeline: z.nullable(z.string()),
});
export type EpochBeginning = z.infer<typeof epochBeginningSchema>;

/** As PostgreSQL writes it: xmin, xmax and what was under way between them. */
const snapshotSchema = z.string().check(z.maxLength(MAX_SNAPSHOT_CHARS), z.regex(/^\d+:\d+:[\d,]*$/));

const outboxSchema = z.object({
  /** To ask from it the next time: all that is visible in it was told by now. */
  snapshot: snapshotSchema,
  /** There was no more than this. */
  isWhole: z.boolean(),
  /** Writes with tags, and the buckets of these; null: all. */
  marks: z
    .array(
      z.tuple([
        z.string().check(z.maxLength(36)),
        z.nullable(z.array(z.number().check(z.int(), z.nonnegative(), z.lt(TAG_BUCKETS)))),
      ]),
    )
    .check(z.maxLength(MAX_OUTBOX_MARKS)),
});
/** What was written on a primary since a snapshot of its. */
export type OutboxPage = z.infer<typeof outboxSchema>;

/** What the Prober is asked, and what it answers. */
export const probeQuestionSchema = z.object({
  nodes: z.array(z.string()).check(z.maxLength(MAX_NODES)),
  /** Before anybody is asked. */
  begin: z.optional(epochBeginningSchema),
  /** To stay with them until one takes writes, at most so long. Older Workers answer at once. */
  watchMs: z.optional(z.number()),
  /** Marks to look for on each of them. Older owners ask for none. */
  marks: z.optional(z.array(z.string().check(z.maxLength(36))).check(z.maxLength(MAX_PROBE_MARKS))),
  /** What was written since this snapshot, asked of whoever takes writes; null: nothing, only the present one. */
  outbox: z.optional(z.nullable(snapshotSchema)),
});

export const probeAnswerSchema = z.object({
  /** What became of the epoch that was to begin. `unknown`: the node did not answer. Older Workers do not say. */
  begun: z.optional(z.enum(["begun", "refused", "unknown"])),
  answers: z.array(
    z.object({
      node: z.string(),
      outcome: z.enum(["ok", "failed", "slow", "excluded"]),
      sample: z.optional(
        z.extend(sampleSchema, {
          /** Which of the marks that were looked for are there, of any kind. Older Workers do not say. */
          held: z.optional(z.array(z.string().check(z.maxLength(36))).check(z.maxLength(MAX_PROBE_MARKS))),
          /** Of a primary that was asked for it. Older Workers do not say. */
          outbox: z.optional(outboxSchema),
        }),
      ),
    }),
  ),
});
export type ProbeAnswers = z.infer<typeof probeAnswerSchema>;
export type ProbeAnswer = ProbeAnswers["answers"][number];
/** What a node said of itself, and of marks. */
export type ProbeSample = NonNullable<ProbeAnswer["sample"]>;

/** What there is to learn of nodes beside their own state. */
export type ProbeWants = Pick<z.infer<typeof probeQuestionSchema>, "marks" | "outbox">;
