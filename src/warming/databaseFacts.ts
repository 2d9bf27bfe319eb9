import { RECOVERY_MS } from "../cache/constants.ts";
import type { DatabaseFacts } from "../cache/warm/warmFacts.ts";
import { backForMs } from "../database/backForMs.ts";
import { isAsleep } from "../database/nodeEvidence.ts";
import type { IsolateState } from "../isolate.ts";
import type { BreakerStateName } from "../rpc/parts.ts";

/** The database as this isolate knows it, without asking. */
export function databaseFacts(
  { database, config }: Pick<IsolateState, "database" | "config">,
  now: number,
): DatabaseFacts {
  const { nodes, gates, breakers, view } = database;
  const asker = { breakerMode: config.modes.breaker, now: () => now, random: Math.random };
  const states = nodes.map(({ name }) => breakers.effective(name, now).state);
  // How far they are behind at least: that nobody looked for a while is no lag.
  const lags =
    view.replicas?.part.nodes.flatMap(({ role, behindMs }) =>
      role === "replica" && behindMs != null ? [behindMs] : [],
    ) ?? [];
  return {
    isOpen: nodes.every(({ name }) => gates.admission(asker, name, "first").kind === "refused"),
    isAsleep: nodes.every((node) => isAsleep(node, database.joinedEvidence(node.name, now), now)),
    isRecovering: states.some(isOnItsWay) || backForMs(database, now) < RECOVERY_MS,
    lagMs: lags.length === 0 ? null : Math.min(...lags),
    load: Math.min(...nodes.map(({ name }) => gates.loadOf(name, now))),
  };
}

function isOnItsWay(state: BreakerStateName): boolean {
  return state === "ramping" || state === "half-open";
}
