import type { WorldNode } from "../../../../src/breaker/worldNode.ts";
import type { HoldOrder } from "../../../../src/rpc/breakerOrder.ts";
import type { BreakerAnswer } from "../../../../src/rpc/digest.ts";
import type { LocationHint } from "../../../../src/rpc/locationHint.ts";
import type { Lease } from "../../../../src/rpc/reply.ts";
import { Random } from "../../../../tools/seed/random.ts";
import { BreakerShell } from "../../../../tools/simulator/breakerShell.ts";
import { ColoShelves } from "../../../../tools/simulator/coloShelves.ts";
import { LeaseWitness } from "../../../../tools/simulator/leaseWitness.ts";
import { Scheduler } from "../../../../tools/simulator/scheduler.ts";
import { SimulatedIsolate } from "../../../../tools/simulator/simulatedIsolate.ts";
import { SimulatedObject } from "../../../../tools/simulator/simulatedObject.ts";
import { SimulatedObjects } from "../../../../tools/simulator/simulatedObjects.ts";

export const NODES = ["node-1", "node-2", "node-3"] as const;
const HINTS: readonly LocationHint[] = ["enam", "weur"];
const COLOS = 4;
const MOST_PROBES = 3;

/** Who asks. `fresh`: each request by an isolate that was not there before. */
export interface Visitors {
  readonly isolates: number;
  readonly requestsPerSecond: number;
  readonly fresh: boolean;
}

/** A scheduler whose clock differs; what it plans happens all the same. */
class WrongClock extends Scheduler {
  override readonly now: () => number;
  override readonly sleep: (ms: number) => Promise<void>;
  readonly #right: Scheduler;

  constructor(right: Scheduler, wrongByMs: number) {
    super();
    this.#right = right;
    this.now = () => right.now() + wrongByMs;
    this.sleep = right.sleep;
  }

  override after(ms: number, work: () => unknown): () => void {
    return this.#right.after(ms, work);
  }
}

/** Sees by the right clock, whatever the owner's says, and remembers each node's epochs: when they were said last. */
class RightWitness extends LeaseWitness {
  /** By incarnation, node and epoch. */
  readonly epochsSaidAt = new Map<string, number>();
  readonly #now: () => number;
  readonly #newest = new Map<string, number>();
  epochFalls = 0;

  constructor(now: () => number) {
    super();
    this.#now = now;
  }

