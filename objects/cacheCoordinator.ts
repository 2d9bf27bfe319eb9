import { DurableObject } from "cloudflare:workers";
import { BumpLog } from "../src/cache/bumpLog.ts";
import { MAX_DIGEST_CHARS } from "../src/rpc/constants.ts";
import { cacheDigestSchema } from "../src/rpc/digest.ts";
import { readMessage } from "../src/rpc/readMessage.ts";
import type { CacheCoordinatorStub } from "../src/rpc/stubs.ts";
import { CronRuns } from "./cronRuns.ts";
import { RowStore } from "./rowStore.ts";

/** What writes touched, in the world's order; and the journal of cron runs. One object, beside the primary. */
export class CacheCoordinator extends DurableObject<object> implements CacheCoordinatorStub {
  readonly #rows: RowStore;
  readonly #bumps: BumpLog;
  readonly #runs: CronRuns;

  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env);
    this.#rows = new RowStore(ctx.storage);
    this.#bumps = new BumpLog(this.#rows.rows, Date.now());
    this.#runs = new CronRuns(this.#rows);
  }

  /** Bumps in, numbered and durable before they are told; what came after `haveSeq` out, and the crons' heartbeat. */
  async digest(text: string): Promise<string> {
    const digest = readMessage(cacheDigestSchema, text, MAX_DIGEST_CHARS);
    if (!digest) throw new Error("This is no digest that this version understands.");
    const now = Date.now();
    const { part } = this.#bumps.digest(digest, now);
    this.#rows.save(this.#bumps.toRows());
    return JSON.stringify({ part: { ...part, crons: this.#runs.beats(now) } });
  }

  async admin(): Promise<string> {
    const { buckets, live, ...part } = this.#bumps.part();
    return JSON.stringify({ ...part, buckets: buckets.length, liveBumps: live.length });
  }

  async beginRun(text: string): Promise<string> {
    return this.#runs.begin(text, Date.now());
  }

  async endRun(text: string): Promise<string> {
    return this.#runs.end(text, Date.now());
  }

  async runs(): Promise<string> {
    return this.#runs.view(Date.now());
  }
}
