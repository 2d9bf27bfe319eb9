import * as z from "zod/mini";
import { tagBuckets } from "../cache/tagBuckets.ts";
import { ProblemError } from "../http/problem.ts";
import type { IsolateState } from "../isolate.ts";
import { EXCHANGE_DEADLINE_MS, WIRE } from "../rpc/constants.ts";
import { purgedSchema } from "../rpc/refreshLease.ts";
import type { AdminCall } from "./answerAdmin.ts";
import { askOwner } from "./askOwner.ts";
import { bodyOf } from "./orders.ts";

const tag = z.string().check(z.minLength(1), z.maxLength(100));
const purgeSchema = z.strictObject({
  tags: z.array(tag).check(z.minLength(1), z.maxLength(32)),
  /** `soft`: it is old, and may still be given where nothing else can be. `hard`: it is given to nobody again. */
  kind: z._default(z.enum(["soft", "hard"]), "soft"),
});

/** `POST /admin/cache/purge`: what carries one of these tags is old, everywhere, with the next exchange of each isolate. */
export async function purgeTags(state: IsolateState, { request, ctx }: AdminCall) {
  const { tags, kind } = await bodyOf(request, purgeSchema);
  const text = JSON.stringify({ wire: WIRE, kind, buckets: tagBuckets(tags) });
  const word = await askOwner(state, (objects) => objects.cache((stub) => stub.purge(text)));
  const read = purgedSchema.safeParse(word.said);
  if (!read.success) {
    throw new ProblemError("unconfirmed", { detail: word.trouble ?? "The answer was not understood." });
  }
  // Whoever ordered it looks here next.
  await state.exchange?.exchangeNow(EXCHANGE_DEADLINE_MS, (work) => ctx.waitUntil(work));
  return { kind, tags, seq: read.data.seq };
}
