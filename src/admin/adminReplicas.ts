import type { DatabaseState } from "../database/databaseState.ts";
import type { IsolateState } from "../isolate.ts";
import { ageOf } from "../rpc/held.ts";
import { askOwner } from "./askOwner.ts";
import { worldCounts, worldReads } from "./worldReads.ts";
import { worldTotals } from "./worldTotals.ts";

/**
 * `GET /admin/replicas`: the ReplicaCoordinator's map and line of epochs, where the world read and why there, and what
 * this isolate makes of the nodes. Where the object does not answer, the isolate's view stands for it, and says so.
 */
export async function adminReplicas(state: IsolateState) {
  const [word, { totals, ageMs: countedAgoMs, trouble: missing }] = await Promise.all([
    askOwner(state, (objects) => objects.replicas((stub) => stub.admin())),
    worldTotals(state),
  ]);
  const { database } = state;
  const held = database.view.replicas;
  const now = Date.now();
  const part = word.said ?? held?.part;
  const ageMs = word.said ? word.ageMs : held ? ageOf(held, now) : null;
  const nodes = (part?.nodes ?? []) as readonly { readonly node?: unknown; readonly role?: unknown }[];
  const reads = worldReads(totals);
  return {
    ageMs,
    ...(word.trouble === undefined ? {} : { trouble: word.trouble }),
    epoch: part?.databaseEpoch ?? null,
    primary: part?.primary ?? null,
    mapTrouble: part?.trouble ?? null,
    sampleAgeMs: part?.sampleAgeMs ?? null,
    minProvableBoundMs: part?.minProvableBoundMs ?? null,
    ...(word.said ? { line: word.said.line, epochs: word.said.epochs, orders: word.said.orders } : {}),
    nodes: nodes.map(({ node, ...rest }) => {
      const name = String(node);
      const known = database.nodes.some((each) => each.name === name);
      const effective = known ? database.breakers.effective(name, now).state : null;
      const world = reads[name] ?? { share: null, reasons: {} };
      return { name, state: effective, ...rest, reads: database.readsOf(name), world };
    }),
    world: {
      ageMs: countedAgoMs,
      ...(missing === undefined ? {} : { trouble: missing }),
      refusals: worldCounts(totals, "breakwater_database_refusals_total"),
      unproven: worldCounts(totals, "breakwater_session_unproven_total"),
      broken: worldCounts(totals, "breakwater_session_broken_total"),
    },
    isolate: {
      ageMs: held ? ageOf(held, now) : null,
      primary: database.topology.primary ?? null,
      epoch: database.topology.epoch ?? null,
      nodes: database.nodes.map(({ name }) => standing(database, name, now)),
    },
  };
}

/** Why this isolate passes a node over, of its own accord. */
function standing(database: DatabaseState, name: string, now: number) {
  const { failuresInARow, avoidUntil, misconfigured } = database.evidence(name);
  return {
    name,
    failuresInARow,
    avoidedForMs: Math.max(0, avoidUntil - now),
    misconfigured,
    silentMs: database.silence.ofMs(name, now),
    lacksWrites: database.laggards.has(name, now),
  };
}