  override answered(answer: BreakerAnswer): void {
    const { incarnation, nodes } = answer.part;
    for (const { node, epoch } of nodes) {
      const key = `${incarnation} ${node}`;
      if (epoch < (this.#newest.get(key) ?? 0)) this.epochFalls++;
      this.#newest.set(key, epoch);
      this.epochsSaidAt.set(`${key} ${epoch}`, this.#now());
    }
    super.answered(answer, this.#now());
  }

  override grantedLeases(leases: readonly Lease[]): void {
    super.grantedLeases(leases, this.#now());
  }
}

/** The simulated world, with an owner whose every instance may have another clock, orders, and visitors of all kinds. */
export class ChaoticWorld extends SimulatedObjects {
  override readonly witness: RightWitness;
  override readonly breaker: SimulatedObject<BreakerShell>;
  readonly random: Random;
  readonly isolates: SimulatedIsolate[] = [];
  /** What the next instance of the owner has for a clock. */
  wrongByMs = 0;
  clockMovedAt = Number.NEGATIVE_INFINITY;
  readonly #visitors: Visitors;
  readonly #copies: ColoShelves;
  readonly #openings = new Map<string, { epoch: number; at: number }>();
  #orders = 0;
  #made = 0;

  constructor(seed: number, visitors: Visitors) {
    const random = new Random(seed);
    super({ random, nodes: NODES, forgetful: false });
    this.random = random;
    this.#visitors = visitors;
    const { scheduler, network, database } = this;
    this.witness = new RightWitness(scheduler.now);
    this.#copies = new ColoShelves(scheduler, network);
    let clock = 0;
    this.breaker = new SimulatedObject(
      "breaker",
      this,
      (context) => {
        if (clock !== this.wrongByMs) this.clockMovedAt = scheduler.now();
        clock = this.wrongByMs;
        const wrong = new WrongClock(scheduler, clock);
        return new BreakerShell(context, { scheduler: wrong, network, database, random }, this.witness);
      },
      (shell) => shell.alarm(),
    );
    if (!visitors.fresh) for (let at = 0; at < visitors.isolates; at++) this.isolates.push(this.#isolate());
    if (visitors.requestsPerSecond > 0) this.#plan();
  }

  /** Every isolate there is asks ten times in five seconds. */
  async crowd(): Promise<void> {
    for (let round = 0; round < 10; round++) {
      for (const isolate of this.isolates) this.scheduler.background(isolate.request());
      await this.scheduler.run(500);
    }
  }

  /** An order by an operator, who looked just now. */
  order(node: string, state: HoldOrder["state"] | "release", forMs: number): void {
    const id = `order-${this.#orders++}`;
    const given = this.breaker.call(async (shell) => {
      const now = this.scheduler.now() + this.wrongByMs;
      const expectedEpoch = shell.world.node(node)?.phase.epoch ?? 0;
      const order = { id, node, owner: "ann", reason: "chaos", expectedEpoch };
      if (state === "release") shell.world.release(order, now);
      else shell.world.hold({ ...order, state, expiresInMs: forMs }, now);
      await shell.alarm(); // which writes it down
    });
    given.catch(() => {}); // the object is ill just now: there is no order
  }

  nodes(): WorldNode[] {
    return this.breaker.peek().world.nodes();
  }

  /** What must hold at every moment. `isOwnerWell`: its alarms ring. */
  violations(isOwnerWell: boolean): string[] {
    const now = this.scheduler.now();
    const found: string[] = [];
    if (this.witness.epochFalls > 0) found.push("an epoch fell within an incarnation");
    for (const { name, phase } of this.nodes()) {
      if (phase.state !== "open") continue;
      const known = this.#openings.get(name);
      const opening = known?.epoch === phase.epoch && isOwnerWell ? known : { epoch: phase.epoch, at: now };
      this.#openings.set(name, opening);
      const openMs = now - Math.max(opening.at, this.clockMovedAt);
      // The longest wait, the alarm's grace, and its one retry; the platform's clock rings, which an owner may be ahead of.
      if (openMs > 7_200 + 500 + 2_500 + Math.max(0, this.wrongByMs))
        found.push(`${name} is open for ${openMs} ms without fresh evidence`);
    }
    for (const isolate of this.isolates) found.push(...this.#laxity(isolate));
    return found;
  }

  /** An isolate's word is as old as it says, or younger; and while that is fresh nobody is let in whom it keeps out. */
  #laxity({ state }: SimulatedIsolate): string[] {
    const now = this.scheduler.now();
    const found: string[] = [];
    const part = state.view.breaker?.part;
    for (const name of NODES) {
      const word = state.view.word(name, now);
      if (!part || !word?.verdict) continue;
      const { verdict, ageMs, softMs } = word;
      const saidAt = this.witness.epochsSaidAt.get(`${part.incarnation} ${name} ${verdict.epoch}`);
      if (saidAt === undefined) found.push(`${name}: epoch ${verdict.epoch} was never said`);
      else if (now - ageMs > saidAt + 1)
        found.push(`${name}: a word of ${now - saidAt} ms calls itself ${ageMs} ms old`);
      const keepsOut = verdict.state === "open" || verdict.state === "half-open" || verdict.state === "forced-open";
      const isFresh = ageMs <= Math.min(softMs, 60_000);
      if (keepsOut && isFresh && state.breakers.admits(name, now))
        found.push(`${name} is ${verdict.state}, and let in`);
      const gate = { breakerMode: "on", now: () => now, random: () => 0.5 } as const;
      const admitted = state.gates.admission(gate, name, "first").kind === "admitted";
      if (keepsOut && isFresh && admitted) found.push(`${name} is ${verdict.state}, and an attempt admitted`);
    }
    return found;
  }

  /** The most probes that lived at a time are too many, were the clock never moved. */
  get hasTooManyProbes(): boolean {
    return this.witness.mostLive > (this.clockMovedAt > 0 ? 2 : 1) * MOST_PROBES;
  }

  #isolate(): SimulatedIsolate {
    const { scheduler, random, database } = this;
    const colo = this.#made++ % COLOS;
    const id = Array.from({ length: 4 }, () => random.uint32().toString(16).padStart(8, "0")).join("");
    const hint = HINTS[colo % HINTS.length] ?? "enam";
    const call: ConstructorParameters<typeof SimulatedIsolate>[0]["call"] = (
      name,
      _station,
      report,
      heldMs,
      bulk,
      ms,
    ) => this.exchange(name, report, heldMs, bulk, ms);
    const way = { scheduler, random, database, copies: this.#copies, call };
    return new SimulatedIsolate(way, { id, host: "simulated", colo: `colo-${colo}`, hint });
  }

  #plan(): void {
    const { isolates, requestsPerSecond, fresh } = this.#visitors;
    const gapMs = (-1_000 * Math.log(1 - this.random.next())) / (requestsPerSecond * (fresh ? 1 : isolates));
    this.scheduler.after(gapMs, () => {
      this.#plan();
      if (fresh) {
        this.isolates.push(this.#isolate());
        if (this.isolates.length > 20) this.isolates.shift(); // the runtime ends it; what it sent is on its way
      }
      const isolate = this.isolates[fresh ? this.isolates.length - 1 : Math.floor(this.random.next() * isolates)];
      if (isolate) this.scheduler.background(isolate.request());
    });
  }
}
