import { CLAIM_PAUSE_MS, CLAIM_TRIES, CLAIM_TRY_MS, MIN_ATTEMPT_MS } from "./constants.ts";
import type { Outcome } from "./database.ts";
import { remainingMs } from "./deadline.ts";
import { read } from "./read.ts";
import { RequestScope } from "./requestScope.ts";
import { claimMark, markById } from "./statements.ts";
import { writablePrimary } from "./writablePrimary.ts";

/**
 * Settles a write whose answer was lost, after the response: whoever claims the mark first decides, so afterwards the
 * write has either committed or never will. Tries a few times; what is left is settled by whoever asks for it later.
 */
export async function settle(scope: RequestScope, mark: string, tags: readonly string[]): Promise<Outcome> {
  const { state, options } = scope;
  for (let attempt = 0; attempt < CLAIM_TRIES; attempt++) {
    if (attempt > 0) await pause(CLAIM_PAUSE_MS * 2 ** (attempt - 1));
    // Its own deadline and connections: the request's are used up or gone by now.
    const own = new RequestScope(state, { ...options, deadline: { at: options.now() + CLAIM_TRY_MS } });
    const outcome = await claim(own, mark, tags).catch((): Outcome => "pending");
    await own.close();
    if (outcome !== "pending") return outcome;
  }
  return "pending";
}

/** One claim on the primary. `pending`: the original still runs, or nobody could be asked. */
export async function claim(scope: RequestScope, mark: string, tags: readonly string[]): Promise<Outcome> {
  const { node, epoch } = await writablePrimary(scope);
  const ms = remainingMs(scope.options.deadline, scope.options.now());
  if (ms < MIN_ATTEMPT_MS) return "pending";
  const answer = await scope.question(node, claimMark(mark, tags, epoch), ms, "read");
  if (!answer.ok) {
    if (answer.judgement.class === "role") await writablePrimary(scope, true);
    return "pending";
  }
  const outcome = answer.value.rows[0]?.[0];
  return outcome === "committed" || outcome === "void" || outcome === "expired" ? outcome : "pending";
}

/** The mark as the primary has it: a row of kind `w` is a write that committed, any other one that never can. */
export async function readMark(
  scope: RequestScope,
  id: string,
): Promise<{ tags: readonly string[]; outcome: Outcome } | null> {
  const { rows } = await read(scope, markById(id), { freshness: "strict" });
  const [row] = rows;
  return row ? { tags: row.tags, outcome: row.kind === "w" ? "committed" : "void" } : null;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
