import { DurableObject } from "cloudflare:workers";
import { BulkTotals } from "../src/collector/bulkTotals.ts";
import { CollectorCore, type OwnerName } from "../src/collector/collectorCore.ts";
import { type Called, callObject } from "../src/rpc/callObject.ts";
import { DIGEST_DEADLINE_MS } from "../src/rpc/constants.ts";
import { type CollectorStub, type ObjectBindings, OWNER_NAMES } from "../src/rpc/stubs.ts";
import { ownersHint } from "./objectNodes.ts";
import { RowStore } from "./rowStore.ts";

/**
 * Where isolates of one region report: composes what they say for the owners, and hands on what those decided. Owns no
 * decision; no alarm and no timer keeps it in memory, and it may vanish between any two messages.
 */
export class Collector extends DurableObject<object> implements CollectorStub {
  readonly #core: CollectorCore;
  readonly #bulk: BulkTotals;
  readonly #memory = { quotaUntil: 0 };
  readonly #bindings: ObjectBindings;

  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env);
    this.#bindings = env as ObjectBindings;
    const rows = new RowStore(ctx.storage);
    const bulk = new BulkTotals(rows.rows, rows);
    this.#bulk = bulk;
    this.#core = new CollectorCore({
      name: ctx.id.name ?? "collector",
      now: Date.now,
      random: Math.random,
      ask: (owner, digest) => this.#ask(owner, digest),
      waitUntil: (work) => ctx.waitUntil(work),
      takeBulk: (reporter, text, isLeaving) => bulk.take(reporter, text, Date.now(), isLeaving),
      refused: (reason) => bulk.own.counter("breakwater_reports_refused_total", { reason }).add(),
    });
  }

  exchange(report: string, heldMs: number, bulk?: string): Promise<string> {
    return this.#core.exchange(report, heldMs, bulk);
  }

  async totals(): Promise<string> {
    const now = Date.now();
    const checkpointAgeMs = this.#bulk.checkpointAgeMs(now);
    return JSON.stringify({ data: this.#bulk.data(now), checkpointAgeMs, reporters: this.#core.stats().reporters });
  }

  async stats(): Promise<string> {
    return JSON.stringify({ ...this.#core.stats(), checkpointAgeMs: this.#bulk.checkpointAgeMs(Date.now()) });
  }

  #ask(owner: OwnerName, digest: string): Promise<Called<string>> {
    return callObject(
      () => this.#stub(owner),
      (stub) => stub.digest(digest),
      { deadlineMs: DIGEST_DEADLINE_MS, now: Date.now, random: Math.random, memory: this.#memory },
    );
  }

  #stub(owner: OwnerName): { digest(text: string): Promise<string> } {
    const options = { locationHint: ownersHint(this.env) };
    switch (owner) {
      case "breaker":
        return this.#bindings.CIRCUIT_BREAKER.getByName(OWNER_NAMES.breaker, options);
      case "replicas":
        return this.#bindings.REPLICA_COORDINATOR.getByName(OWNER_NAMES.replicas, options);
      case "cache":
        return this.#bindings.CACHE_COORDINATOR.getByName(OWNER_NAMES.cache, options);
      default:
        return owner satisfies never;
    }
  }
}
