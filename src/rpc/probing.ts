import * as z from "zod/mini";
import { MAX_NODES } from "./constants.ts";
import { sampleSchema } from "./report.ts";

/** What the Prober is asked, and what it answers. */
export const probeQuestionSchema = z.object({
  nodes: z.array(z.string()).check(z.maxLength(MAX_NODES)),
});

export const probeAnswerSchema = z.object({
  answers: z.array(
    z.object({
      node: z.string(),
      outcome: z.enum(["ok", "failed", "slow", "excluded"]),
      sample: z.optional(sampleSchema),
    }),
  ),
});
export type ProbeAnswer = z.infer<typeof probeAnswerSchema>["answers"][number];
