import * as z from "zod/mini";
import { MAX_NODES, MAX_PROBE_MARKS } from "./constants.ts";
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

/** What the Prober is asked, and what it answers. */
export const probeQuestionSchema = z.object({
  nodes: z.array(z.string()).check(z.maxLength(MAX_NODES)),
  /** Before anybody is asked. */
  begin: z.optional(epochBeginningSchema),
  /** To stay with them until one takes writes, at most so long. Older Workers answer at once. */
  watchMs: z.optional(z.number()),
  /** Marks to look for on each of them. Older owners ask for none. */
  marks: z.optional(z.array(z.string().check(z.maxLength(36))).check(z.maxLength(MAX_PROBE_MARKS))),
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
        }),
      ),
    }),
  ),
});
export type ProbeAnswers = z.infer<typeof probeAnswerSchema>;
export type ProbeAnswer = ProbeAnswers["answers"][number];
/** What a node said of itself, and of marks. */
export type ProbeSample = NonNullable<ProbeAnswer["sample"]>;
