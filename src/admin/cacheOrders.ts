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

/** `POST /admin/cache/purge`: what carries one of these tags is old, everywhere, with the next exchange of each isolate; here at once. */
export async function purgeTags(state: IsolateState, { request, ctx }: AdminCall) {
  const { tags, kind } = await bodyOf(request, purgeSchema);
  const text = JSON.stringify({ wire: WIRE, kind, buckets: tagBuckets(tags) });
  const word = await askOwner(state, (objects) => objects.cache((stub) => stub.purge(text)));
  const read = purgedSchema.safeParse(word.said);
  if (!read.success) {
    const why = word.trouble ?? "The answer was not understood.";
    throw new ProblemError("unconfirmed", { detail: `${why} It may or may not be purged: order it again.` });
  }
  const { seq, part } = read.data;
  const { exchange } = state;
  // Whoever ordered it looks here next. What the Collector holds may be ten seconds old: the owner's own word is not.
  if (part && word.said) exchange?.hear({ bumps: part }, word.ageMs);
  // Its colo is told with this.
  const told = exchange?.exchangeNow(EXCHANGE_DEADLINE_MS, (work) => ctx.waitUntil(work));
  if (part && told) ctx.waitUntil(told);
  else await told;
  return { kind, tags, seq };
}
