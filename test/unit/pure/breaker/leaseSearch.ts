import { WorldBreaker } from "../../../../src/breaker/worldBreaker.ts";
import type { BreakerDigest } from "../../../../src/rpc/digest.ts";
import type { Lease } from "../../../../src/rpc/reply.ts";
import { broken, NOW, report, settlement } from "./worldBed.ts";

/**
 * Two isolates, each with up to two leases of one node, and their owner, which is evicted between any two calls. A state
 * is all there is of it: rows, clock, who runs what, what is on its way. Beside it a witness that forgets nothing.
 */
interface SearchState {
  readonly now: number;
  readonly rows: ReadonlyMap<string, string>;
  /** Probes that isolates have under way. */
  readonly held: readonly { readonly isolate: number; readonly lease: Lease }[];
  /** Reports that were sent; delivered or not, they may arrive (again) at any time. */
  readonly sent: readonly BreakerDigest["reports"][number][];
  /** Leases that somebody may be spending now, by the witness's own account. */
  readonly live: readonly { readonly id: string; readonly until: number }[];
  readonly epoch: number;
  readonly path: readonly string[];
}

export interface SearchResult {
  readonly states: number;
  readonly transitions: number;
  /** What went wrong, and the shortest way there. */
  readonly broken: string | undefined;
  /** What was reached at all: a search that never grants a fourth lease proves nothing. */
  readonly reached: ReadonlySet<string>;
}

const ISOLATES = [0, 1] as const;
const LEASES_EACH = 2;
const MOST_LIVE = 3;
const OUTCOMES = ["ok", "failed", "excluded"] as const;
const least = () => 0; // the shortest waits: leases of before live longest beside those of after

/** All histories of so many steps from a node that is half-open with so many probes under way, breadth first. */
export function searchLeases(steps: number, underWay: number): SearchResult {
  const reached = new Set<string>();
  const seen = new Set<string>();
  let transitions = 0;
  let layer = [probing(halfOpen(), underWay)];
  for (let step = 0; step < steps; step++) {
    const next: SearchState[] = [];
    for (const state of layer) {
      for (const follower of followers(state)) {
        transitions++;
        const wrong = violation(state, follower);
        if (wrong) return { states: seen.size, transitions, reached, broken: `${wrong}: ${follower.path.join(", ")}` };
        for (const word of reachedBy(follower)) reached.add(word);
        const key = keyOf(follower);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push(follower);
      }
    }
    layer = next;
  }
  return { states: seen.size, transitions, reached, broken: undefined };
}

function halfOpen(): SearchState {
  const world = new WorldBreaker(["a"], new Map(), NOW);
  world.digest(digestOf({ reports: [broken("opener")] }), NOW, least);
  const now = NOW + 1_600;
  world.digest(digestOf({}), now, least);
  return { now, rows: world.toRows(now), held: [], sent: [], live: [], epoch: 2, path: [] };
}

/** Isolates that asked in turn. */
function probing(state: SearchState, underWay: number): SearchState {
  if (state.held.length >= underWay) return state;
  const next = asks(state, state.held.length % ISOLATES.length)[0];
  if (!next) throw new Error("no lease");
  return probing(next, underWay);
}

function digestOf(digest: Partial<BreakerDigest>): BreakerDigest {
  return { wire: 1, collector: "c", reporters: 2, reports: [], calm: [], checks: [], wantsLeases: 0, ...digest };
}

function* followers(state: SearchState): Generator<SearchState> {
  for (const isolate of ISOLATES) {
    if (state.held.filter((each) => each.isolate === isolate).length >= LEASES_EACH) continue;
    yield* asks(state, isolate);
  }
  for (const ended of state.held) {
    for (const outcome of OUTCOMES) {
      const told = report(`holder-${ended.lease.id}`, { epoch: ended.lease.epoch }, [settlement(ended.lease, outcome)]);
      yield {
        ...state,
        held: state.held.filter((each) => each !== ended),
        live: state.live.filter(({ id }) => id !== ended.lease.id),
        sent: [...state.sent, { ...told, seq: state.sent.length + 1 }],
        path: [...state.path, `${ended.isolate} ends ${ended.lease.id}: ${outcome}`],
      };
    }
  }
  for (const [index, told] of state.sent.entries()) {
    yield called(
      state,
      `report ${index} arrives`,
      (world) => world.digest(digestOf({ reports: [told] }), state.now, least).leases,
    ).state;
  }
  yield called(state, "the alarm rings", (world) => world.ownProbes(state.now, least)).state;
  for (const order of ["shadow", "forced-open", "forced-closed", "release"] as const) {
    if (state.path.some((step) => step.startsWith("order") && step.endsWith(order))) continue; // once each is enough
    yield called(state, `order: ${order}`, (world) => ordered(world, order, state)).state;
  }
  for (const ms of [1_600, 3_000]) {
    const now = state.now + ms;
    const live = state.live.filter(({ until }) => until > now);
    yield { ...state, now, live, path: [...state.path, `${ms} ms pass`] };
  }
}

function ordered(
  world: WorldBreaker,
  order: "shadow" | "forced-open" | "forced-closed" | "release",
  { now, epoch }: SearchState,
): [] {
  const given = { id: `${order} ${now}`, node: "a", owner: "ann", reason: "a drill", expectedEpoch: epoch };
  if (order === "release") world.release(given, now);
  else world.hold({ ...given, state: order, expiresInMs: 60_000 }, now);
  return [];
}

/** Its question arrives; where that grants a lease, the answer may be lost. */
function asks(state: SearchState, isolate: number): SearchState[] {
  const { granted, state: asked } = called(state, `${isolate} asks`, (world) => {
    return world.digest(digestOf({ wantsLeases: 1 }), state.now, least).leases;
  });
  const [lease] = granted;
  if (!lease) return [asked];
  return [
    { ...asked, held: [...state.held, { isolate, lease }] },
    { ...asked, path: [...asked.path, "the answer is lost"] },
  ];
}

/** One call of a new instance of the owner. */
function called(state: SearchState, what: string, call: (world: WorldBreaker) => Lease[]) {
  const world = new WorldBreaker(["a"], state.rows, state.now);
  const granted = call(world);
  const live = [...state.live, ...granted.map(({ id, expiresInMs }) => ({ id, until: state.now + expiresInMs }))];
  const epoch = world.node("a")?.phase.epoch ?? 0;
  const path = [...state.path, what];
  return { granted, state: { ...state, rows: world.toRows(state.now), live, epoch, path } satisfies SearchState };
}

function violation(before: SearchState, after: SearchState): string | undefined {
  if (after.live.length > MOST_LIVE) return `${after.live.length} probes at a time`;
  if (after.epoch < before.epoch) return `epoch ${after.epoch} after ${before.epoch}`;
  return undefined;
}

function reachedBy({ rows, live, held }: SearchState): string[] {
  const { phase } = JSON.parse(rows.get("node:a") ?? "{}");
  return [phase.state, `${live.length} live`, `${held.length} held`];
}

/** Histories that come to the same are one; which of the isolates holds which lease makes no other. */
function keyOf({ now, rows, held, sent, live, path }: SearchState): string {
  const { transitions: _, ...meta } = JSON.parse(rows.get("meta") ?? "{}");
  const each = ISOLATES.map((isolate) => held.filter((one) => one.isolate === isolate).length).sort();
  const orders = path.filter((step) => step.startsWith("order"));
  const leases = held.map(({ lease }) => lease.id);
  return JSON.stringify([now, rows.get("node:a"), meta, each, leases, sent, live, orders]);
}
