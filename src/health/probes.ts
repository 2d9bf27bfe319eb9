import { CHECK_TRY_MS } from "../database/constants.ts";
import { askRole } from "../database/locatePrimary.ts";
import { RequestScope } from "../database/requestScope.ts";
import { isUuid } from "../database/uuid.ts";
import type { IsolateState } from "../isolate.ts";
import type { ProbeAnswer, ProbeWants } from "../rpc/probing.ts";
import type { Lease } from "../rpc/reply.ts";
import type { Settlement } from "../rpc/report.ts";
import { runChecks } from "./checks.ts";
import { CHECK_DEADLINE_MS } from "./constants.ts";

export type Prober = Pick<IsolateState, "database" | "checksInFlight">;

/** Spends a lease at once: a probe is one question, a check asks until the node answers or is known to be dead. */
export async function spendLease(state: Prober, { kind, node }: Lease): Promise<Settlement["outcome"]> {
  const access = state.database.nodes.find(({ name }) => name === node);
  if (!access) return "excluded"; // configured elsewhere, not here: two versions side by side
  if (kind === "probe") return (await probe(state, node)).outcome;
  const before = Date.now();
  const scope = ownScope(state, CHECK_DEADLINE_MS);
  await runChecks(scope, [access], state.checksInFlight);
  await scope.close();
  const { lastSuccessAt } = state.database.evidence(node);
  return lastSuccessAt !== undefined && lastSuccessAt >= before ? "ok" : "failed";
}

/**
 * One question to one node, and what it holds of what is wanted. What it says counts here as well, and moves this
 * isolate's own breaker. Never throws.
 */
export async function probe(state: Prober, node: string, wants: ProbeWants = {}): Promise<ProbeAnswer> {
  const { database } = state;
  const scope = ownScope(state, CHECK_TRY_MS);
  const before = Date.now();
  // What is no mark's id would make the whole question fail, and is held by nobody.
  const said = await askRole(scope, node, CHECK_TRY_MS, { ...wants, marks: wants.marks?.filter(isUuid) });
  await scope.close();
  const now = Date.now();
  database.breakers.probed(node, said !== undefined, now, Math.random());
  if (!said) return { node, outcome: now - before >= CHECK_TRY_MS ? "slow" : "failed" };
  const { held, outbox, at, ...sample } = said;
  return {
    node,
    outcome: "ok",
    sample: {
      ...sample,
      ageMs: Math.max(0, now - at),
      ...(wants.marks && { held: [...held] }),
      ...(outbox && { outbox }),
    },
  };
}

/** Questions of our own need no mode and no breaker: they are how an open node is found to be well. */
function ownScope({ database }: Prober, deadlineMs: number): RequestScope {
  const work: Promise<unknown>[] = [];
  return new RequestScope(database, {
    deadline: { at: Date.now() + deadlineMs },
    mode: "on",
    breakerMode: "off",
    now: Date.now,
    random: Math.random,
    waitUntil: (each) => work.push(each), // within the event that spends the lease
  });
}
