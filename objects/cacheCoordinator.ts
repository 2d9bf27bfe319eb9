import { DurableObject } from "cloudflare:workers";
import type * as z from "zod/mini";
import { BumpLog } from "../src/cache/bumpLog.ts";
import { CopyBook } from "../src/cache/heat/copyBook.ts";
import { RefreshLeases } from "../src/cache/refreshLeases.ts";
import { hotKeyOf } from "../src/cache/warm/hotKeyOf.ts";
import { WarmingClaims } from "../src/cache/warm/warmingClaims.ts";
import { MAX_DIGEST_CHARS, MAX_REPORT_CHARS, PROBE_DEADLINE_MS } from "../src/rpc/constants.ts";
import { cacheDigestSchema } from "../src/rpc/digest.ts";
import type { BumpsPart } from "../src/rpc/parts.ts";
import { readMessage } from "../src/rpc/readMessage.ts";
import {
  heatQuestionSchema,
  leaseQuestionSchema,
  type Published,
  type Purged,
  publicationSchema,
  purgeOrderSchema,
  warmedSchema,
} from "../src/rpc/refreshLease.ts";
import type { CacheCoordinatorStub } from "../src/rpc/stubs.ts";
import { AlarmClock } from "./alarmClock.ts";
import { CronRuns } from "./cronRuns.ts";
import { objectNodes } from "./objectNodes.ts";
import { askNodes } from "./prober.ts";
import { RowStore } from "./rowStore.ts";

/** A digest that waits for a look waits this long: its Collector waits for 500 ms, and may be a continent away. */
const LOOK_WAIT_MS = 250;

/**
 * What writes touched, in the world's order; who loads what, what is hot and where its newest copies are; and the journal
 * of cron runs. One object, beside the primary.
 */
