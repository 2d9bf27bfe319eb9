import { DurableObject } from "cloudflare:workers";
import { BumpLog } from "../src/cache/bumpLog.ts";
import { MAX_DIGEST_CHARS, MAX_REPORT_CHARS, PROBE_DEADLINE_MS } from "../src/rpc/constants.ts";
import { cacheDigestSchema } from "../src/rpc/digest.ts";
import { readMessage } from "../src/rpc/readMessage.ts";
import { purgeOrderSchema } from "../src/rpc/refreshLease.ts";
import type { CacheCoordinatorStub } from "../src/rpc/stubs.ts";
import { AlarmClock } from "./alarmClock.ts";
import { CronRuns } from "./cronRuns.ts";
import { objectNodes } from "./objectNodes.ts";
import { askNodes } from "./prober.ts";
import { RowStore } from "./rowStore.ts";

/** What writes touched, in the world's order; and the journal of cron runs. One object, beside the primary. */
export class CacheCoordinator extends DurableObject<object> implements CacheCoordinatorStub {
  readonly #rows: RowStore;
  readonly #bumps: BumpLog;
  readonly #runs: CronRuns;
  readonly #alarm: AlarmClock;
  readonly #memory = { quotaUntil: 0 };
  /** When the questions under way left: expires, since they may die with their event. */
  #lookingSince: number | undefined;

  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env);
    this.#rows = new RowStore(ctx.storage);
    this.#alarm = new AlarmClock(ctx.storage);
    this.#bumps = new BumpLog(this.#rows.rows, Date.now(), objectNodes(env));
    this.#runs = new CronRuns(this.#rows);
  }

  /**
   * Bumps in, numbered and durable before they are told; what came after `haveSeq` out, and the crons' heartbeat. Nodes
   * are looked at behind the answer.
   */
  async digest(text: string): Promise<string> {
    const digest = readMessage(cacheDigestSchema, text, MAX_DIGEST_CHARS);
    if (!digest) throw new Error("This is no digest that this version understands.");
    const now = Date.now();
    const { part } = this.#bumps.digest(digest, now);
    this.#keep();
    this.ctx.waitUntil(this.#look());
    return JSON.stringify({ part: { ...part, crons: this.#runs.beats(now) } });
  }

  async admin(): Promise<string> {
    const { buckets, live, ...part } = this.#bumps.part(Date.now());
    return JSON.stringify({ ...part, buckets: buckets.length, liveBumps: live.length });
  }

  async purge(text: string): Promise<string> {
    const order = readMessage(purgeOrderSchema, text, MAX_REPORT_CHARS);
    if (!order) throw new Error("This is no order that this version understands.");
    const seq = this.#bumps.purge(order, Date.now());
    this.#keep();
    return JSON.stringify({ seq });
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

  /** Looks for live bumps on the nodes. Never throws: the platform would give up after six times. */
  override async alarm(): Promise<void> {
    this.#alarm.rang();
    this.#alarm.setFor(Date.now() + PROBE_DEADLINE_MS); // should this run not come to its end
    await this.#look();
    this.#keep();
  }

  /** Asks the nodes where it is time, unless somebody does already. */
  async #look(): Promise<void> {
    const startedAt = Date.now();
    const since = this.#lookingSince;
    if (since !== undefined && Math.abs(startedAt - since) < PROBE_DEADLINE_MS) return;
    const question = this.#bumps.look(startedAt);
    if (!question) return;
    this.#lookingSince = startedAt;
    const { nodes, marks } = question;
    const { answers } = await askNodes(this.ctx, nodes, this.#memory, { marks });
    if (this.#lookingSince === startedAt) this.#lookingSince = undefined;
    const samples = answers.flatMap(({ sample }) => sample ?? []);
    this.#bumps.looked(samples, startedAt, Date.now());
    this.#keep();
  }

  #keep(): void {
    const now = Date.now();
    this.#alarm.mustRing(this.#bumps.alarmAt(now), now);
    this.#rows.save(this.#bumps.toRows());
  }
}
