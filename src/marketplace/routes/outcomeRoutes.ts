import * as z from "zod/mini";
import { type Database, type Outcome, ProblemError, type Route, uuidMs } from "../../breakwater.ts";
import { CLAIM_WINDOW_MS } from "../constants.ts";
import { route } from "../route.ts";

const STATES = ["committed", "void", "pending"] as const;

/** What became of a write whose answer was lost: `outcome` of the problem `unknown-outcome` is its id. */
export const outcomeRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/outcomes/:id",
    summary: "What became of your write whose answer was lost",
    access: "signed-in",
    params: z.object({ id: z.uuid({ error: "must be a UUID" }) }),
    answers: { 200: z.object({ id: z.uuid(), state: z.enum(STATES) }) },
    problems: ["not-found"],
    handle: async ({ account, database, now, params: { id } }) => {
      const outcome = await outcomeOf({ database, id, tag: `account:${account.id}`, nowMs: now() });
      const state = STATES.find((known) => known === outcome);
      if (state === undefined) throw new ProblemError("not-found");
      return { status: 200, body: { id, state } };
    },
  }),
];

/**
 * The outcome, or null where the mark is another's or nobody's. An absent mark that may still arrive is claimed: after
 * that it is ours to tell, since the original can no longer commit.
 */
async function outcomeOf({
  database,
  id,
  tag,
  nowMs,
}: {
  database: Database;
  id: string;
  tag: string;
  nowMs: number;
}): Promise<Outcome | null> {
  const mark = await database.mark(id);
  if (mark) return mark.tags.includes(tag) ? mark.outcome : null;
  const isRecent = id[14] === "7" && Math.abs(nowMs - uuidMs(id)) < CLAIM_WINDOW_MS;
  if (!isRecent) return null;
  const outcome = await database.claim(id, [tag]);
  if (outcome !== "committed") return outcome;
  // It arrived in between, with its own tags: whose it is was not known before.
  const arrived = await database.mark(id);
  return arrived?.tags.includes(tag) ? arrived.outcome : null;
}
