import { QUORUM_WINDOW_MS } from "./constants.ts";
import { leftMs } from "./leftMs.ts";
import { isHeld, type Phase } from "./phase.ts";
import type { WorldBreaker } from "./worldBreaker.ts";

/** `GET /admin/breaker`, as the owner tells it. */
export function breakerAdmin(world: WorldBreaker, now: number) {
  return {
    nodes: world.nodes().map((node) => ({
      name: node.name,
      scope: "world",
      state: node.phase.state,
      epoch: node.phase.epoch,
      sinceMs: Math.max(0, now - node.phase.since),
      forMs: leftMs(node.phase, now),
      ...(node.phase.state === "shadow" ? { would: node.phase.under.state } : {}),
      hold: holdOf(node.phase, now),
      window: node.window.totals(now),
      leases: node.liveLeases(now).map(({ id, epoch, kind, expiresAt }) => ({
        id,
        kind,
        epoch,
        expiresInMs: expiresAt - now,
      })),
      reporters: node.reporters.filter(({ askedAt }) => now - askedAt < QUORUM_WINDOW_MS).length,
      successAgeMs: node.successAt === null ? null : now - node.successAt,
      failureAgeMs: node.failureAt === null ? null : now - node.failureAt,
    })),
    transitions: world.transitions.map(({ at, ...transition }) => ({ ...transition, agoMs: Math.max(0, now - at) })),
    reporters: world.reporters(now),
    collectors: world.collectors(),
    dropped: world.dropped,
  };
}

function holdOf(phase: Phase, now: number) {
  if (!isHeld(phase)) return null;
  const { owner, reason } = phase.hold;
  return { owner, reason, expiresInMs: leftMs(phase, now) };
}