export class CacheCoordinator extends DurableObject<object> implements CacheCoordinatorStub {
  readonly #rows: RowStore;
  readonly #bumps: BumpLog;
  readonly #leases: RefreshLeases;
  readonly #copies: CopyBook;
  readonly #claims = new WarmingClaims();
  readonly #runs: CronRuns;
  readonly #alarm: AlarmClock;
  readonly #memory = { quotaUntil: 0 };
  /** When the questions under way left: expires, since they may die with their event. */
  #lookingSince: number | undefined;

  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env);
    this.#rows = new RowStore(ctx.storage);
    this.#alarm = new AlarmClock(ctx.storage);
    const now = Date.now();
    this.#bumps = new BumpLog(this.#rows.rows, now, objectNodes(env));
    this.#leases = new RefreshLeases(this.#rows.rows);
    this.#copies = new CopyBook(this.#rows.rows, now);
    this.#runs = new CronRuns(this.#rows);
  }

  /**
   * Bumps in, numbered and durable before they are told; what came after `haveSeq` out, and the crons' heartbeat. Nodes
   * are looked at behind the answer; before it, for a moment, where no bump waits to be acknowledged and nobody proves
   * anything, or nothing is live: else all isolates would hear of the cover, or of what was written past them, an exchange
   * later.
   */
  async digest(text: string): Promise<string> {
    const digest = readMessage(cacheDigestSchema, text, MAX_DIGEST_CHARS);
    if (!digest) throw new Error("This is no digest that this version understands.");
    const now = Date.now();
    const { part } = this.#bumps.digest(digest, now);
    this.#copies.heated(digest.heat, now);
    this.#copies.missed(digest.misses ?? [], now);
    this.#keep();
    const looked = this.#look();
    this.ctx.waitUntil(looked);
    const canWait = digest.bumps.length === 0 && (part.cover.length === 0 || part.live.length === 0);
    if (canWait) await Promise.race([looked, sleep(LOOK_WAIT_MS)]);
    const told = canWait ? this.#bumps.part(Date.now(), digest.haveSeq) : part;
    return JSON.stringify({ part: this.#whole(told, now) });
  }

  async admin(): Promise<string> {
    const now = Date.now();
    const { buckets, live, recent, purged, ...part } = this.#bumps.part(now);
    return JSON.stringify({
      ...part,
      buckets: buckets.length,
      liveBumps: live.length,
      recentBumps: recent?.length,
      purgedBuckets: purged?.length,
      foreignMarks: this.#bumps.foreign,
      leases: { held: this.#leases.held(now), keys: this.#leases.keys },
      warmingKeys: this.#claims.held(now),
      hot: this.#copies.admin(now),
    });
  }

  /** Who may load a key anew. Stored is nothing of it but that this instance gives leases, once. */
  async lease(text: string): Promise<string> {
    const answer = this.#leases.ask(read(leaseQuestionSchema, text), Date.now());
    this.#rows.save(this.#leases.toRows());
    return JSON.stringify(answer);
  }

  async publish(text: string): Promise<string> {
    const now = Date.now();
    const publication = read(publicationSchema, text);
    if (publication.isUnwritten) {
      this.#copies.unwritten(publication);
      this.#rows.save(this.#copies.toRows(now));
      return JSON.stringify({ mayWrite: false, isChanged: false } satisfies Published);
    }
    const willWrite = this.#copies.isWriteDue(publication, now);
    const isLast = this.#leases.publish({ ...publication, willWrite }, now);
    const mayWrite = isLast && willWrite;
    const isChanged = isLast && this.#copies.published({ ...publication, willWrite }, now);
    this.#rows.save(this.#copies.toRows(now));
    const kvWritesLeft = this.#copies.kvWritesLeft(now, publication.kvWritesADay);
    return JSON.stringify({ mayWrite, isChanged, kvWritesLeft } satisfies Published);
  }

  async heat(text: string): Promise<string> {
    const now = Date.now();
    const question = read(heatQuestionSchema, text, MAX_DIGEST_CHARS);
    const { claim } = question;
    const answer = this.#copies.heat(question, now);
    if (!claim) return JSON.stringify(answer);
    const known = new Map(answer.keys.map((each) => [each.key, each]));
    const keys = (claim.keys ?? [...known.keys()]).map((key) => hotKeyOf(key, known.get(key)));
    return JSON.stringify({ ...answer, ...this.#claims.take(claim, keys, now) });
  }

  async warmed(text: string): Promise<string> {
    const now = Date.now();
    const told = read(warmedSchema, text, 2 * MAX_DIGEST_CHARS);
    if (told.run !== undefined) this.#claims.release(told.run);
    this.#copies.warmed(told, now);
    for (const { key, hash, loadedAt, isWritten } of told.copies) {
      if (isWritten) this.#leases.publish({ key, hash, loadedAt, lease: "" }, now);
    }
    this.#rows.save(this.#copies.toRows(now, false)); // once a run: the next one is planned by it
    return JSON.stringify({});
  }

  async purge(text: string): Promise<string> {
    const now = Date.now();
    const seq = this.#bumps.purge(read(purgeOrderSchema, text), now);
    this.#keep();
    return JSON.stringify({ seq, part: this.#whole(this.#bumps.part(now), now) } satisfies Purged);
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
    const { nodes, ...wanted } = question;
    const { answers } = await askNodes(this.ctx, nodes, this.#memory, wanted);
    if (this.#lookingSince === startedAt) this.#lookingSince = undefined;
    const samples = answers.flatMap(({ sample }) => sample ?? []);
    this.#bumps.looked(samples, startedAt, Date.now());
    this.#keep();
  }

  /** What is told beside the bumps. */
  #whole(part: BumpsPart, now: number): BumpsPart {
    return { ...part, runway: this.#copies.runway(now), crons: this.#runs.beats(now) };
  }

  #keep(): void {
    const now = Date.now();
    this.#alarm.mustRing(this.#bumps.alarmAt(now), now);
    this.#rows.save([...this.#bumps.toRows(), ...this.#copies.toRows(now)]);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A message of `refreshLease.ts`. Throws on what is none. */
function read<S extends z.ZodMiniType>(schema: S, text: string, maxChars: number = MAX_REPORT_CHARS): z.output<S> {
  const message = readMessage(schema, text, maxChars);
  if (message === undefined) throw new Error("This is no message that this version understands.");
  return message;
}
