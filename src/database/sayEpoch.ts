import type { EpochBeginning, ProbeAnswers } from "../rpc/probing.ts";
import { CHECK_TRY_MS } from "./constants.ts";
import type { DatabaseState } from "./databaseState.ts";
import { RequestScope } from "./requestScope.ts";
import { beginEpoch } from "./statements.ts";

/** Begins an epoch on its node, on the ReplicaCoordinator's word. Never throws. */
export async function sayEpoch(
  { database }: { readonly database: DatabaseState },
  beginning: EpochBeginning,
): Promise<NonNullable<ProbeAnswers["begun"]>> {
  if (!database.nodes.some(({ name }) => name === beginning.node)) return "unknown";
  const scope = new RequestScope(database, {
    deadline: { at: Date.now() + CHECK_TRY_MS },
    mode: "on",
    breakerMode: "off",
    now: Date.now,
    random: Math.random,
    waitUntil: () => {}, // nothing of this goes on afterwards
  });
  const answer = await scope.question(beginning.node, beginEpoch(beginning), CHECK_TRY_MS);
  await scope.close();
  if (answer.ok) return answer.value.rows.length === 1 ? "begun" : "refused";
  return answer.judgement.class === "role" || answer.judgement.class === "caller" ? "refused" : "unknown";
}
