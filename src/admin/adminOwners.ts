import type { IsolateState } from "../isolate.ts";
import { ageOf } from "../rpc/held.ts";
import { askOwner } from "./askOwner.ts";

/** `GET /admin/replicas`: the ReplicaCoordinator's map, with what this isolate read where. */
export async function adminReplicas(state: IsolateState) {
  const word = await askOwner(state, (objects) => objects.replicas((stub) => stub.admin()));
  const { database } = state;
  const held = database.view.replicas;
  const now = Date.now();
  const part = word.said ?? held?.part;
  const ageMs = word.said ? word.ageMs : held ? ageOf(held, now) : null;
  const nodes = (part?.nodes ?? []) as readonly { readonly node?: unknown; readonly role?: unknown }[];
  return {
    ageMs,
    ...(word.trouble === undefined ? {} : { trouble: word.trouble }),
    epoch: part?.databaseEpoch ?? null,
    primary: part?.primary ?? null,
    mapTrouble: part?.trouble ?? null,
    sampleAgeMs: part?.sampleAgeMs ?? null,
    minProvableBoundMs: part?.minProvableBoundMs ?? null,
    ...(word.said ? { line: word.said.line, orders: word.said.orders } : {}),
    nodes: nodes.map(({ node, ...rest }) => {
      const name = String(node);
      const known = database.nodes.some((each) => each.name === name);
      const effective = known ? database.breakers.effective(name, now).state : null;
      return { name, state: effective, ...rest, reads: database.readsOf(name) };
    }),
    isolate: {
      ageMs: held ? ageOf(held, now) : null,
      primary: database.topology.primary ?? null,
      epoch: database.topology.epoch ?? null,
    },
  };
}

/** `GET /admin/cache`: the CacheCoordinator's word on bumps. */
export async function adminCache(state: IsolateState) {
  const word = await askOwner(state, (objects) => objects.cache((stub) => stub.admin()));
  const held = state.database.view.bumps;
  return {
    ...(word.said ? { ageMs: word.ageMs, ...word.said } : { trouble: word.trouble }),
    isolate: {
      seq: held?.part.seq ?? null,
      ageMs: held ? ageOf(held, Date.now()) : null,
      droppedBumps: state.database.ledger.droppedBumps,
    },
  };
}

/** `GET /admin/cron`: the journal of cron runs. */
export async function adminCron(state: IsolateState) {
  const word = await askOwner(state, (objects) => objects.cache((stub) => stub.runs()));
  return word.said ? { ageMs: word.ageMs, ...word.said } : { trouble: word.trouble };
}
