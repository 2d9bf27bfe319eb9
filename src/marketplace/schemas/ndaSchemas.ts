import * as z from "zod/mini";
import { NDA_STATUSES } from "../lists.ts";
import { id } from "./id.ts";
import { pageFields } from "./pageFields.ts";
import { personSchema, pitchReferenceSchema } from "./references.ts";

/** Everything about requests for NDAs that comes in or goes out. */

const status = z.enum(NDA_STATUSES, { error: `must be one of: ${NDA_STATUSES.join(", ")}` });

export const newNdaRequestSchema = z.strictObject({
  message: z._default(
    z
      .string({ error: "must be text" })
      .check(z.trim(), z.maxLength(1_000, { error: "must be at most 1000 characters long" })),
    "",
  ),
});

export const ndaRequestIdSchema = z.object({ id });

export const ndaRequestListSchema = z.object({
  box: z.enum(["in", "out"], { error: "must be in (asked of you) or out (asked by you)" }),
  status: z.optional(status),
  ...pageFields,
});

export const ndaDecisionSchema = z.strictObject({
  decision: z.enum(["approve", "decline"], { error: "must be approve or decline" }),
});

export const ndaRequestSchema = z.object({
  id: z.uuid(),
  pitch: pitchReferenceSchema,
  requester: personSchema,
  creator: personSchema,
  status,
  message: z.string(),
  createdAt: z.iso.datetime(),
  decidedAt: z.nullable(z.iso.datetime()),
});

export const ndaRequestPageSchema = z.object({ items: z.array(ndaRequestSchema), nextCursor: z.nullable(z.string()) });
