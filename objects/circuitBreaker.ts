import { DurableObject } from "cloudflare:workers";
import type * as z from "zod/mini";
import { breakerAdmin } from "../src/breaker/breakerAdmin.ts";
import { WorldBreaker } from "../src/breaker/worldBreaker.ts";
import {
  holdOrderSchema,
  type OrderOutcome,
  reincarnateOrderSchema,
  releaseOrderSchema,
} from "../src/rpc/breakerOrder.ts";
import { MAX_DIGEST_CHARS, MAX_REPORT_CHARS, PROBE_DEADLINE_MS } from "../src/rpc/constants.ts";
import { breakerDigestSchema } from "../src/rpc/digest.ts";
import { readMessage } from "../src/rpc/readMessage.ts";
import type { CircuitBreakerStub } from "../src/rpc/stubs.ts";
import { AlarmClock } from "./alarmClock.ts";
import { objectNodes } from "./objectNodes.ts";
import { askNodes } from "./prober.ts";
import { RowStore } from "./rowStore.ts";

/** Probes in one alarm: enough good ones to close, and one to see that it is so. */
const MAX_PROBES_AN_ALARM = 3;

/** The world's breaker state, its leases and the health cache. One object, beside the primary. */
export class CircuitBreaker extends DurableObject<object> implements CircuitBreakerStub {
  readonly #rows: RowStore;
  readonly #world: WorldBreaker;
  readonly #alarm: AlarmClock;
  readonly #memory = { quotaUntil: 0 };

  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env);
    this.#rows = new RowStore(ctx.storage);
    this.#alarm = new AlarmClock(ctx.storage);
    const nodes = objectNodes(env).map(({ name }) => name);
    this.#world = new WorldBreaker(nodes, this.#rows.rows, Date.now());
  }

  /** Evidence in; verdicts and leases out, durable before they are told. Throws on what is no digest. */
  async digest(text: string): Promise<string> {
    const digest = readMessage(breakerDigestSchema, text, MAX_DIGEST_CHARS);
    if (!digest) throw new Error("This is no digest that this version understands.");
    const answer = this.#world.digest(digest, Date.now(), Math.random);
    this.#keep();
    return JSON.stringify(answer);
  }

  async admin(): Promise<string> {
    return JSON.stringify(breakerAdmin(this.#world, Date.now()));
  }

  async hold(text: string): Promise<string> {
    return this.#obey(text, holdOrderSchema, (order, now) => this.#world.hold(order, now));
  }

  async release(text: string): Promise<string> {
    return this.#obey(text, releaseOrderSchema, (order, now) => this.#world.release(order, now));
  }

  async reincarnate(text: string): Promise<string> {
    return this.#obey(text, reincarnateOrderSchema, (order, now) => this.#world.reincarnate(order, now));
  }

  /** Probes that no visitor's isolate took. Never throws: the platform would give up after six times. */
  override async alarm(): Promise<void> {
    this.#alarm.rang();
    this.#alarm.setFor(Date.now() + PROBE_DEADLINE_MS); // should this run not come to its end
    for (let round = 0; round < MAX_PROBES_AN_ALARM; round++) {
      const leases = this.#world.ownProbes(Date.now(), Math.random);
      this.#keep();
      if (leases.length === 0) break;
      const asked = leases.map(({ node }) => node);
      const { answers } = await askNodes(this.ctx, asked, this.#memory);
      for (const { id, node, epoch } of leases) {
        const outcome = answers.find((answer) => answer.node === node)?.outcome;
        // Without an answer the lease runs out by itself: that is the pause before the next try.
        if (outcome !== undefined) this.#world.settle({ lease: id, node, epoch, outcome }, Date.now(), Math.random());
      }
      this.#keep();
    }
    this.#keep();
  }

  /** An order, durable before it is answered. Throws on what is none. */
  #obey<S extends z.ZodMiniType>(
    text: string,
    schema: S,
    obey: (order: z.output<S>, now: number) => OrderOutcome,
  ): string {
    const order = readMessage(schema, text, MAX_REPORT_CHARS);
    if (!order) throw new Error("This is no order that this version understands.");
    const outcome = obey(order, Date.now());
    this.#keep();
    return JSON.stringify(outcome);
  }

  #keep(): void {
    const now = Date.now();
    this.#alarm.mustRing(this.#world.alarmAt(now), now);
    this.#rows.save(this.#world.toRows(now));
  }
}
