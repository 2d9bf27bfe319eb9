import { SharedCache } from "./cache/sharedCache.ts";
import { MemoryTier } from "./cache/tiers/memoryTier.ts";
import type { Tier } from "./cache/tiers/tier.ts";
import { ObjectAccess } from "./exchange/objectAccess.ts";
import type { SharedDoor } from "./http/sharedDoor.ts";
import type { IsolateState } from "./isolate.ts";
import { MAX_REPORT_CHARS, WIRE } from "./rpc/constants.ts";
import { readMessage } from "./rpc/readMessage.ts";
import { leaseAnswerSchema, publishedSchema } from "./rpc/refreshLease.ts";

/** Who holds the world's leases has this long to hear what was loaded. */
const PUBLISH_DEADLINE_MS = 2_000;

/** This isolate's shared answers: its memory and the tiers beyond it on the one side, the world's leases on the other. */
export function openShared(
  state: Pick<IsolateState, "config" | "database" | "instruments" | "objects" | "exchange">,
  farther: readonly Tier[],
  wanted: (key: string) => void,
): { door: SharedDoor; memory: MemoryTier } | undefined {
  const { config, database, instruments, objects, exchange } = state;
  if (config.modes.cache === "off") return undefined;
  const memory = new MemoryTier();
  const asker = { breakerMode: config.modes.breaker, now: Date.now, random: Math.random };
  const talks = objects instanceof ObjectAccess && exchange !== undefined ? objects : undefined;
  const cache = new SharedCache({
    memory,
    farther,
    known: (now) => database.bumps.at(now),
    mayRead: () =>
      database.nodes.some(({ name }) => database.gates.admission(asker, name, "first").kind === "admitted"),
    lease: async (question, ms) => {
      const text = JSON.stringify({ wire: WIRE, ...question, colo: exchange?.station.colo ?? "" });
      const called = await talks?.cache((stub) => stub.lease(text), ms);
      if (called?.kind !== "answered") return undefined;
      return readMessage(leaseAnswerSchema, called.value, MAX_REPORT_CHARS);
    },
    publish: async (publication) => {
      const text = JSON.stringify({ wire: WIRE, ...publication });
      const called = await talks?.cache((stub) => stub.publish(text), PUBLISH_DEADLINE_MS);
      if (called?.kind !== "answered") return undefined;
      return readMessage(publishedSchema, called.value, MAX_REPORT_CHARS);
    },
    isOutage,
    telemetry: instruments,
    wanted,
  });
  const door: SharedDoor = {
    cache,
    known: (now) => database.bumps.at(now),
    acts: config.modes.cache === "on",
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: Math.random,
  };
  return { door, memory };
}

/** The database cannot be asked, as against a question that is wrong. Told apart by name and code, as everywhere. */
function isOutage(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("name" in error) || error.name !== "DatabaseError") return false;
  return (
    "code" in error && (error.code === "unavailable" || error.code === "deadline" || error.code === "configuration")
  );
}
