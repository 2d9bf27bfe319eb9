import { RAMP_MS } from "../../../../src/breaker/constants.ts";
import { WorldBreaker } from "../../../../src/breaker/worldBreaker.ts";
import type { HoldOrder, OrderOutcome, ReincarnateOrder, ReleaseOrder } from "../../../../src/rpc/breakerOrder.ts";
import type { BreakerAnswer, BreakerDigest } from "../../../../src/rpc/digest.ts";
import type { Lease } from "../../../../src/rpc/reply.ts";
import type { Outcomes, Settlement, Standing } from "../../../../src/rpc/report.ts";

export const NOW = 1_700_000_000_000;

type Report = BreakerDigest["reports"][number];
type Calm = BreakerDigest["calm"][number];
type Said = Partial<Outcomes & Standing & Pick<Report, "colo">>;

/** How a world is run: as one instance, or as a new one from the saved rows between any two calls. */
export const lives = [
  ["one instance", false],
  ["evicted between any two calls", true],
] as const;

/** A world with its storage and its clock: what was asked last is durable, and rows written are counted. */
export class WorldBed {
  now = NOW;
  writes = 0;
  readonly rows = new Map<string, string>();
  readonly #nodes: readonly string[];
  readonly #evicts: boolean;
  #world: WorldBreaker;

  constructor(evicts: boolean, nodes: readonly string[] = ["a", "b"]) {
    this.#evicts = evicts;
    this.#nodes = nodes;
    this.#world = new WorldBreaker(nodes, this.rows, this.now);
  }

  get world(): WorldBreaker {
    return this.#world;
  }

  digest(digest: Partial<BreakerDigest>): BreakerAnswer {
    const empty = { wire: 1, collector: "c", reporters: 1, reports: [], calm: [], checks: [], wantsLeases: 0 };
    return this.#then(this.#world.digest({ ...empty, ...digest }, this.now, middle));
  }

  settle(settlement: Settlement): void {
    this.#then(this.#world.settle(settlement, this.now, middle()));
  }

  ownProbes(): Lease[] {
    return this.#then(this.#world.ownProbes(this.now, middle));
  }

  alarmInMs(): number | undefined {
    const at = this.#world.alarmAt(this.now);
    return at === undefined ? undefined : at - this.now;
  }

  pass(ms: number): void {
    this.now += ms;
  }

  state(node = "a"): string | undefined {
    return this.#world.node(node)?.phase.state;
  }

  epoch(node = "a"): number {
    return this.#world.node(node)?.phase.epoch ?? -1;
  }

  /** A new instance of what is durable. */
  evict(): void {
    this.#world = new WorldBreaker(this.#nodes, this.rows, this.now);
  }

  /** Brings the node to a probe: opened by its only reporter, and waited for. */
  openAndWait(node = "a"): void {
    this.digest({ reports: [broken("opener", { node, epoch: this.epoch(node) })] });
    this.pass(8_000);
    this.digest({});
  }

  /** An order on node `a`, as whoever looked just now gives it. */
  hold(state: HoldOrder["state"], order: Partial<HoldOrder> = {}): OrderOutcome {
    return this.#then(this.#world.hold({ ...this.#order(), state, expiresInMs: 60_000, ...order }, this.now));
  }

  release(order: Partial<ReleaseOrder> = {}): OrderOutcome {
    return this.#then(this.#world.release({ ...this.#order(), ...order }, this.now));
  }

  reincarnate(order: ReincarnateOrder): OrderOutcome {
    return this.#then(this.#world.reincarnate(order, this.now));
  }

  #order(): ReleaseOrder {
    return { id: `order-${++seq}`, owner: "ann", reason: "a drill", node: "a", expectedEpoch: this.epoch() };
  }

  /** Lets a ramp come to its end. */
  passRamp(): void {
    this.pass(RAMP_MS);
    this.digest({});
  }

  #then<T>(value: T): T {
    for (const [key, row] of this.#world.toRows(this.now)) {
      if (this.rows.get(key) === row) continue;
      this.writes++;
      this.rows.set(key, row);
    }
    if (this.#evicts) this.evict();
    return value;
  }
}

function middle(): number {
  return 0.5;
}

let seq = 0;

/** A report with what is said of one node; without a colo, as older Collectors tell it. Its seq is new each time. */
export function report(id: string, said: Said = {}, settle: Settlement[] = []): Report {
  const { node = "a", epoch = 0, ok = 0, failed = 0, slow = 0, excluded = 0, kind = "read" } = said;
  const { colo, failedRun = failed, slowRun = slow, tripped = false } = said;
  const { successAgeMs = null, failureAgeMs = failed + slow > 0 ? 0 : null, queryAgeMs = null } = said;
  return {
    id,
    seq: ++seq,
    ...(colo === undefined ? {} : { colo }),
    outcomes: [{ node, epoch, ok, failed, slow, excluded, kind }],
    standing: [{ node, epoch, failedRun, slowRun, tripped, successAgeMs, failureAgeMs, queryAgeMs }],
    settle,
  };
}

/** An isolate that failed five times in a row. */
export function broken(id: string, said: Said = {}): Report {
  return report(id, { failed: 5, tripped: true, ...said });
}

export function calm(reporters: readonly string[], said: Partial<Calm> = {}): Calm {
  return { node: "a", ok: 1, excluded: 0, successAgeMs: 0, queryAgeMs: 0, reporters: [...reporters], ...said };
}

export function settlement({ id, node, epoch }: Lease, outcome: Settlement["outcome"]): Settlement {
  return { lease: id, node, epoch, outcome };
}
