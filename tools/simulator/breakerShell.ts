import { WorldBreaker } from "../../src/breaker/worldBreaker.ts";
import { MAX_DIGEST_CHARS, PROBE_DEADLINE_MS } from "../../src/rpc/constants.ts";
import { breakerDigestSchema } from "../../src/rpc/digest.ts";
import { readMessage } from "../../src/rpc/readMessage.ts";
import { askProber, type ProberWay } from "./askProber.ts";
import type { LeaseWitness } from "./leaseWitness.ts";
import type { ObjectContext } from "./simulatedObject.ts";

/** As in `objects/circuitBreaker.ts`. */
const MAX_PROBES_AN_ALARM = 3;

/** The shell of `objects/circuitBreaker.ts` in virtual time. */
export class BreakerShell {
  readonly #context: ObjectContext;
  readonly #way: ProberWay;
  readonly #witness: LeaseWitness;
  readonly world: WorldBreaker;

  constructor(context: ObjectContext, way: ProberWay, witness: LeaseWitness) {
    this.#context = context;
    this.#way = way;
    this.#witness = witness;
    this.world = new WorldBreaker(way.database.nodes, context.storage.rows, way.scheduler.now());
  }

  async digest(text: string): Promise<string> {
    const digest = readMessage(breakerDigestSchema, text, MAX_DIGEST_CHARS);
    if (!digest) throw new Error("This is no digest that this version understands.");
    const now = this.#way.scheduler.now();
    for (const { settle } of digest.reports) for (const { lease } of settle) this.#witness.settled(lease);
    const answer = this.world.digest(digest, now, this.#random);
    this.#keep();
    this.#witness.answered(answer, now);
    return JSON.stringify(answer);
  }

  async alarm(): Promise<void> {
    const { now } = this.#way.scheduler;
    this.#context.storage.rang();
    this.#context.storage.setAlarm(now() + PROBE_DEADLINE_MS);
    for (let round = 0; round < MAX_PROBES_AN_ALARM; round++) {
      const leases = this.world.ownProbes(now(), this.#random);
      this.#keep();
      this.#witness.grantedLeases(leases, now());
      if (leases.length === 0) break;
      const asked = leases.map(({ node }) => node);
      const answers = await this.#context.whileAlive(() => askProber(this.#way, asked, "probe"));
      for (const { id, node, epoch } of leases) {
        const outcome = answers.find((answer) => answer.node === node)?.outcome;
        if (outcome === undefined) continue; // the lease runs out by itself
        this.#witness.settled(id);
        this.world.settle({ lease: id, node, epoch, outcome }, now(), this.#random());
      }
      this.#keep();
    }
    this.#keep();
  }

  readonly #random = (): number => this.#way.random.next();

  #keep(): void {
    const now = this.#way.scheduler.now();
    this.#context.storage.mustRing(this.world.alarmAt(now), now);
    this.#context.storage.save(this.world.toRows(now));
  }
}
