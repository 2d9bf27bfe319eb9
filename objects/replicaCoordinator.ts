import { DurableObject } from "cloudflare:workers";
import type { PendingEpoch } from "../src/replicas/lineage.ts";
import { WorldReplicas } from "../src/replicas/worldReplicas.ts";
import { MAX_DIGEST_CHARS, MAX_REPORT_CHARS, PROBE_DEADLINE_MS } from "../src/rpc/constants.ts";
import { replicasDigestSchema } from "../src/rpc/digest.ts";
import { readMessage } from "../src/rpc/readMessage.ts";
import { replicaOrderSchema } from "../src/rpc/replicaOrder.ts";
import type { ReplicaCoordinatorStub } from "../src/rpc/stubs.ts";
import { AlarmClock } from "./alarmClock.ts";
import { objectNodes } from "./objectNodes.ts";
import { askNodes } from "./prober.ts";
import { RowStore } from "./rowStore.ts";

/**
 * A digest that has to wait for samples waits this long: its Collector waits for 500 ms, and may be a continent away.
 * While there is no primary, whoever asks is so held at the door: nobody hears of the new one sooner.
 */
const SAMPLE_WAIT_MS = 250;

/** The world's map of the database: roles, epoch, positions. One object, beside the primary. */
export class ReplicaCoordinator extends DurableObject<object> implements ReplicaCoordinatorStub {
  readonly #rows: RowStore;
  readonly #names: readonly string[];
  readonly #world: WorldReplicas;
  readonly #alarm: AlarmClock;
  readonly #memory = { quotaUntil: 0 };
  /** The orders under way, one after another: what one began another may withdraw. */
  #orders: Promise<unknown> = Promise.resolve();
  /** The questions under way, and since when: expires, since they may die with their event. */
  #sampling: { readonly since: number; readonly done: Promise<void> } | undefined;

  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env);
    this.#rows = new RowStore(ctx.storage);
    this.#alarm = new AlarmClock(ctx.storage);
    const nodes = objectNodes(env);
    this.#names = nodes.map(({ name }) => name);
    this.#world = new WorldReplicas(nodes, this.#rows.rows, Date.now());
  }

  /** Samples and verdicts in, the map out. Looks at the nodes when it is time; waits for that only where it must. */
  async digest(text: string): Promise<string> {
    const digest = readMessage(replicasDigestSchema, text, MAX_DIGEST_CHARS);
    if (!digest) throw new Error("This is no digest that this version understands.");
    this.#world.digest(digest, Date.now());
    this.#keep();
    const sampled = this.#sample();
    if (this.#world.isUrgent) await Promise.race([sampled, sleep(SAMPLE_WAIT_MS)]);
    return JSON.stringify(this.#world.answer(Date.now()));
  }

  async admin(): Promise<string> {
    const now = Date.now();
    const agoMs = (at: number) => Math.max(0, now - at);
    const orders = this.#world.orders.map(({ at, order }) => ({ ...order, agoMs: agoMs(at) }));
    const epochs = this.#world.epochs.map(({ at, ...epoch }) => ({ ...epoch, agoMs: agoMs(at) }));
    return JSON.stringify({ ...this.#world.part(now), orders, epochs, line: this.#world.line });
  }

  /** An operator's order, durable before it is answered; after those before it. Throws on what is none. */
  order(text: string): Promise<string> {
    const before = this.#orders;
    // One whose event died has no end.
    const outcome = Promise.race([before, sleep(2 * PROBE_DEADLINE_MS)]).then(() => this.#obey(text));
    this.#orders = outcome.catch(() => {});
    return outcome;
  }

  async #obey(text: string): Promise<string> {
    const order = readMessage(replicaOrderSchema, text, MAX_REPORT_CHARS);
    if (!order) throw new Error("This is no order that this version understands.");
    const isOfPrimary = order.kind === "primary";
    if (isOfPrimary) await this.#askAll();
    let outcome = this.#world.obey(order, Date.now());
    this.#keep();
    const pending = this.#world.pendingEpoch;
    if (outcome.kind === "beginning" && pending) {
      await this.#askAll(pending);
      this.#keep();
      outcome = this.#world.primaryOutcome(order.node);
    }
    return JSON.stringify(outcome);
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    this.#alarm.setFor(Date.now() + PROBE_DEADLINE_MS); // should this run not come to its end
    await this.#sample();
    this.#keep();
  }

  /** Looks at the nodes where it is time, or waits for whoever does already. */
  #sample(): Promise<void> {
    const now = Date.now();
    if (this.#isSampling) return this.#sampling?.done ?? Promise.resolve();
    const due = this.#world.dueSamples(now);
    return due.length === 0 ? Promise.resolve() : this.#alone(now, this.#look(due));
  }

  /**
   * For an operator: all of them, whether or not it is time. After whoever looks already: an answer to an earlier question
   * that came after one to a later one would be a log that went back.
   */
  async #askAll(pending?: PendingEpoch): Promise<void> {
    while (this.#sampling && this.#isSampling) {
      const leftMs = this.#sampling.since + PROBE_DEADLINE_MS - Date.now();
      await Promise.race([this.#sampling.done.catch(() => {}), sleep(leftMs)]);
    }
    const now = Date.now();
    this.#world.beginRound(this.#names, now);
    await this.#alone(now, this.#round(this.#names, pending && { pending }));
  }

  get #isSampling(): boolean {
    return this.#sampling !== undefined && Math.abs(Date.now() - this.#sampling.since) < PROBE_DEADLINE_MS;
  }

  #alone(since: number, done: Promise<void>): Promise<void> {
    const sampling = { since, done };
    this.#sampling = sampling;
    return done.finally(() => {
      if (this.#sampling === sampling) this.#sampling = undefined;
    });
  }

  async #look(due: readonly string[]): Promise<void> {
    await this.#round(due, { watchMs: this.#world.watchMs(Date.now()) });
    const pending = this.#world.pendingEpoch;
    if (pending) {
      this.#keep(); // an epoch's number is given once: before its node hears of it
      await this.#round([pending.node], { pending }); // a frozen one would only hold it up
    }
    this.#keep();
  }

  /** Asks these nodes, after one of them was told of its epoch; or stays with them until one takes writes. */
  async #round(
    nodes: readonly string[],
    { pending, watchMs }: { readonly pending?: PendingEpoch; readonly watchMs?: number | undefined } = {},
  ): Promise<void> {
    const { answers, begun } = await askNodes(this.ctx, nodes, this.#memory, { begin: pending, watchMs });
    const now = Date.now();
    if (pending) this.#world.toldEpoch(pending, begun ?? "unknown", now);
    // No answer at all is the Prober's silence, and says nothing of the nodes.
    const samples = answers.flatMap(({ sample }) => sample ?? []);
    if (answers.length === 0) this.#world.unanswered(now);
    else this.#world.sampled(samples, now);
  }

  #keep(): void {
    const now = Date.now();
    this.#alarm.mustRing(this.#world.alarmAt(now), now);
    this.#rows.save(this.#world.toRows());
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
